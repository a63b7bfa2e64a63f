"""A link's token is a key: it stands in no log, whatever goes wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from config.settings import ROLES
from hub.factory import create_app
from tests.support.client import HubClient

if TYPE_CHECKING:
    import pytest

    from tests.hub.visits.stage import Stage

NOBODY_LISTENS = "postgresql://hub@127.0.0.1:9/nothing"


def test_token_is_not_logged_when_the_database_is_away(
    stage: Stage, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    path = stage.path(stage.submit()["invitation_id"])
    settings = replace(stage.settings, database_urls=dict.fromkeys(ROLES, NOBODY_LISTENS))
    with capture_logs() as logs:
        assert HubClient(create_app(settings)).get(path).status_code == 503
    assert any(line["event"] == "database.unavailable" for line in logs)
    _demand_absent(path, logs, capsys, caplog)


def test_token_is_not_logged_when_a_page_fails(
    stage: Stage,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = stage.path(stage.submit()["invitation_id"])
    monkeypatch.setattr("hub.visits.pages.invitation.kind_name", lambda *_: 1 // 0)
    with capture_logs() as logs:
        assert HubClient(stage.app).get(path).status_code == 500
    assert any(line["event"] == "request.failed" for line in logs)
    _demand_absent(path, logs, capsys, caplog)


def _demand_absent(
    path: str, logs: object, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    token = path.rpartition("/")[2]
    out, err = capsys.readouterr()
    for text in (repr(logs), out, err, caplog.text):
        assert token not in text
