"""Read a person's inbox: page by page from the newest, and how much of it is unread."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, and_, func, literal, select, text

from hub.notifications.facts import facts_of
from hub.notifications.models import InboxMark, Notification
from hub.notifications.wording import Said, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MOST_COUNTED: Final = 100
"""Unread notifications are counted up to this number: nobody reads the difference between 100 and 1,000."""


READS_INBOX: Final = func.set_config("app.reads", "inbox", True)
"""Lets the policies show what the reader was told of, also what is not their unit's any more."""


@dataclass(frozen=True, slots=True)
class Unread:
    """How many notifications are unread; ``label`` is what stands on the badge."""

    count: int
    label: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification in words."""

    event_id: uuid.UUID
    type: str
    occurred_at: dt.datetime
    collaboration_id: int | None
    is_read: bool
    said: Said


def inbox(
    session: Session,
    *,
    person_id: int,
    locale: str,
    zone: str,
    limit: int,
    after: uuid.UUID | None = None,
    is_unread_only: bool = False,
) -> list[Notice]:
    """Return up to ``limit`` notifications, newest first, those older than ``after``."""
    is_unread = _is_unread(_mark(session, person_id))
    query = (
        select(Notification.event_id, is_unread, READS_INBOX)
        .where(Notification.recipient_id == person_id)
        .order_by(Notification.event_id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(Notification.event_id < after)
    if is_unread_only:
        query = query.where(is_unread)
    rows = session.execute(query).all()
    facts = facts_of(session, [event_id for event_id, *_ in rows])
    return [
        Notice(
            event_id=event_id,
            type=facts[event_id].type,
            occurred_at=facts[event_id].occurred_at,
            collaboration_id=facts[event_id].collaboration_id,
            is_read=not unread,
            said=say(facts[event_id], locale=locale, zone=zone),
        )
        for event_id, unread, _ in rows
    ]


def count_unread(session: Session, *, person_id: int) -> Unread:
    """Return how many notifications are unread, counting no further than needed."""
    some = (
        select(literal(1))
        .where(Notification.recipient_id == person_id, _is_unread(_mark(session, person_id)))
        .limit(MOST_COUNTED)
        .subquery()
    )
    return unread(session.scalars(select(func.count()).select_from(some)).one())


def unread(count: int) -> Unread:
    """Return a count that went no further than ``MOST_COUNTED`` as it is shown: "3" or "99+"."""
    if count < MOST_COUNTED:
        return Unread(count, str(count))
    return Unread(MOST_COUNTED - 1, f"{MOST_COUNTED - 1}+")


def position(session: Session) -> str:
    """Return how far the database has come: what a stream goes on from without a gap (see ``stream``).

    Ask before you read the list: what is told in between is then in both, never in neither.
    """
    found: str = session.scalars(text("SELECT pg_current_snapshot()::text")).one()
    return found


def _mark(session: Session, person_id: int) -> uuid.UUID | None:
    return session.scalars(
        select(InboxMark.read_through).where(InboxMark.person_id == person_id)
    ).one_or_none()


def _is_unread(mark: uuid.UUID | None) -> ColumnElement[bool]:
    """Return the condition; with the mark as a value the index is entered above it."""
    if mark is None:
        return Notification.read_at.is_(None)
    return and_(Notification.read_at.is_(None), Notification.event_id > mark)
