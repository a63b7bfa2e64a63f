"""Read how far behind the hub is: what is due per consumer, what was given up and why, and what happened."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, Text, Uuid, bindparam, select, text

from hub.messaging.models import EventRow
from hub.messaging.subscriptions import consumers
from hub.notifications.models import Delivery

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MOST_SHOWN: Final = 100
"""Parked reactions and failed mails shown at a time; the counts say how many there are."""

LANES = text(
    """
    SELECT consumer,
           count(*) FILTER (WHERE state = 'due' AND due_at <= hub_now()) AS due,
           count(*) FILTER (WHERE state = 'due' AND due_at > hub_now()) AS waiting,
           min(due_at) FILTER (WHERE state = 'due' AND due_at <= hub_now()) AS oldest,
           count(*) FILTER (WHERE state = 'parked') AS parked
    FROM reactions WHERE state = 'due' OR state = 'parked' GROUP BY consumer
    """
)
MAILS = text(
    """
    SELECT count(*) FILTER (WHERE state = 'due' AND due_at <= hub_now()) AS due,
           count(*) FILTER (WHERE state = 'due' AND due_at > hub_now()) AS waiting,
           min(due_at) FILTER (WHERE state = 'due' AND due_at <= hub_now()) AS oldest,
           count(*) FILTER (WHERE state = 'failed') AS failed
    FROM deliveries WHERE state = 'due' OR state = 'failed'
    """
)
PARKED = text(
    """
    SELECT r.event_id, r.consumer, e.type, e.occurred_at, r.attempts, r.reason
    FROM reactions r JOIN events e ON e.id = r.event_id
    WHERE r.state = 'parked' AND (CAST(:event_id AS uuid) IS NULL OR r.event_id = :event_id)
      AND (CAST(:consumer AS text) IS NULL OR r.consumer = :consumer)
    ORDER BY r.event_id, r.consumer LIMIT :limit
    """
).bindparams(bindparam("event_id", type_=Uuid), bindparam("consumer", type_=Text))
COUNT_PARKED = text(
    """
    SELECT count(*) FROM reactions
    WHERE state = 'parked' AND (CAST(:event_id AS uuid) IS NULL OR event_id = :event_id)
      AND (CAST(:consumer AS text) IS NULL OR consumer = :consumer)
    """
).bindparams(bindparam("event_id", type_=Uuid), bindparam("consumer", type_=Text))
FAILED = text(
    """
    SELECT id, event_id, kind, address, attempts, settled_at, reason
    FROM deliveries WHERE state = 'failed' AND (CAST(:id AS bigint) IS NULL OR id = :id)
    ORDER BY id DESC LIMIT :limit
    """
).bindparams(bindparam("id", type_=BigInteger))


@dataclass(frozen=True, slots=True)
class Lane:
    """Work of one kind: due now, due later (after a failed attempt), due for how long, and given up."""

    name: str
    due: int = 0
    waiting: int = 0
    oldest: dt.datetime | None = None
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked reaction: of which event, whose, and why."""

    event_id: uuid.UUID
    consumer: str
    type: str
    occurred_at: dt.datetime
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """One mail that could not be sent."""

    id: int
    event_id: uuid.UUID | None
    kind: str
    address: str
    attempts: int
    settled_at: dt.datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Logged:
    """One event of the log."""

    event_id: uuid.UUID
    type: str
    version: int
    occurred_at: dt.datetime
    actor: str
    subject: str


def lanes(session: Session) -> list[Lane]:
    """Return every consumer's lane, an idle one too."""
    found = {row.consumer: Lane(*row) for row in session.execute(LANES)}
    return [found.get(name, Lane(name)) for name in sorted({*consumers(), *found})]


def mails(session: Session) -> Lane:
    """Return the lane of the mails."""
    return Lane("mail", *session.execute(MAILS).one())


def parked(
    session: Session,
    *,
    event_id: uuid.UUID | None = None,
    consumer: str | None = None,
    limit: int = MOST_SHOWN,
) -> list[Parked]:
    """Return parked reactions in order of time, locking nothing."""
    rows = session.execute(PARKED, {"event_id": event_id, "consumer": consumer, "limit": limit})
    return [Parked(*row) for row in rows]


def count_parked(session: Session, *, event_id: uuid.UUID | None = None, consumer: str | None = None) -> int:
    """Return how many reactions are parked."""
    return int(session.execute(COUNT_PARKED, {"event_id": event_id, "consumer": consumer}).scalar_one())


def failed_mails(session: Session, *, limit: int = MOST_SHOWN) -> list[Failed]:
    """Return the mails that could not be sent, newest first."""
    return [Failed(*row) for row in session.execute(FAILED, {"id": None, "limit": limit})]


def find_failed_mail(session: Session, delivery_id: int) -> Failed | None:
    """Return one mail that could not be sent, or None."""
    row = session.execute(FAILED, {"id": delivery_id, "limit": 1}).one_or_none()
    return Failed(*row) if row else None


def has_mail(session: Session, delivery_id: int) -> bool:
    """Return whether there is such a mail, in whatever state."""
    return session.scalars(select(Delivery.id).where(Delivery.id == delivery_id)).one_or_none() is not None


def log(session: Session, *, event_type: str | None, after: uuid.UUID | None, limit: int) -> list[Logged]:
    """Return up to ``limit`` events, newest first, those older than ``after``, of one type or of all."""
    query = (
        select(
            EventRow.id,
            EventRow.type,
            EventRow.version,
            EventRow.occurred_at,
            EventRow.actor_label,
            EventRow.subject,
        )
        .order_by(EventRow.id.desc())
        .limit(limit)
    )
    if event_type is not None:
        query = query.where(EventRow.type == event_type)
    if after is not None:
        query = query.where(EventRow.id < after)
    return [Logged(*row) for row in session.execute(query)]
