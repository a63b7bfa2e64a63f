"""Search the audit log: what was done to a thing, and by whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, text

from hub.audit.models import AuditEntry

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is read."""

    id: int
    at: dt.datetime
    who: str
    action: str
    subject: str
    origin: str | None
    detail: dict[str, Any]


def search(
    session: Session, *, about: str = "", who: str = "", after: int | None = None, limit: int
) -> list[Entry]:
    """Return up to ``limit`` entries, newest first, older than entry ``after``.

    ``about`` is the thing as the log writes it (``posts/12``); a person's own entries are also those whose
    detail names them. ``who`` is a piece of the name of who acted. An empty text asks for everything.
    """
    query = (
        select(
            AuditEntry.id,
            AuditEntry.at,
            AuditEntry.actor_label,
            AuditEntry.action,
            AuditEntry.subject,
            AuditEntry.origin,
            AuditEntry.detail,
        )
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    if about:
        number = about.removeprefix("people/")
        conditions = [AuditEntry.subject == about]
        if about != number and number.isdecimal():
            named = text(
                "jsonb_path_exists(detail, '$.**.person_id ? (@ == $n)', jsonb_build_object('n', :person))"
            ).bindparams(person=int(number))
            conditions.append(named)  # type: ignore[arg-type] # a condition written as text
        query = query.where(or_(*conditions))
    if who:
        query = query.where(AuditEntry.actor_label.icontains(who, autoescape=True))
    if after is not None:
        query = query.where(AuditEntry.id < after)
    return [Entry(*row) for row in session.execute(query)]
