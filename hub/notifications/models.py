"""Notifications in the inbox and deliveries to addresses."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, CreatedAt, Identifier, Moment

CHANNELS = ("mail",)
DELIVERY_KINDS = ("notification", "invitation", "password")
DELIVERY_STATES = ("due", "sent", "skipped", "failed")


class Notification(Base):
    """What one person should know of one event. The text is rendered from the event when read.

    The primary key is the inbox index and its keyset, and makes two notices of one event to one
    person impossible. No foreign key: it would cost more than the row, and the statement that writes rows
    reads both sides; triggers of ``people`` and ``events`` keep what is named here (decision 15).
    """

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_event_id", "event_id"),)

    recipient_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    read_at: Mapped[dt.datetime | None]


class Telling(Base):
    """In which transaction people were told of an event: one row for each event, however many were told.

    A stream of an inbox goes on from a snapshot, and what was told in a transaction that the snapshot does
    not include is new to it (``hub.notifications.positions``).
    """

    __tablename__ = "tellings"
    __table_args__ = (Index("ix_tellings_told_in", "told_in"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    #: The transaction's number (xid8), as a bigint: SQLAlchemy has no type for it.
    told_in: Mapped[int]


class InboxMark(Base):
    """Up to which event a person has read everything: "read all" is one row, not an UPDATE of all."""

    __tablename__ = "inbox_marks"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    read_through: Mapped[uuid.UUID]


class Delivery(Base):
    """One message to one address by one channel: planned before it is sent, settled once.

    A message may go out twice after a crash, always with the same Message-ID. Event and person are named
    without a foreign key, as in ``Notification``.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("channel IN ('mail')", name="channel"),
        CheckConstraint(f"kind IN {DELIVERY_KINDS}", name="kind"),
        CheckConstraint(f"state IN {DELIVERY_STATES}", name="state"),
        CheckConstraint("(kind = 'password') = (event_id IS NULL)", name="tells_of_an_event"),
        CheckConstraint("state NOT IN ('skipped', 'failed') OR reason IS NOT NULL", name="says_why"),
        CheckConstraint("(state = 'due') = (settled_at IS NULL)", name="settled_has_a_time"),
        # What an event tells a person is mailed once. Also the index of an event's mails.
        Index("uq_deliveries_event_id_person_id", "event_id", "person_id", "channel", unique=True),
        # What has an occurrence of its own is mailed once to an address.
        Index(
            "uq_deliveries_occurrence",
            "occurrence",
            func.lower(text("address")),
            "channel",
            unique=True,
            postgresql_where=text("kind <> 'notification'"),
        ),
        Index("ix_deliveries_due", "channel", "due_at", postgresql_where=text("state = 'due'")),
        Index("ix_deliveries_failed", "id", postgresql_where=text("state = 'failed'")),
    )

    id: Mapped[Identifier]
    #: Of what it tells; a link to a new password tells of nothing that happened between units.
    event_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    #: What the message is about: ``event:<id>``, ``invitation:<id>:<generation>:<arrangement>`` or
    #: ``password:<person>:<generation>``.
    occurrence: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default="mail")
    address: Mapped[str]
    person_id: Mapped[int | None]
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitations.id"))
    state: Mapped[str] = mapped_column(server_default="due")
    #: Counted at the claim and committed before sending: the fencing token of whoever claimed the row.
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    #: When it may be tried (again); a claim pushes it past the lease.
    due_at: Mapped[Moment] = mapped_column(server_default=func.hub_now())
    settled_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None]
    created_at: Mapped[CreatedAt]
