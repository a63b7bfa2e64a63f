"""Follow-up tasks: see what is due, and close it with a sentence on what was done."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from hub.collaborations.schemas import told
from hub.followups import commands, history, queries
from hub.followups.policy import find_visible_task
from hub.followups.schemas import (
    CloseTaskSchema,
    ReturnTaskSchema,
    TaskEventSchema,
    TaskQuery,
    TaskSchema,
    TaskWithRemindersSchema,
)
from hub.texts.catalogue import translate
from hub.texts.formats import format_days_away
from hub.web.api import api_blueprint
from hub.web.paging import Page, page, page_of
from hub.web.request import actor, found, locale, require_match, session, set_etag

if TYPE_CHECKING:
    from hub.followups.queries import TaskView

blp = api_blueprint("tasks")


@blp.route("/tasks", methods=["GET"])
@blp.arguments(TaskQuery, location="query")
@blp.response(200, page_of(TaskSchema))
def list_tasks(query: dict[str, Any]) -> Page:
    """List follow-up tasks by the day they are due: those of your posts, or those of a unit."""
    limit: int = query["limit"]
    state = None if query["state"] == "all" else query["state"]
    after = (query["after"][0], query["after"][1]) if query["after"] else None
    if query["scope"] == "mine":
        tasks = queries.own_tasks(session(), actor(), state=state, after=after, limit=limit + 1)
    else:
        units = [query["facility_id"]] if query["facility_id"] else list(actor().unit_ids)
        tasks = queries.unit_tasks(
            session(), actor(), facility_ids=units, state=state, after=after, limit=limit + 1
        )
    shown = page(tasks, limit, lambda task: (task.due_on, task.id))
    language = locale()
    return {"items": [_item(task, language) for task in shown["items"]], "next": shown["next"]}


@blp.route("/tasks/<int:task_id>", methods=["GET"])
@blp.response(200, TaskWithRemindersSchema)
def show_task(*, task_id: int) -> dict[str, Any]:
    """Show a task with its reminders."""
    del task_id  # the policy has found it
    return _task_now(cast("TaskView", found()))


@blp.route("/tasks/<int:task_id>/close", methods=["POST"])
@blp.arguments(CloseTaskSchema)
@blp.response(200, TaskEventSchema)
def close_task(data: dict[str, Any], *, task_id: int) -> dict[str, Any]:
    """Close a task; needs If-Match with its version. Its remaining reminders are cancelled."""
    version = cast("TaskView", found()).version
    require_match(version)
    happened = commands.close_task(session(), actor=actor(), task_id=task_id, version=version, **data)
    session().flush()
    task = find_visible_task(session(), actor(), task_id=task_id)
    return {**told([happened]), "task": _task_now(task)}


@blp.route("/tasks/<int:task_id>/reopen", methods=["POST"])
@blp.response(200, TaskEventSchema)
def reopen_task(*, task_id: int) -> dict[str, Any]:
    """Take back that a task is closed: for who closed it, within five minutes."""
    happened = commands.reopen_task(session(), actor=actor(), task_id=task_id)
    session().flush()
    task = find_visible_task(session(), actor(), task_id=task_id)
    return {**told([happened]), "task": _task_now(task)}


@blp.route("/tasks/<int:task_id>/return", methods=["POST"])
@blp.arguments(ReturnTaskSchema)
@blp.response(200, TaskEventSchema)
def return_task(data: dict[str, Any], *, task_id: int) -> dict[str, Any]:
    """Say "not mine"; needs If-Match with its version. It goes to who answers for it, else to the head."""
    version = cast("TaskView", found()).version
    require_match(version)
    happened = commands.return_task(session(), actor=actor(), task_id=task_id, version=version, **data)
    session().flush()
    task = find_visible_task(session(), actor(), task_id=task_id)
    return {**told([happened]), "task": _task_now(task)}


@blp.route("/tasks/<int:task_id>/keep", methods=["POST"])
@blp.response(200, TaskEventSchema)
def keep_task(*, task_id: int) -> dict[str, Any]:
    """Take back that a task was handed back: for who did it, within five minutes."""
    happened = commands.keep_task(session(), actor=actor(), task_id=task_id)
    session().flush()
    task = find_visible_task(session(), actor(), task_id=task_id)
    return {**told([happened]), "task": _task_now(task)}


def _task_now(task: TaskView) -> dict[str, Any]:
    set_etag(task.version)
    reminders = [asdict(reminder) for reminder in history.reminders_of(session(), task.id)]
    for reminder in reminders:
        if reason := reminder["reason"]:
            reminder["reason"] = translate(locale(), reason)
    return {**_item(task, locale()), "reminders": reminders}


def _item(task: TaskView, language: str) -> dict[str, Any]:
    return {**task._asdict(), "due_text": format_days_away(task.due_on, task.today, language)}
