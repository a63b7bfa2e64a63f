"""Bring a file, say what its columns mean, confirm the preview, call it off, undo it as a whole."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, text

from hub.audit.record import record
from hub.clock import now
from hub.errors import Conflict, Forbidden, Invalid, NotFound
from hub.imports.models import Import, ImportPart, ImportRow
from hub.imports.register import KINDS
from hub.imports.rules import OPEN_AT_ONCE, TOO_MANY_OPEN, demand_step
from hub.texts.catalogue import lazy
from hub.texts.plain import UnacceptableTextError, clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.imports.kinds import Kind

PART = 512 * 1024
LONGEST_FILE_NAME = 120
WAKE = text("SELECT pg_notify('hub_due', 'import')")
"""The relay rings for the worker; without it the worker is found a second later."""

MAY_NOT = lazy("Only an administrator, or the head of a unit for their own unit, may import this.")
NO_FILE = lazy("Choose a file.")
TOO_LARGE = lazy("The file is larger than %(megabytes)s MB.")
NO_IMPORT = lazy("There is no such import.")
NEEDED = lazy("Say which column this is.")
TWICE = lazy("This column is chosen for something else already.")
NO_SUCH_COLUMN = lazy("There is no such column.")
NOTHING_TO_DO = lazy("The file brings nothing new, so there is nothing to import.")


def kind_called(name: str) -> Kind:
    """Return a kind of list. Raises NotFound."""
    if name not in KINDS:
        raise NotFound(NO_IMPORT)
    return KINDS[name]


def upload(session: Session, *, actor: Actor, kind: str, file_name: str, content: bytes) -> Import:
    """Keep a file and let a worker read its first lines.

    Raises NotFound (kind), Forbidden, Invalid (no file, too large), Conflict (too many are open).
    """
    known = kind_called(kind)
    if not known.may_import(actor):
        raise Forbidden(MAY_NOT)
    if not content:
        raise Invalid(NO_FILE, fields={"file": NO_FILE})
    if len(content) > known.largest:
        raise Invalid(TOO_LARGE, fields={"file": TOO_LARGE}, megabytes=known.largest >> 20)
    still_open = select(func.count()).where(
        Import.by_id == actor.person_id,
        Import.state.not_in(("applied", "undone", "cancelled", "failed")),
    )
    if actor.person_id is not None and (session.scalar(still_open) or 0) >= OPEN_AT_ONCE:
        raise Conflict(TOO_MANY_OPEN, fields={"file": TOO_MANY_OPEN}, most=OPEN_AT_ONCE)
    made = Import(
        kind=kind,
        by_id=actor.person_id,
        file_name=_plain_name(file_name),
        digest=hashlib.sha256(content).digest(),
        due_at=now(session),
    )
    session.add(made)
    session.flush()
    for number, start in enumerate(range(0, len(content), PART)):
        session.add(ImportPart(import_id=made.id, number=number, content=content[start : start + PART]))
        session.flush()
        session.expunge_all()
    session.add(made)
    session.execute(WAKE)
    return made


def choose_columns(session: Session, *, actor: Actor, import_id: int, columns: Mapping[str, int]) -> Import:
    """Say which column (from 0) means which field; the whole file is compared anew.

    Raises NotFound, Forbidden, Conflict (not at this step), Invalid with a message per field.
    """
    one, kind = _lock(session, actor, import_id, "columns")
    faults: dict[str, str] = {}
    taken: set[int] = set()
    for field in kind.fields:
        column = columns.get(field.name)
        if column is None:
            if field.is_needed:
                faults[field.name] = NEEDED
        elif not 0 <= column < len(one.header):
            faults[field.name] = NO_SUCH_COLUMN
        elif column in taken:
            faults[field.name] = TWICE
        else:
            taken.add(column)
    if faults:
        raise Invalid(lazy("Please check what the columns mean."), fields=faults)
    names = {field.name for field in kind.fields}
    one.columns = {name: column for name, column in columns.items() if name in names}
    session.execute(delete(ImportRow).where(ImportRow.import_id == one.id))
    _set_to_work(session, one, "comparing")
    return one


def confirm(session: Session, *, actor: Actor, import_id: int) -> Import:
    """Let what the preview shows be written. Raises NotFound, Forbidden, Conflict (step, nothing to do)."""
    one, _ = _lock(session, actor, import_id, "confirm")
    counts = counts_of(session, one.id)
    one.total = counts.get("new", 0) + counts.get("changed", 0)
    if not one.total:
        raise Conflict(NOTHING_TO_DO, code="nothing-to-import")
    _set_to_work(session, one, "applying", total=one.total)
    record(
        session,
        actor=actor,
        action="import.confirmed",
        subject=f"imports/{one.id}",
        kind=one.kind,
        digest=one.digest.hex(),
        **counts,
    )
    return one


def cancel(session: Session, *, actor: Actor, import_id: int) -> Import:
    """Call an import off before anything was written; the file is forgotten. Raises as ``confirm`` does."""
    one, _ = _lock(session, actor, import_id, "cancel")
    one.state, one.due_at = "cancelled", None
    session.execute(delete(ImportRow).where(ImportRow.import_id == one.id))
    forget_file(session, one.id)
    record(session, actor=actor, action="import.cancelled", subject=f"imports/{one.id}", kind=one.kind)
    session.flush()
    return one


def undo(session: Session, *, actor: Actor, import_id: int) -> Import:
    """Take back, as a whole, what an import wrote; what has changed since is left alone and listed.

    Raises NotFound, Forbidden, Conflict (not applied, or undone already).
    """
    one, _ = _lock(session, actor, import_id, "undo")
    written = select(func.count()).where(ImportRow.import_id == one.id, ImportRow.outcome == "applied")
    _set_to_work(session, one, "undoing", total=session.scalar(written) or 0)
    record(session, actor=actor, action="import.undone", subject=f"imports/{one.id}", kind=one.kind)
    return one


def counts_of(session: Session, import_id: int) -> dict[str, int]:
    """Return how many lines there are of each verdict."""
    rows = session.execute(
        select(ImportRow.verdict, func.count())
        .where(ImportRow.import_id == import_id)
        .group_by(ImportRow.verdict)
    )
    return {str(verdict): count for verdict, count in rows}


def forget_file(session: Session, import_id: int) -> None:
    """Delete the file itself; its lines and what became of them stay."""
    session.execute(delete(ImportPart).where(ImportPart.import_id == import_id))


def _lock(session: Session, actor: Actor, import_id: int, act: str) -> tuple[Import, Kind]:
    one = session.scalar(
        select(Import)
        .where(Import.id == import_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if one is None or not (actor.is_admin or one.by_id == actor.person_id):
        raise NotFound(NO_IMPORT)
    kind = kind_called(one.kind)
    if not kind.may_import(actor):
        raise Forbidden(MAY_NOT)
    demand_step(one.state, act)
    return one, kind


def _set_to_work(session: Session, one: Import, state: str, *, total: int | None = None) -> None:
    one.state, one.position, one.attempts = state, 0, 0
    one.due_at = now(session)
    if total is not None:
        one.total = total
    session.flush()
    session.execute(WAKE)


def _plain_name(file_name: str) -> str:
    """Return what a file is called, without folders; a name that cannot be stored is left out."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    try:
        return clean_text(last[-LONGEST_FILE_NAME:], longest=LONGEST_FILE_NAME) or "?"
    except UnacceptableTextError:
        return "?"
