"""What the pages and the command show of imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hub.errors import NotFound
from hub.imports.commands.importing import NO_IMPORT, counts_of
from hub.imports.models import Import, ImportRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor

LISTED = 50
READ_AT_ONCE = 500


def find_import(session: Session, actor: Actor, *, import_id: int) -> Import:
    """Return an import that the actor brought, or any for an administrator. Raises NotFound."""
    one = session.get(Import, import_id)
    if one is None or not (actor.is_admin or one.by_id == actor.person_id):
        raise NotFound(NO_IMPORT)
    return one


def imports_of(session: Session, actor: Actor) -> Sequence[Import]:
    """Return the newest imports of the actor; of everybody for an administrator."""
    query = select(Import).order_by(Import.id.desc()).limit(LISTED)
    if not actor.is_admin:
        query = query.where(Import.by_id == actor.person_id)
    return session.scalars(query).all()


def outcomes_of(session: Session, import_id: int) -> dict[str, int]:
    """Return how many lines there are of each outcome."""
    rows = session.execute(
        select(ImportRow.outcome, func.count())
        .where(ImportRow.import_id == import_id, ImportRow.outcome.is_not(None))
        .group_by(ImportRow.outcome)
    )
    return {str(outcome): count for outcome, count in rows}


def rows_of(
    session: Session,
    import_id: int,
    *,
    verdict: str | None = None,
    outcome: str | None = None,
    after: int = 0,
    limit: int,
) -> Sequence[ImportRow]:
    """Return lines of one verdict or outcome in the file's order, after a line."""
    query = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.line > after)
    if verdict is not None:
        query = query.where(ImportRow.verdict == verdict)
    if outcome is not None:
        query = query.where(ImportRow.outcome == outcome)
    return session.scalars(query.order_by(ImportRow.line).limit(limit)).all()


def not_taken(session: Session, import_id: int) -> Iterator[ImportRow]:
    """Yield, in the file's order, every line that was not or will not be taken."""
    after = 0
    while True:
        rows = session.scalars(
            select(ImportRow)
            .where(
                ImportRow.import_id == import_id,
                ImportRow.line > after,
                ImportRow.verdict.in_(("ambiguous", "rejected")) | (ImportRow.outcome == "refused"),
            )
            .order_by(ImportRow.line)
            .limit(READ_AT_ONCE)
        ).all()
        if not rows:
            return
        yield from rows
        after = rows[-1].line
        session.expunge_all()


__all__ = ["counts_of", "find_import", "imports_of", "not_taken", "outcomes_of", "rows_of"]
