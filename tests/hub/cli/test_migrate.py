"""`hub migrate`: up, down, up again, and a table in use makes it give up without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from click.testing import CliRunner

from hub.cli import migrate as command
from hub.cli.main import cli
from hub.db.migrate import current_revision, head_revision

if TYPE_CHECKING:
    import pytest
    from click.testing import Result

    from config.settings import Settings


def run(settings: Settings, *arguments: str) -> Result:
    environ = {
        "HUB_HOME": str(settings.home),
        "DATABASE_URL": settings.database_urls["owner"],
        "REDIS_URL": settings.redis_url,
        "SMTP_URL": settings.smtp_url,
        "HUB_SECRET_KEYS": settings.secret_keys[0],
    }
    return CliRunner().invoke(cli, ["migrate", *arguments], env=environ)


def test_it_goes_down_and_up_and_says_where_it_is(settings: Settings) -> None:
    down = run(settings, "--down-to", "base")
    assert (down.exit_code, down.output) == (0, "The database is at revision none.\n")
    up = run(settings)
    assert (up.exit_code, up.output) == (0, f"The database is at revision {head_revision()}.\n")
    assert run(settings).output == up.output, "a second time changes nothing"


def test_a_table_in_use_is_left_to_its_users(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "TRIES", 1)
    with psycopg.connect(settings.database_urls["owner"]) as reader:
        reader.execute("LOCK TABLE events IN ACCESS SHARE MODE")
        refused = run(settings, "--down-to", "base")
    assert refused.exit_code == 1
    assert "The migration was undone: canceling statement due to lock timeout" in refused.output
    assert current_revision(settings) is not None
    with psycopg.connect(settings.database_urls["owner"]) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)
    assert run(settings).exit_code == 0
    assert current_revision(settings) == head_revision()
