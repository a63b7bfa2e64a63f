"""Tasks and the reminders planned for them."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, CreatedAt, Identifier, Moment

TASK_STATES = ("open", "closed", "cancelled")
WHOSE = ("facility_id", "owner_post_id")
"""Columns by which a task is in somebody's list."""
IS_CLOSED = text("state = 'closed'")
IS_APART = "accountable_post_id <> owner_post_id"
"""Somebody else answers for it than who does it: rare, and the other lists have the rest."""
REMINDER_KINDS = ("before", "on", "after")
REMINDER_STATES = ("planned", "sent", "cancelled", "skipped")


class Task(Base):
    """Something a unit has promised to do by a day; owned by a post, so a rotation orphans nothing."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint(f"state IN {TASK_STATES}", name="state"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_has_a_time"),
        CheckConstraint("state <> 'closed' OR closing_note IS NOT NULL", name="closed_says_what_was_done"),
        Index("uq_tasks_source", "source", "source_key", "facility_id", unique=True),
        # The lists of hub.followups.lists, each in its own order; the last two are of everybody.
        *(Index(f"ix_tasks_{whose}_state", whose, "state", "due_on", "id") for whose in WHOSE),
        *(
            Index(f"ix_tasks_{whose}_closed", whose, "closed_at", "id", postgresql_where=IS_CLOSED)
            for whose in WHOSE
        ),
        Index(
            "ix_tasks_accountable_post_id_state",
            "accountable_post_id",
            "state",
            "due_on",
            "id",
            postgresql_where=text(IS_APART),
        ),
        Index(
            "ix_tasks_accountable_post_id_closed",
            "accountable_post_id",
            "closed_at",
            "id",
            postgresql_where=text(f"state = 'closed' AND {IS_APART}"),
        ),
        Index("ix_tasks_open", "due_on", "id", postgresql_where=text("state = 'open'")),
        Index("ix_tasks_closed", "closed_at", "id", postgresql_where=IS_CLOSED),
        Index("ix_tasks_collaboration_id", "collaboration_id"),
        Index("ix_tasks_event_id", "event_id"),
    )

    id: Mapped[Identifier]
    #: The event that opened it.
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"))
    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitments.id"))
    facility_id: Mapped[int] = mapped_column(ForeignKey("facilities.id"))
    owner_post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    #: The owner, or the seat it reports to when the owner is a pool: a pool cannot answer for anything.
    accountable_post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    title: Mapped[str]
    due_on: Mapped[dt.date]
    state: Mapped[str] = mapped_column(server_default="open")
    #: What it came from, so that a second opening finds it: ('commitment', '17').
    source: Mapped[str]
    source_key: Mapped[str]
    opened_at: Mapped[CreatedAt]
    closed_at: Mapped[dt.datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    closing_note: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")


class Reminder(Base):
    """A reminder planned for a day; waiting stands in this row and nowhere else.

    Its task is opened in the same transaction and never removed: a trigger, no foreign key (decision 23).
    """

    __tablename__ = "reminders"
    __table_args__ = (
        CheckConstraint(f"kind IN {REMINDER_KINDS}", name="kind"),
        CheckConstraint(f"state IN {REMINDER_STATES}", name="state"),
        Index("uq_reminders_task_id_kind_slot_on", "task_id", "kind", "slot_on", unique=True),
        Index("ix_reminders_due", "due_at", postgresql_where=text("state = 'planned'")),
    )

    id: Mapped[Identifier]
    task_id: Mapped[int]
    kind: Mapped[str]
    slot_on: Mapped[dt.date]
    due_at: Mapped[Moment]
    state: Mapped[str] = mapped_column(server_default="planned")
    reason: Mapped[str | None]
