"""Close a task with a sentence on what was done, or hand it back; and take that back at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from hub import clock
from hub.accounts.models import Post
from hub.collaborations.commands.happened import Happened, publish
from hub.errors import Conflict, Forbidden, Stale
from hub.followups import rules
from hub.followups.events import TaskClosed, TaskKept, TaskReopened, TaskReturned
from hub.followups.history import last_act_on
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


def reopen_task(session: Session, *, actor: Actor, task_id: int) -> Happened:
    """Take back that a task is closed, as if it had not been; its reminders are planned again.

    The note stays for whoever closes it anew. Raises Forbidden unless the actor closed it, Conflict when
    it is open or was closed too long ago.
    """
    task = session.get_one(Task, task_id, with_for_update=True, populate_existing=True)
    if task.state != "closed" or task.closed_at is None:
        raise Conflict(lazy("This task is open."), code="task-open")
    if actor.kind != "person" or task.closed_by_id != actor.person_id:
        raise Forbidden(lazy("Only who closed the task may take that back."), code="not-closed-by-you")
    if clock.now(session) > task.closed_at + rules.UNDO_WITHIN:
        raise Conflict(
            lazy("It is too late to take this back: everybody has been told that the task is done."),
            code="too-late",
        )
    task.state, task.closed_at, task.closed_by_id = "open", None, None
    task.version += 1
    session.execute(
        update(Reminder)
        .where(Reminder.task_id == task_id, Reminder.state == "cancelled", Reminder.reason == REMINDER_REASON)
        .values(state="planned", reason=None)
    )
    event = TaskReopened(
        collaboration_id=task.collaboration_id, task_id=task_id, facility_id=task.facility_id
    )
    return publish(session, event, actor=actor)


def return_task(session: Session, *, actor: Actor, task_id: int, version: int, reason: str) -> Happened:
    """Say "not mine": the task goes to the post that answers for it, else to the head of the unit.

    What was promised, until when and the reminders stay. Raises Forbidden, Conflict when the task has ended
    or there is nobody to give it to, Stale when somebody changed it since ``version``.
    """
    task = session.get_one(Task, task_id, with_for_update=True, populate_existing=True)
    if not rules.may_return(actor, facility_id=task.facility_id, owner_post_id=task.owner_post_id):
        raise Forbidden(
            lazy("Only who holds the task's post may hand it back; a head has nobody to hand it to."),
            code="not-your-task",
        )
    if task.state != "open":
        raise Conflict(lazy("This task has been closed already."), code="task-closed")
    if task.version != version:
        raise Stale(lazy("Somebody changed this task since you read it."))
    to_post_id = _who_gave(session, task)
    event = TaskReturned(
        collaboration_id=task.collaboration_id,
        task_id=task_id,
        facility_id=task.facility_id,
        from_post_id=task.owner_post_id,
        accountable_post_id=task.accountable_post_id,
        to_post_id=to_post_id,
        reason=reason,
    )
    task.owner_post_id = task.accountable_post_id = to_post_id
    task.version += 1
    return publish(session, event, actor=actor)


def keep_task(session: Session, *, actor: Actor, task_id: int) -> Happened:
    """Take back that a task was handed back, as if it had not been.

    Raises Forbidden unless the actor handed it back, Conflict when that is too long ago or something else has
    happened to the task since.
    """
    task = session.get_one(Task, task_id, with_for_update=True, populate_existing=True)
    last = last_act_on(session, task.collaboration_id, task_id)
    if last is None or last.type != TaskReturned.TYPE or task.state != "open":
        raise Conflict(
            lazy("This task has not been handed back, or has been acted on since."), code="not-returned"
        )
    if actor.kind != "person" or last.actor_id != actor.person_id:
        raise Forbidden(lazy("Only who handed the task back may take that back."), code="not-returned-by-you")
    if clock.now(session) > last.occurred_at + rules.UNDO_WITHIN:
        raise Conflict(
            lazy("It is too late to take this back: who has the task now was told."), code="too-late"
        )
    event = TaskKept(
        collaboration_id=task.collaboration_id,
        task_id=task_id,
        facility_id=task.facility_id,
        to_post_id=task.owner_post_id,
    )
    task.owner_post_id = last.data["from_post_id"]
    task.accountable_post_id = last.data["accountable_post_id"]
    task.version += 1
    return publish(session, event, actor=actor)


def _who_gave(session: Session, task: Task) -> int:
    """Return the post a task goes back to. Raises Conflict where there is none."""
    if task.accountable_post_id != task.owner_post_id:
        return task.accountable_post_id
    head = session.scalar(select(Post.id).where(Post.facility_id == task.facility_id, Post.role == "head"))
    if head is None or head == task.owner_post_id:
        raise Conflict(lazy("The unit has no head's post to hand this to."), code="nobody-to-hand-to")
    return head
