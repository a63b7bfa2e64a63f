"""The pace divides waits in tests and is refused in production."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from config.pace import paced
from config.settings import Settings, SettingsError
from tests.support.services import SECRET_KEY


def _environment(home: Path, mode: str) -> dict[str, str]:
    return {
        "HUB_MODE": mode,
        "HUB_HOME": str(home),
        "DATABASE_URL": "postgresql://hub@/hub",
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "SMTP_URL": "smtp://127.0.0.1:9",
        "HUB_SECRET_KEYS": SECRET_KEY,
    }


def test_waits_are_divided_by_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (paced(10.0), paced(dt.timedelta(seconds=60))) == (10, dt.timedelta(seconds=60))
    monkeypatch.setenv("HUB_PACE", "10")
    assert (paced(10.0), paced(dt.timedelta(seconds=60))) == (1, dt.timedelta(seconds=6))


def test_production_has_one_pace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HUB_PACE", "10")
    fast = {"HUB_PACE": "10"}
    Settings.from_env(_environment(tmp_path, "test") | fast)
    with pytest.raises(SettingsError, match="HUB_PACE is for tests and refused in production"):
        Settings.from_env(_environment(tmp_path, "production") | fast)


@pytest.mark.parametrize("wrong", ["0", "1000", "-3", "fast"])
def test_a_wrong_pace_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong: str) -> None:
    monkeypatch.setenv("HUB_PACE", wrong)
    assert paced(10.0) == 10
    with pytest.raises(SettingsError, match="HUB_PACE must be a whole number"):
        Settings.from_env(_environment(tmp_path, "test"))
