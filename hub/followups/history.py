"""What lies behind a task: the promise and visit it comes from, its reminders, and who closed it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from hub.collaborations.models import Party
from hub.facilities.models import Facility
from hub.followups.events import TaskClosed
from hub.followups.models import Reminder
from hub.messaging.models import EventRow
from hub.visits.models import Arrangement, Commitment, Outcome, Visit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.followups.queries import TaskView


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
