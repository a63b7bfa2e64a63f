"""What lies behind a task: the promise and visit it comes from, its reminders, who closed or returned it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from hub.accounts.models import Post
from hub.collaborations.models import Party
from hub.facilities.models import Facility
from hub.followups.events import TaskClosed, TaskKept, TaskReopened, TaskReturned
from hub.followups.models import Reminder
from hub.messaging.models import EventRow
from hub.visits.models import Arrangement, Commitment, Outcome, Visit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.followups.queries import TaskView


MOST_ACTS = 50
"""Times a task went to and fro that are shown."""


@dataclass(frozen=True, slots=True)
class ReminderView:
    """One planned reminder and how it ended."""

    kind: str
    slot_on: dt.date
    due_at: dt.datetime
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a task comes from: the visit, the theme and the promise behind it."""

    visit_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    iana_zone: str
    host: str
    theme: str
    will_try: str
    working_days: int
    published_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Closing:
    """The event that closed a task, and who did it, as they were called then."""

    event_id: uuid.UUID
    actor: str


@dataclass(frozen=True, slots=True)
class Return:
    """Somebody said "not mine": who, when, why, and from which post the task went to which."""

    event_id: uuid.UUID
    actor: str
    occurred_at: dt.datetime
    reason: str
    from_post: str
    to_post: str
    is_taken_back: bool


def reminders_of(session: Session, task_id: int) -> list[ReminderView]:
    """Return the reminders of a task in the order in which they are due."""
    rows = session.execute(
        select(Reminder.kind, Reminder.slot_on, Reminder.due_at, Reminder.state, Reminder.reason)
        .where(Reminder.task_id == task_id)
        .order_by(Reminder.due_at)
    )
    return [ReminderView(*row) for row in rows]


def origin_of(session: Session, task: TaskView) -> Origin:
    """Return where a task comes from."""
    row = session.execute(
        select(
            Visit.id,
            Arrangement.starts_at,
            Arrangement.ends_at,
            Arrangement.iana_zone,
            Facility.name,
            Outcome.theme,
            Outcome.will_try,
            Commitment.working_days,
            Visit.published_at,
        )
        .join(Commitment, Commitment.visit_id == Visit.id)
        .join(Outcome, Outcome.id == Commitment.outcome_id)
        .join(
            Arrangement,
            and_(Arrangement.visit_id == Visit.id, Arrangement.number == Visit.arrangement_no),
        )
        .join(Party, Party.id == Visit.host_party_id)
        .join(Facility, Facility.id == Party.facility_id)
        .where(Commitment.id == task.commitment_id)
    ).one()
    return Origin(*row)


def closing_of(session: Session, task: TaskView) -> Closing | None:
    """Return the event that closed a task, the latest if it was opened again in between; None without."""
    row = session.execute(
        select(EventRow.id, EventRow.actor_label)
        .where(
            EventRow.collaboration_id == task.collaboration_id,
            EventRow.type == TaskClosed.TYPE,
            EventRow.data["task_id"].as_integer() == task.id,
        )
        .order_by(EventRow.id.desc())
        .limit(1)
    ).one_or_none()
    return Closing(*row) if row else None


def returns_of(session: Session, task: TaskView) -> list[Return]:
    """Return every time the task was handed back, the latest first; one taken back says so."""
    before, after = aliased(Post), aliased(Post)
    rows = session.execute(
        select(
            EventRow.type,
            EventRow.id,
            EventRow.actor_label,
            EventRow.occurred_at,
            EventRow.data["reason"].as_string(),
            before.title,
            after.title,
        )
        .outerjoin(before, before.id == EventRow.data["from_post_id"].as_integer())
        .outerjoin(after, after.id == EventRow.data["to_post_id"].as_integer())
        .where(
            EventRow.collaboration_id == task.collaboration_id,
            EventRow.type.in_((TaskReturned.TYPE, TaskKept.TYPE)),
            EventRow.data["task_id"].as_integer() == task.id,
        )
        .order_by(EventRow.id.desc())
        .limit(MOST_ACTS)
    ).all()
    following = [None, *(row[0] for row in rows)]
    return [
        Return(event_id, actor, at, reason, from_post, to_post, then == TaskKept.TYPE)
        for (what, event_id, actor, at, reason, from_post, to_post), then in zip(
            rows, following, strict=False
        )
        if what == TaskReturned.TYPE
    ]


def last_act_on(session: Session, collaboration_id: int, task_id: int) -> EventRow | None:
    """Return the latest event of a task, or None where nothing has happened since it was opened."""
    return session.scalars(
        select(EventRow)
        .where(
            EventRow.collaboration_id == collaboration_id,
            EventRow.type.in_((TaskClosed.TYPE, TaskReopened.TYPE, TaskReturned.TYPE, TaskKept.TYPE)),
            EventRow.data["task_id"].as_integer() == task_id,
        )
        .order_by(EventRow.id.desc())
        .limit(1)
    ).one_or_none()
