"""Close a task with a sentence on what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from hub import clock
from hub.collaborations.commands.happened import Happened, publish
from hub.errors import Conflict, Forbidden, Stale
from hub.followups import rules
from hub.followups.events import TaskClosed
from hub.followups.models import Reminder, Task
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

REMINDER_REASON = lazy("the task was closed")


def close_task(session: Session, *, actor: Actor, task_id: int, version: int, note: str) -> Happened:
    """Close a task; its remaining reminders end with it.

    ``note`` says what was done. Raises Forbidden, Conflict when the task has ended, Stale when somebody
    changed it since ``version``.
    """
    task = session.get_one(Task, task_id, with_for_update=True, populate_existing=True)
    if not rules.may_close(
        actor,
        facility_id=task.facility_id,
        owner_post_id=task.owner_post_id,
        accountable_post_id=task.accountable_post_id,
    ):
        raise Forbidden(
            lazy("Only who holds the task's post, answers for it or heads the unit may close it."),
            code="not-your-task",
        )
    if task.state != "open":
        raise Conflict(lazy("This task has been closed already."), code="task-closed")
    if task.version != version:
        raise Stale(lazy("Somebody changed this task since you read it."))
    task.state, task.closed_at = "closed", clock.now(session)
    task.closed_by_id, task.closing_note = actor.person_id, note
    task.version += 1
    session.execute(
        update(Reminder)
        .where(Reminder.task_id == task_id, Reminder.state == "planned")
        .values(state="cancelled", reason=REMINDER_REASON)
    )
    event = TaskClosed(collaboration_id=task.collaboration_id, task_id=task_id, facility_id=task.facility_id)
    return publish(session, event, actor=actor)
