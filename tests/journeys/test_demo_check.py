"""``hub demo --check`` says yes when the visit caused what it should, and no when something is missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from hub.cli.demo.check import Found, compare, of_letters, read_expected
from hub.cli.demo.letters import Letter

ROOT = Path(__file__).resolve().parents[2]
TRUTH = ROOT / "tests" / "journeys" / "expected_fanout.json"
KEYS = [
    "ok",
    "events",
    "reactions",
    "notifications",
    "follow_ups",
    "partner_records",
    "mails",
    "lost",
    "doubled",
    "parked",
    "outcome_to_last_effect_ms",
    "seconds",
]
WHOLE = '"outcome.published": (NOTIFY, OPEN_TASKS, PARTNER_RECORD),'
DROPPED = '"outcome.published": (NOTIFY, PARTNER_RECORD),'


def check(place: Path) -> tuple[int, dict[str, Any], str]:
    """Run the check of the hub in ``place``; return its status, its last line read as JSON, and all of it."""
    done = subprocess.run(
        [sys.executable, "-m", "hub.cli.main", "demo", "--check", "--expected", str(TRUTH)],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert lines, done.stderr
    verdict = json.loads(lines[-1])
    assert list(verdict) == KEYS
    return done.returncode, verdict, done.stdout + done.stderr


def test_check_finds_nothing_lost_or_doubled() -> None:
    status, verdict, said = check(ROOT)
    assert verdict["ok"] is True, said
    assert status == 0
    assert (verdict["lost"], verdict["doubled"], verdict["parked"]) == (0, 0, 0)
    assert (verdict["events"], verdict["follow_ups"], verdict["partner_records"]) == (6, 5, 2)


def test_check_without_one_subscription_finds_what_is_lost(tmp_path: Path) -> None:
    for folder in ("hub", "workers", "config"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    table = tmp_path / "hub" / "messaging" / "subscriptions.py"
    text = table.read_text(encoding="utf-8")
    assert text.count(WHOLE) == 1
    table.write_text(text.replace(WHOLE, DROPPED), encoding="utf-8")

    status, verdict, said = check(tmp_path)
    assert verdict["ok"] is False, said
    assert status == 1
    assert verdict["lost"] > 0
    assert "lost: reaction · outcome.published · open-tasks (1)" in said
    assert verdict["follow_ups"] == 0


def test_verdict_counts_what_is_lost_and_what_came_twice() -> None:
    truth = read_expected(TRUTH)
    assert compare(truth, Found(truth), seconds=1, say=print).ok

    told = ("notify", "outcome.published", "laras@rutan-purbalingga.test")
    mailed = ("mail", "notification", "laras@rutan-purbalingga.test")
    caused = truth + Counter([told]) - Counter([mailed])
    verdict = compare(truth, Found(caused), seconds=1, say=print)
    assert (verdict.ok, verdict.lost, verdict.doubled) == (False, 1, 1)

    assert not compare(truth, Found(truth, parked=1), seconds=1, say=print).ok


def test_message_that_came_again_cannot_stand_in_for_a_lost_one() -> None:
    letters = [
        Letter(Path(name), "a@unit.test", "Kabar", message_id, "teks")
        for name, message_id in (("1.eml", "<1@hub>"), ("2.eml", "<2@hub>"), ("3.eml", "<2@hub>"))
    ]
    lines = Counter(of_letters(letters))
    assert lines["mail", "notification", "a@unit.test"] == 2
    assert lines.total() == 3
