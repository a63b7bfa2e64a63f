"""Events, the reactions they are owed, heartbeats, and the answers kept for repeated requests."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, CreatedAt, Moment


class EventRow(Base):
    """Something that happened. Never changed, never deleted: the app has no right to."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("version > 0", name="version_positive"),
        CheckConstraint("actor_kind IN ('person', 'link', 'system')", name="actor_kind"),
        Index("ix_events_collaboration_id_id", "collaboration_id", "id"),
        Index("ix_events_type_id", "type", "id"),
    )

    #: UUIDv7: ordered by time, so it is the keyset of every list of events.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    type: Mapped[str]
    version: Mapped[int] = mapped_column(SmallInteger)
    #: What it is about, as a path: ``collaborations/12``.
    subject: Mapped[str]
    collaboration_id: Mapped[int | None] = mapped_column(ForeignKey("collaborations.id"))
    occurred_at: Mapped[CreatedAt]
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    #: How the actor is called in a timeline, as it was then.
    actor_label: Mapped[str]
    #: The same for all that one request set in motion.
    correlation_id: Mapped[uuid.UUID]
    #: The event that directly caused this one.
    causation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("events.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Reaction(Base):
    """What one consumer owes one event: due, done with a summary, or parked with a reason."""

    __tablename__ = "reactions"
    __table_args__ = (
        CheckConstraint("state IN ('due', 'done', 'parked')", name="state"),
        CheckConstraint("state <> 'parked' OR reason IS NOT NULL", name="parked_says_why"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_has_a_time"),
        Index("ix_reactions_due", "consumer", "due_at", postgresql_where=text("state = 'due'")),
        Index("ix_reactions_parked", "event_id", postgresql_where=text("state = 'parked'")),
        # Every reaction is updated twice, so a page keeps room for the new version of the row.
        {"postgresql_with": {"fillfactor": "70"}},
    )

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    consumer: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(server_default="due")
    #: Counted before the work, so it is also the fencing token of whoever claimed the row.
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    due_at: Mapped[Moment] = mapped_column(server_default=func.hub_now())
    done_at: Mapped[dt.datetime | None]
    took_ms: Mapped[int | None]
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    #: Why the last attempt failed; kept after a later success, it belongs to the receipt.
    reason: Mapped[str | None]


class Heartbeat(Base):
    """When a process last showed that it works; a worker's beat travels through the broker."""

    __tablename__ = "heartbeats"

    process: Mapped[str] = mapped_column(primary_key=True)
    #: The database's own time: a demo clock must not make a process look dead.
    beat_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())


class RequestKey(Base):
    """The answer once given to a request, kept for whoever sends the same key again."""

    __tablename__ = "request_keys"

    #: Whose key it is: ``person:7`` or ``link:31``; two people may choose the same key.
    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    #: SHA-256 over method, path and body: the same key with another request is a mistake.
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    headers: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
