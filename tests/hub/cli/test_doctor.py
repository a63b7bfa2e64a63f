"""`hub doctor`: what is well, what is not, and how to mend it."""

from __future__ import annotations

import dataclasses
import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest
from click.testing import CliRunner

from hub.cli import checks
from hub.cli.main import cli
from tests.support.terminal import environment_of

if TYPE_CHECKING:
    from pathlib import Path

    from config.settings import Settings


def findings(settings: Settings, *only: str) -> dict[str, checks.Finding]:
    return {finding.check: finding for finding in checks.examine(settings, only)}


def execute(settings: Settings, statement: str) -> None:
    with psycopg.connect(settings.database_urls["owner"]) as connection:
        connection.execute(statement)


def test_a_fresh_database_is_well(settings: Settings) -> None:
    found = findings(settings, "database", "migrations", "clock", "broker", "lag", "disk", "secrets")
    assert {finding.status for finding in found.values()} == {"OK"}, found
    assert set(found) >= {"database", "migrations", "clock", "broker", "reactions", "deliveries"}


def test_every_finding_that_is_not_well_says_how_to_mend_it(settings: Settings) -> None:
    for finding in checks.examine(settings):
        assert finding.status == "OK" or finding.mend, finding


def test_a_silent_process_is_found_and_a_live_one_is_not(settings: Settings) -> None:
    execute(
        settings,
        "INSERT INTO heartbeats VALUES ('relay', clock_timestamp()),"
        " ('worker-mail', clock_timestamp() - interval '5 minutes')",
    )
    found = findings(settings, "processes")
    assert found["relay"].status == "OK"
    assert (found["worker-mail"].status, found["worker-mail"].says) == ("fail", "silent for 5 min")
    assert found["worker-reactions"].says == "has never shown itself"
    assert set(findings(settings, "relay")) == {"relay"}


@pytest.mark.parametrize(("mode", "status"), [("production", "fail"), ("demo", "OK"), ("test", "OK")])
def test_a_moved_clock_is_an_error_in_production_only(settings: Settings, mode: str, status: str) -> None:
    execute(settings, "UPDATE clock_offset SET offset_by = interval '-1 year'")
    asked = dataclasses.replace(settings, mode=mode)  # type: ignore[arg-type]
    assert findings(asked, "clock")["clock"].status == status


def test_late_and_parked_reactions_are_found(settings: Settings) -> None:
    execute(
        settings,
        """
        WITH happened AS (
            INSERT INTO events (type, version, subject, actor_kind, actor_label, correlation_id, data)
            VALUES ('a.b', 1, 'a/1', 'system', 'test', gen_random_uuid(), '{}') RETURNING id
        )
        INSERT INTO reactions (event_id, consumer, state, due_at, reason)
        SELECT id, consumer, state, hub_now() - interval '1 hour', reason FROM happened,
        (VALUES ('notify', 'due', NULL), ('open-tasks', 'parked', 'it fails')) AS r(consumer, state, reason)
        """,
    )
    found = [finding for finding in checks.examine(settings, ("lag",)) if finding.check == "reactions"]
    assert [(finding.status, finding.says) for finding in found] == [
        ("fail", "1 due, the oldest for 60 min"),
        ("warn", "1 parked"),
    ]


def test_a_database_behind_the_code_is_found(settings: Settings) -> None:
    execute(settings, "UPDATE alembic_version SET version_num = '0001'")
    found = findings(settings, "migrations")["migrations"]
    assert (found.status, found.mend) == ("fail", "Run: hub migrate")


def test_servers_that_do_not_answer_are_named_within_seconds(settings: Settings, tmp_path: Path) -> None:
    with socket.socket() as deaf:  # bound, but nobody listens
        deaf.bind(("127.0.0.1", 0))
        port = deaf.getsockname()[1]
        away = dataclasses.replace(
            settings,
            database_urls=dict.fromkeys(settings.database_urls, f"postgresql://hub@127.0.0.1:{port}/hub"),
            redis_url=f"redis://127.0.0.1:{port}/0",
            smtp_url=f"smtp://127.0.0.1:{port}",
            base_url=f"http://localhost:{port}",
            home=tmp_path / "not" / "there",
        )
        found = findings(away)
    statuses = {name: finding.status for name, finding in found.items()}
    assert statuses == dict.fromkeys(
        ("database", "migrations", "clock", "broker", "processes", "lag", "audit", "mail", "web"), "fail"
    ) | {"tls": "OK", "disk": "OK", "secrets": "OK"}


def test_keys_that_others_can_read_are_found(settings: Settings) -> None:
    path = settings.home / "secrets" / "secret_keys"
    path.parent.mkdir()
    path.write_text("k" * 40, encoding="ascii")
    path.chmod(0o644)
    assert findings(settings, "secrets")["secrets"].mend == f"Run: chmod 600 {path}"


def test_without_settings_it_says_so_and_is_critical(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        cli, ["doctor", "--json"], env={"HUB_HOME": str(tmp_path), "DATABASE_URL": None}
    )
    told = json.loads(done.output)
    assert done.exit_code == 2
    assert told["ok"] is False
    assert {check["check"] for check in told["checks"]} == {"settings"}


def test_as_a_command_it_prints_lines_and_its_exit_code_is_its_verdict(settings: Settings) -> None:
    environ = environment_of(settings)
    command = [sys.executable, "-m", "hub.cli.main", "doctor", "--only", "database", "--only", "mail"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "OK    database" in done.stdout
    assert "fail  mail" in done.stdout
    assert "→ Start it, or correct SMTP_URL." in done.stdout


@pytest.mark.parametrize(
    ("statuses", "code"), [(["OK"], 0), (["OK", "warn"], 1), (["warn", "fail", "OK"], 2), ([], 0)]
)
def test_the_worst_finding_is_the_exit_code(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, statuses: list[checks.Status], code: int
) -> None:
    found = [checks.Finding("web", status, "says", "mend") for status in statuses]
    monkeypatch.setattr("hub.cli.doctor.Settings.from_env", lambda: settings)
    monkeypatch.setattr("hub.cli.doctor.examine", lambda *_: iter(found))
    lines = CliRunner().invoke(cli, ["doctor"])
    told = CliRunner().invoke(cli, ["doctor", "--json"])
    assert (lines.exit_code, told.exit_code) == (code, code)
    verdict = json.loads(told.output)
    assert (verdict["status"], verdict["ok"]) == ({0: "OK", 1: "warn", 2: "fail"}[code], code < 2)
