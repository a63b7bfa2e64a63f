"""The effect of the consumer "open-tasks": a task for each commitment, with its reminders planned as rows."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, BigInteger, Date, DateTime, Text, Uuid, bindparam, text

from hub.texts.catalogue import lazy
from hub.workdays.calendar import add_working_days, working_days_before
from hub.workdays.zones import at_local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

MORNING = dt.time(8)
"""When a reminder is due, on the clock of the task's unit: offices have opened."""
BEFORE = 3
"""Working days before the due day of the first reminder."""
AFTER = 1
"""Working days after the due day of the last one: the task is late then."""
TOO_LATE = lazy("its day had passed when the task was opened")

OPEN = text(
    """
    WITH opened AS (
        INSERT INTO tasks (event_id, collaboration_id, commitment_id, facility_id, owner_post_id,
                           accountable_post_id, title, due_on, source, source_key, opened_at)
        SELECT e.id, c.collaboration_id, c.id, c.facility_id, c.owner_post_id,
               CASE WHEN post.is_pool THEN post.reports_to_id ELSE post.id END,
               c.text, c.due_on, 'commitment', CAST(c.id AS text), (SELECT hub_now())
        FROM events e
        JOIN commitments c ON c.visit_id = CAST(e.data ->> 'visit_id' AS bigint)
        JOIN posts post ON post.id = c.owner_post_id
        WHERE e.id = ANY (:event_ids)
        ORDER BY c.id
        ON CONFLICT (source, source_key, facility_id) DO NOTHING
        RETURNING id, event_id, facility_id, due_on
    )
    SELECT opened.id, opened.event_id, opened.due_on, f.iana_zone
    FROM opened JOIN facilities f ON f.id = opened.facility_id
    ORDER BY opened.id
    """
).bindparams(bindparam("event_ids", type_=ARRAY(Uuid)))

# Every planned reminder ends in a named state, so one that could only ever be late begins in it.
PLAN = text(
    """
    INSERT INTO reminders (task_id, kind, slot_on, due_at, state, reason)
    SELECT task_id, kind, slot_on, due_at,
           CASE WHEN due_at < (SELECT hub_now()) THEN 'skipped' ELSE 'planned' END,
           CASE WHEN due_at < (SELECT hub_now()) THEN :too_late END
    FROM unnest(:tasks, :kinds, :slots, :moments) AS slot (task_id, kind, slot_on, due_at)
    ON CONFLICT DO NOTHING
    RETURNING task_id, state
    """
).bindparams(
    bindparam("tasks", type_=ARRAY(BigInteger)),
    bindparam("kinds", type_=ARRAY(Text)),
    bindparam("slots", type_=ARRAY(Date)),
    bindparam("moments", type_=ARRAY(DateTime(timezone=True))),
)


def reminder_slots(due_on: dt.date) -> tuple[tuple[str, dt.date], ...]:
    """Return the reminders of a task: (kind, day), each on a working day."""
    return (
        ("before", working_days_before(due_on, BEFORE)),
        ("on", due_on),
        ("after", add_working_days(due_on, AFTER)),
    )


def open_tasks(session: Session, event_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    """Open the tasks of published outcomes; return ``{"tasks", "reminders"}`` added per event.

    A repeat adds none. A pool cannot be accountable: the seat it reports to is. Reminders whose moment
    has passed are written as skipped and not counted.
    """
    summaries = {event_id: {"tasks": 0, "reminders": 0} for event_id in event_ids}
    opened = session.execute(OPEN, {"event_ids": list(event_ids)}).all()
    event_of = {task.id: task.event_id for task in opened}
    for task in opened:
        summaries[task.event_id]["tasks"] += 1
    slots = [
        (task.id, kind, day, at_local(day, MORNING, task.iana_zone))
        for task in opened
        for kind, day in reminder_slots(task.due_on)
    ]
    if slots:
        tasks, kinds, days, moments = (list(column) for column in zip(*slots, strict=True))
        planned = session.execute(
            PLAN, {"tasks": tasks, "kinds": kinds, "slots": days, "moments": moments, "too_late": TOO_LATE}
        )
        for reminder in planned:
            summaries[event_of[reminder.task_id]]["reminders"] += reminder.state == "planned"
    return summaries
