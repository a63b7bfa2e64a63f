"""The work in the background: it may die anywhere, run twice, or be taken from a worker that sleeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from hub.imports import steps, working
from hub.imports.commands import importing
from hub.imports.people import People
from hub.imports.working import work
from tests.hub.imports.conftest import as_csv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.hub.imports.conftest import Desk

PEOPLE = 40


class DiedError(BaseException):
    """The process ends here; no ``except Exception`` may see it."""


def content_for(desk: Desk, people: int = PEOPLE) -> bytes:
    return as_csv(
        [(f"Orang {n}", f"orang{n}@example.id", desk.cast.host.name, "Staf", "", "") for n in range(people)]
    )


def due_now(desk: Desk) -> None:
    """Let every lease have ended."""
    with desk.worker.transaction() as session:
        session.execute(text("UPDATE imports SET due_at = hub_now() WHERE due_at IS NOT NULL"))


def add_pool(desk: Desk) -> None:
    with desk.app.transaction() as session:
        session.execute(
            text("INSERT INTO posts (facility_id, title, role, is_pool) VALUES (:id, 'Staf', 'pool', true)"),
            {"id": desk.cast.host.id},
        )


def test_worker_that_dies_half_way_writes_each_line_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    add_pool(desk)
    admin = desk.cast.admin.actor()
    monkeypatch.setattr(steps, "COMPARED_AT_ONCE", 15)
    monkeypatch.setattr(People, "batch", 15)
    number = desk.bring(content_for(desk), actor=admin)
    with desk.app.transaction() as session:
        importing.choose_columns(
            session,
            actor=admin,
            import_id=number,
            columns={"name": 0, "email": 1, "facility": 2, "post": 3},
        )
    dying(monkeypatch, "compare")
    with pytest.raises(DiedError):
        work(desk.worker, seconds=60)
    assert desk.count("import_rows") == 15
    assert work(desk.worker) == 0  # its lease has not ended
    due_now(desk)
    work(desk.worker, seconds=60)
    assert list(desk.verdicts(number).values()) == ["new"] * PEOPLE
    with desk.app.transaction() as session:
        importing.confirm(session, actor=admin, import_id=number)
    dying(monkeypatch, "apply")
    with pytest.raises(DiedError):
        work(desk.worker, seconds=60)
    assert desk.count("people", "email LIKE 'orang%'") == 15
    due_now(desk)
    work(desk.worker, seconds=60)
    assert desk.count("people", "email LIKE 'orang%'") == PEOPLE
    assert desk.count("deliveries", "kind = 'password'") == PEOPLE
    assert desk.see(number).state == "applied"
    assert desk.see(number).position == PEOPLE


def dying(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Let the process die in the second chunk of a step, with its transaction open."""
    real = getattr(steps, step)
    calls: list[int] = []

    def spoiled(*arguments: Any) -> int:
        came: int = real(*arguments)
        calls.append(came)
        if len(calls) == 2:
            raise DiedError
        return came

    monkeypatch.setattr(steps, step, spoiled)


def test_step_that_fails_is_counted_and_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    add_pool(desk)
    admin = desk.cast.admin.actor()
    number = desk.preview(content_for(desk, 3), actor=admin)
    with desk.app.transaction() as session:
        importing.confirm(session, actor=admin, import_id=number)

    def broken(*_arguments: object) -> Sequence[object]:
        raise ValueError("cannot digest")

    monkeypatch.setattr(People, "judge", broken)
    monkeypatch.setattr(People, "apply", broken)
    for attempts in range(1, 6):
        due_now(desk)
        work(desk.worker)
        assert desk.see(number).attempts == attempts
    one = desk.see(number)
    assert (one.state, one.due_at, one.reason) == ("failed", None, working.ABANDONED)
    assert desk.count("people", "email LIKE 'orang%'") == 0


def test_step_whose_worker_dies_each_time_is_given_up(desk: Desk) -> None:
    number = desk.bring(content_for(desk, 3), actor=desk.cast.admin.actor())
    with desk.worker.transaction() as session:
        session.execute(text("UPDATE imports SET state = 'reading', attempts = 5, due_at = hub_now()"))
    work(desk.worker)
    assert desk.see(number).state == "failed"


def test_sleeper_that_wakes_up_late_writes_nothing(desk: Desk) -> None:
    add_pool(desk)
    admin = desk.cast.admin.actor()
    number = desk.preview(content_for(desk, 3), actor=admin)
    with desk.app.transaction() as session:
        importing.confirm(session, actor=admin, import_id=number)
    with desk.worker.transaction() as session:
        session.execute(text("UPDATE imports SET attempts = 1"))
    sleeper = working.Claim(number, "applying", 1)
    work(desk.worker)
    assert working._write(desk.worker, sleeper, 0.0) == 0  # noqa: SLF001 -- woken in the midst of it
    assert desk.count("people", "email LIKE 'orang%'") == 3


def test_twenty_thousand_bad_lines_are_bounded_and_clear(desk: Desk) -> None:
    """Broken bytes, formulas, doubled addresses: a reason for each, nothing of them written."""
    unit = desk.cast.host.name
    lines = ["Nama,Surel,Unit,Jabatan,Peran", "Dédé Yusüf,dede@example.id,,,"]
    for n in range(6600):
        lines += [f"Broken \udce9 {n},b{n}@example.id,{unit},Staf,staf"]
        lines += [f"=cmd{n},f{n}@example.id,{unit},Staf,staf", f"Ganda {n},ganda@example.id,{unit},Staf,staf"]
    content = "\n".join(lines).encode("utf-8", "surrogateescape")
    people = desk.count("people")
    number = desk.preview(content, actor=desk.cast.admin.actor())
    with desk.app.transaction() as session:
        counts = importing.counts_of(session, number)
    assert counts == {"new": 2, "ambiguous": 6599, "rejected": 13_200}
    assert desk.count("import_rows", "verdict IN ('rejected', 'ambiguous') AND reason IS NULL") == 0
    assert desk.count("people") == people


def test_more_rows_than_allowed_are_refused_as_a_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(People, "most_rows", 10)
    admin = desk.cast.admin.actor()
    number = desk.bring(content_for(desk), actor=admin)
    with desk.app.transaction() as session:
        importing.choose_columns(session, actor=admin, import_id=number, columns={"name": 0, "email": 1})
    work(desk.worker)
    one = desk.see(number)
    assert (one.state, one.reason, one.reason_values) == ("failed", steps.TOO_MANY_ROWS, {"most": 10})
    assert desk.count("import_rows") == 0
