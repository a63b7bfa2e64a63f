"""Who may ask for tasks: whoever may see the collaboration they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import NotFound
from hub.followups.queries import TaskView, find_task
from hub.texts.catalogue import lazy
from hub.web.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hub.actor import Actor


def find_visible_task(session: Session, actor: Actor, *, task_id: int) -> TaskView:
    """Return a task. Raises NotFound for one the actor may not see."""
    task = find_task(session, actor, task_id)
    if task is None:
        raise NotFound(lazy("There is no such task."))
    return task


POLICIES: Mapping[str, Policy] = {
    "tasks.list_tasks": Policy("signed_in"),
    "tasks.show_task": Policy("signed_in", find_visible_task),
    "tasks.close_task": Policy("signed_in", find_visible_task, scope="follow-ups:write"),
    "tasks.reopen_task": Policy("signed_in", find_visible_task, scope="follow-ups:write"),
    "tasks.return_task": Policy("signed_in", find_visible_task, scope="follow-ups:write"),
    "tasks.keep_task": Policy("signed_in", find_visible_task, scope="follow-ups:write"),
    "task_pages.list_tasks": Policy("signed_in"),
    "task_pages.show_task": Policy("signed_in", find_visible_task),
    "task_pages.close_task": Policy("signed_in", find_visible_task),
    "task_pages.reopen_task": Policy("signed_in", find_visible_task),
    "task_pages.start_return": Policy("signed_in", find_visible_task),
    "task_pages.return_task": Policy("signed_in", find_visible_task),
    "task_pages.keep_task": Policy("signed_in", find_visible_task),
}
