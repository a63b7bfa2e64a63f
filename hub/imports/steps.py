"""One chunk of each step, inside the transaction that also moves the import's position."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from hub.accounts.identity import load_actor
from hub.actor import system_actor
from hub.audit.record import record
from hub.errors import Invalid
from hub.imports.columns import RefusedError, guess, said_by
from hub.imports.commands.importing import MAY_NOT, forget_file
from hub.imports.kinds import Applied, Line
from hub.imports.models import Import, ImportRow
from hub.imports.rules import COMPARED_AT_ONCE
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.imports.files import Row, Table
    from hub.imports.kinds import Earlier, Judged, Kind

SAMPLE = 4
LONGEST_SHOWN = 60
LONGEST_LABEL = 120

SAME_AS = lazy("Line %(line)s is about the same.")
TOO_MANY_ROWS = lazy("The file has more than %(most)s rows.")
OPERATOR = "operator at the command line"


def note_columns(one: Import, kind: Kind, table: Table) -> None:
    """Note the names of the columns, what they seem to mean, and the first rows."""
    one.header = _storable(table.header, LONGEST_LABEL)
    one.columns = dict(guess(kind.fields, table.header))
    one.sample = [_storable(row.cells, LONGEST_SHOWN) for row in islice(table.rows, SAMPLE)]
    one.total = min(table.about, kind.most_rows)


def compare(session: Session, one: Import, kind: Kind, rows: Iterator[Row]) -> int:
    """Judge the next rows and keep the verdicts; return how many rows there were.

    Raises Invalid for a file with too many rows.
    """
    chunk = list(islice(rows, COMPARED_AT_ONCE))
    if one.position + len(chunk) > kind.most_rows:
        raise Invalid(TOO_MANY_ROWS, most=kind.most_rows)
    if not chunk:
        return 0
    columns = one.columns or {}
    kept: dict[int, dict[str, Any]] = {}
    lines: list[Line] = []
    for row in chunk:
        if row.fault is not None:
            kept[row.line] = _refused(one, row, row.fault, row.values)
            continue
        try:
            said = said_by(columns, row.cells)
        except RefusedError as error:
            kept[row.line] = _refused(one, row, error.message, _plain(error.values))
            continue
        lines.append(Line(row.line, said))
    cells = {row.line: _storable(row.cells) for row in chunk}
    first = _first_lines(session, one, kind, lines)
    fresh = [line for line in lines if first.get(kind.key(line.said) or "", line.number) == line.number]
    judged = dict(zip((line.number for line in fresh), _judge(session, one, kind, fresh), strict=True))
    for line in lines:
        key = kind.key(line.said)
        verdict = judged.get(line.number)
        is_good = verdict is not None and verdict.verdict not in ("ambiguous", "rejected")
        kept[line.number] = {
            **_row(one, line.number, kind.label(line.said), None if is_good else cells[line.number]),
            "key": key,
            "said": line.said,
            "verdict": verdict.verdict if verdict else "ambiguous",
            "reason": verdict.reason if verdict else SAME_AS,
            "reason_values": _plain(verdict.values or {}) if verdict else {"line": first[key or ""]},
            "changes": verdict.changes if verdict else None,
            "target_id": verdict.target_id if verdict else None,
        }
    session.execute(insert(ImportRow), list(kept.values()))
    return len(chunk)


def apply(session: Session, one: Import, kind: Kind) -> int:
    """Write the next lines that are to be written; return how many were tried.

    Each is judged anew: what has changed since the preview is seen, and refused where it does not fit.
    """
    rows = session.scalars(
        select(ImportRow)
        .where(
            ImportRow.import_id == one.id,
            ImportRow.verdict.in_(("new", "changed")),
            ImportRow.outcome.is_(None),
        )
        .order_by(ImportRow.line)
        .limit(kind.batch)
    ).all()
    if not rows:
        return 0
    actor = actor_of(session, one, kind)
    lines = [Line(row.line, row.said or {}) for row in rows]
    for row, came in zip(rows, kind.apply(session, actor, lines, _earlier(session, one)), strict=True):
        if isinstance(came, Applied):
            row.outcome, row.target_id, row.done = "applied", came.target_id, came.done
        else:
            row.outcome, row.reason, row.reason_values = "refused", came.message, _plain(came.values)
    session.flush()
    return len(rows)


def undo(session: Session, one: Import, kind: Kind) -> int:
    """Take back the last lines that were written; return how many were tried."""
    rows = session.scalars(
        select(ImportRow)
        .where(ImportRow.import_id == one.id, ImportRow.outcome == "applied")
        .order_by(ImportRow.line.desc())
        .limit(kind.batch)
    ).all()
    if not rows:
        return 0
    actor = actor_of(session, one, kind)
    for row in rows:
        kept = kind.undo(session, actor, target_id=row.target_id or 0, done=row.done or {})
        row.outcome = "kept" if kept else "undone"
        row.reason, row.reason_values = kept or (None, None)
        session.flush()
    return len(rows)


def finish(session: Session, one: Import) -> None:
    """End a step that wrote something: say so in the audit log, with the counts."""
    rows = session.execute(
        select(ImportRow.outcome, func.count())
        .where(ImportRow.import_id == one.id, ImportRow.outcome.is_not(None))
        .group_by(ImportRow.outcome)
    )
    outcomes = {str(outcome): count for outcome, count in rows}
    if one.state == "applying":
        one.state, one.applied_at = "applied", session.scalar(select(func.hub_now()))
        action = "import.applied"
    else:
        one.state = "undone"
        action = "import.taken_back"
    forget_file(session, one.id)
    by = load_actor(session, one.by_id) if one.by_id is not None else None
    record(
        session,
        actor=by or system_actor(OPERATOR),
        action=action,
        subject=f"imports/{one.id}",
        kind=one.kind,
        **outcomes,
    )
    session.flush()


def actor_of(session: Session, one: Import, kind: Kind) -> Actor:
    """Return who brought the file, with what they may do now. Raises Invalid where they may not any more."""
    actor = system_actor(OPERATOR) if one.by_id is None else load_actor(session, one.by_id)
    if actor is None or not kind.may_import(actor):
        raise Invalid(MAY_NOT)
    return actor


def _judge(session: Session, one: Import, kind: Kind, lines: Sequence[Line]) -> Sequence[Judged]:
    if not lines:
        return []
    return kind.judge(session, actor_of(session, one, kind), lines, _earlier(session, one))


def _earlier(session: Session, one: Import) -> Earlier:
    """Return the function that says what other lines of the file say that were judged new."""

    def earlier(keys: Collection[str]) -> dict[str, dict[str, str]]:
        rows = session.execute(
            select(ImportRow.key, ImportRow.said).where(
                ImportRow.import_id == one.id, ImportRow.key.in_(keys), ImportRow.verdict == "new"
            )
        )
        return {str(key): said or {} for key, said in rows}

    return earlier


def _first_lines(session: Session, one: Import, kind: Kind, lines: Sequence[Line]) -> dict[str, int]:
    """Return for each key the first line of the file that has it."""
    first: dict[str, int] = {}
    for line in lines:
        if key := kind.key(line.said):
            first.setdefault(key, line.number)
    before = session.execute(
        select(ImportRow.key, func.min(ImportRow.line))
        .where(ImportRow.import_id == one.id, ImportRow.key.in_(list(first)))
        .group_by(ImportRow.key)
    )
    return first | {key: line for key, line in before if key is not None}


def _refused(one: Import, row: Row, reason: str, values: Mapping[str, Any] | None) -> dict[str, Any]:
    cells = _storable(row.cells)
    label = next((cell for cell in cells if cell.strip()), "")
    return {
        **_row(one, row.line, label, cells),
        "key": None,
        "said": None,
        "verdict": "rejected",
        "reason": reason,
        "reason_values": _plain(values or {}),
        "changes": None,
        "target_id": None,
    }


def _row(one: Import, line: int, label: str, cells: list[str] | None) -> dict[str, Any]:
    return {"import_id": one.id, "line": line, "label": label[:LONGEST_LABEL], "cells": cells}


def _storable(cells: Sequence[str], longest: int | None = None) -> list[str]:
    """Return cells as they can be kept for a person's eyes: NUL cannot be stored, nor lone surrogates."""
    return [cell.replace("\0", "").encode("utf-8", "replace").decode()[:longest] for cell in cells]


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON has them."""
    return {key: one if isinstance(one, (int, str)) else str(one) for key, one in values.items()}
