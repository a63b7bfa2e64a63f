"""Everybody sees and takes along what the hub holds of them, and nothing of anybody else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from hub.privacy.register import HOLDINGS
from tests.support.client import HubClient

if TYPE_CHECKING:
    from tests.hub.visits.stage import Stage

FILE = "/me/data.json"


def rows(file: Any, table: str) -> list[dict[str, Any]]:
    (holding,) = [one for one in file["holdings"] if one["table"] == table]
    return list(holding["rows"])


def test_file_holds_everything_of_who_asks_and_nothing_of_others(stage: Stage) -> None:
    submitted = stage.submit()
    me, other = stage.cast.guest_head, stage.cast.host_head
    host = stage.client(other)
    answer = f"invitations/{submitted['invitation_id']}/answer"
    assert host.post(answer, {"verdict": "declined", "reason": "Aula dipakai."}).status_code == 200
    browser = stage.client(me)
    response = browser.get(FILE)
    file = response.get_json()
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert {one["table"] for one in file["holdings"]} == {one.table for one in HOLDINGS if one.found_by}
    (account,) = rows(file, "people")
    assert (account["name"], account["email"]) == (me.name, me.email)
    assert [row["post_id"] for row in rows(file, "appointments")] == [me.post_id]
    assert [row["type"] for row in rows(file, "events")] == ["proposal.submitted"]
    assert rows(file, "sign_ins")
    assert rows(file, "collaborations")
    assert rows(file, "request_keys")
    whole = response.get_data(as_text=True)
    assert other.email not in whole
    assert other.name not in whole
    (theirs,) = rows(host.get(FILE).get_json(), "answers")
    assert theirs["reason"] == "Aula dipakai."


def test_no_secret_is_given_out(stage: Stage) -> None:
    browser = stage.client(stage.cast.guest_head)
    whole = browser.get(FILE).get_data(as_text=True)
    assert "argon2" not in whole
    for secret in ("password_hash", "token_hash", "code_hash", "totp_secret", "fingerprint"):
        assert f'"{secret}"' not in whole


def test_page_counts_what_the_file_holds(stage: Stage) -> None:
    stage.submit()
    browser = stage.client(stage.cast.guest_head)
    page = re.sub(r"\s+", " ", browser.get("/me/data").get_data(as_text=True))
    assert "Data tentang Anda di hub" in page
    assert "30 hari setelah sesi masuk berakhir" in page
    assert f'href="{FILE}"' in page


@pytest.mark.parametrize("path", ["/me/data", FILE])
def test_who_is_not_signed_in_is_led_to_the_sign_in(stage: Stage, path: str) -> None:
    answer = HubClient(stage.app).get(path)
    assert (answer.status_code, answer.get_data()) == (303, b"")
    assert answer.headers["Location"].startswith("/sign-in?")
