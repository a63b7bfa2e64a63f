"""The report of a breach names who was concerned by the span, and that it was made is recorded."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from tests.hub.visits.stage import PROPOSED_AT
from tests.support.terminal import at_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hub.visits.stage import Stage

BEFORE, AFTER = PROPOSED_AT - dt.timedelta(hours=2), PROPOSED_AT + dt.timedelta(hours=2)


def report(stage: Stage, since: dt.datetime, until: dt.datetime, *more: str) -> Any:
    said = at_terminal(
        stage.settings, "privacy", "breach", "--from", since.isoformat(), "--to", until.isoformat(), *more
    )
    assert said.exit_code == 0, said.output
    return json.loads(said.output)


def names(found: Any) -> list[str]:
    return [one["email"] for one in found["concerned"]]


def test_who_was_signed_in_or_did_something_is_concerned(stage: Stage) -> None:
    stage.submit()
    found = report(stage, BEFORE, AFTER, "--how", "A laptop was stolen.")
    assert names(found) == [stage.cast.guest_head.email]
    (one,) = found["concerned"]
    assert one["reasons"] == ["was signed in", "did something"]
    assert found["facts"]["how"] == "A laptop was stolen."
    assert found["facts"]["what"] == found["facts"]["measures"] == "(to be filled in)"
    assert "password_hash" not in str(found["facts"]["which_data"])
    told = dt.datetime.fromisoformat(found["tell_by"]) - dt.datetime.fromisoformat(found["written_at"])
    assert told == dt.timedelta(hours=72)


def test_span_before_and_after_concerns_nobody(stage: Stage) -> None:
    stage.submit()
    assert names(report(stage, BEFORE - dt.timedelta(days=9), BEFORE)) == []
    late = AFTER + dt.timedelta(days=400)
    assert names(report(stage, late, late + dt.timedelta(days=1))) == []


def test_named_people_are_concerned_whatever_they_did(stage: Stage) -> None:
    stage.submit()
    who = stage.cast.host_head.email
    both = report(stage, BEFORE, AFTER, "--person", who.upper())
    assert names(both) == [stage.cast.guest_head.email, who]
    assert names(report(stage, BEFORE, AFTER, "--person", who, "--only-named")) == [who]


def test_each_report_is_recorded_without_names(stage: Stage) -> None:
    stage.submit()
    report(stage, BEFORE, AFTER)
    with stage.owner.transaction() as session:
        detail = session.execute(
            text("SELECT detail FROM audit WHERE action = 'breach.reported'")
        ).scalar_one()
    assert detail["concerned"] == 1
    assert "@" not in str(detail)


def test_file_is_for_its_owner_and_cells_are_no_formulas(stage: Stage, tmp_path: Path) -> None:
    stage.submit()
    with stage.owner.transaction() as session:
        session.execute(
            text("UPDATE people SET name = '=cmd|x' WHERE id = :id"), {"id": stage.cast.guest_head.id}
        )
    file = tmp_path / "breach.csv"
    more = ("--format", "csv", "--output", str(file))
    said = at_terminal(
        stage.settings, "privacy", "breach", "--from", BEFORE.isoformat(), "--to", AFTER.isoformat(), *more
    )
    assert "1 concerned" in said.output
    assert file.stat().st_mode & 0o777 == 0o600
    (row,) = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    assert row["name"] == "'=cmd|x"


def test_what_cannot_be_is_said_plainly(stage: Stage) -> None:
    def said(*words: str) -> Any:
        return at_terminal(stage.settings, "privacy", "breach", *words)

    turned = said("--from", AFTER.isoformat(), "--to", BEFORE.isoformat())
    assert (turned.exit_code, "after the start" in turned.output) == (1, True)
    unknown = said("--from", BEFORE.isoformat(), "--to", AFTER.isoformat(), "--person", "nobody@example.id")
    assert (unknown.exit_code, "nobody@example.id" in unknown.output) == (1, True)
    assert said("--from", "yesterday", "--to", AFTER.isoformat()).exit_code == 2
