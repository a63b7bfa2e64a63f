"""What a worker does of imports: read, compare, apply, undo; chunk by chunk, each in one transaction.

A chunk's effect and the new position share one commit, so that whatever dies, each line is applied once and
the next worker goes on where this one ended. A try is counted before it begins; a step that fails five times
is given up with its reason.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

import structlog
from sqlalchemy import Interval, bindparam, func, select, text, update

from hub.errors import Invalid
from hub.imports import steps
from hub.imports.commands.importing import WAKE, forget_file
from hub.imports.files import open_table
from hub.imports.models import Import, ImportPart
from hub.imports.register import KINDS
from hub.imports.rules import BACKOFF, LAST_ATTEMPT, LEASE
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from hub.db.transaction import Database
    from hub.imports.files import Row

log = structlog.get_logger(__name__)

SLICE_SECONDS: Final = 4.0
"""So long a worker stays with imports before its queue has its turn."""
IN_MEMORY: Final = 1024 * 1024

ABANDONED = lazy("This step failed five times in a row (%(error)s). Tell whoever runs the hub.")

CLAIM = text(
    """
    UPDATE imports SET attempts = attempts + 1, due_at = hub_now() + :lease
    WHERE id = (SELECT id FROM imports WHERE due_at <= hub_now() ORDER BY due_at, id LIMIT 1
                FOR UPDATE SKIP LOCKED)
    RETURNING id, state, attempts
    """
).bindparams(bindparam("lease", type_=Interval))


@dataclass(frozen=True, slots=True)
class Claim:
    """An import that this worker has in its hand; state and attempts prove it."""

    id: int
    state: str
    attempts: int


def work(database: Database, *, seconds: float = SLICE_SECONDS) -> int:
    """Work on what is due, for a while; return how many rows were worked on."""
    ends_at = time.monotonic() + seconds
    done = 0
    while time.monotonic() < ends_at:
        with database.transaction() as session:
            row = session.execute(CLAIM, {"lease": LEASE}).one_or_none()
        if row is None:
            return done
        done += _try(database, Claim(row.id, row.state, row.attempts), ends_at)
    with database.transaction() as session:
        session.execute(WAKE)
    return done


def _try(database: Database, claim: Claim, ends_at: float) -> int:
    """Work on one import until its step or the time is over; count what fails."""
    if claim.attempts > LAST_ATTEMPT:
        with database.transaction() as session:
            _fail(session, claim, ABANDONED, error="the worker ended")
        return 0
    try:
        if claim.state == "reading":
            return _read(database, claim)
        if claim.state == "comparing":
            return _compare(database, claim, ends_at)
        return _write(database, claim, ends_at)
    except Invalid as error:  # the file itself: trying again would end alike
        with database.transaction() as session:
            _fail(session, claim, error.message, **error.values)
    except Exception as error:  # whatever it is, it is told, counted, and tried again later
        log.exception("import.step_failed", import_id=claim.id, state=claim.state, attempts=claim.attempts)
        with database.transaction() as session:
            if claim.attempts >= LAST_ATTEMPT:
                _fail(session, claim, ABANDONED, error=type(error).__name__)
            else:
                wait = text(f"hub_now() + interval '{BACKOFF[claim.attempts - 1]} seconds'")
                session.execute(update(Import).where(Import.id == claim.id).values(due_at=wait))
    return 0


def _read(database: Database, claim: Claim) -> int:
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        _fetch(database, claim.id, file)
        table = open_table(file)
        with database.transaction() as session:
            if (one := _held(session, claim)) is not None:
                steps.note_columns(one, KINDS[one.kind], table)
                one.state, one.due_at, one.attempts = "read", None, 0
    return 1


def _compare(database: Database, claim: Claim, ends_at: float) -> int:
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        _fetch(database, claim.id, file)
        rows = open_table(file).rows
        position = 0
        while True:
            with database.transaction() as session:
                one = _held(session, claim)
                if one is None or one.position < position:
                    return position
                position = _skip(rows, position, one.position)
                came = steps.compare(session, one, KINDS[one.kind], rows)
                one.position = position = position + came
                if not came:
                    one.state, one.due_at, one.attempts, one.total = "previewed", None, 0, position
                    return position
                if time.monotonic() > ends_at:
                    _yield(session, one)
                    return position


def _write(database: Database, claim: Claim, ends_at: float) -> int:
    step = steps.apply if claim.state == "applying" else steps.undo
    total = 0
    while True:
        with database.transaction() as session:
            one = _held(session, claim)
            if one is None:
                return total
            came = step(session, one, KINDS[one.kind])
            one.position += came
            total += came
            if not came:
                steps.finish(session, one)
                one.due_at, one.attempts = None, 0
                return total
            if time.monotonic() > ends_at:
                _yield(session, one)
                return total


def _held(session: Session, claim: Claim) -> Import | None:
    """Return the import, locked and its lease renewed, while the claim holds; None once it is another's."""
    one = session.scalar(
        select(Import)
        .where(Import.id == claim.id, Import.state == claim.state, Import.attempts == claim.attempts)
        .with_for_update()
    )
    if one is not None:
        one.due_at = func.hub_now() + LEASE
        session.flush()
        session.refresh(one, ["due_at"])
    return one


def _yield(session: Session, one: Import) -> None:
    """Put an import back, to be gone on with at once by whoever has the time."""
    one.attempts = 0
    one.due_at = func.hub_now()
    session.flush()


def _fail(session: Session, claim: Claim, reason: str, **values: object) -> None:
    """Give an import up; what it wrote until then can still be undone."""
    session.execute(
        update(Import)
        .where(Import.id == claim.id, Import.state == claim.state, Import.attempts == claim.attempts)
        .values(state="failed", due_at=None, reason=reason, reason_values=values)
    )
    forget_file(session, claim.id)


def _fetch(database: Database, import_id: int, file: IO[bytes]) -> None:
    """Put the pieces of the file together, one at a time."""
    with database.transaction() as session:
        numbers = session.scalars(
            select(ImportPart.number).where(ImportPart.import_id == import_id).order_by(ImportPart.number)
        ).all()
        for number in numbers:
            piece = select(ImportPart.content).where(
                ImportPart.import_id == import_id, ImportPart.number == number
            )
            file.write(session.execute(piece).scalar_one())


def _skip(rows: Iterator[Row], from_position: int, to_position: int) -> int:
    """Leave out the rows that were compared before; return the position reached."""
    while from_position < to_position and next(rows, None) is not None:
        from_position += 1
    return from_position
