"""The pages of follow-ups: what is due, for oneself or one's unit, and one task to be closed."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

from flask import Response, request
from sqlalchemy import select

from hub import clock
from hub.collaborations.themes import known_theme_name
from hub.errors import Conflict, Forbidden, Invalid, Stale
from hub.facilities.models import Facility
from hub.followups import commands, history, queries
from hub.followups.policy import find_visible_task
from hub.followups.schemas import CloseTaskSchema, ReturnTaskSchema
from hub.followups.wording import GROUPS, REMINDER_STATES, REMINDERS, due_line, due_words, task_row
from hub.texts.catalogue import lazy, translate
from hub.texts.formats import format_moment
from hub.web.fields import Choice, Number
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.paging import page, page_query
from hub.web.parsing import PARSER
from hub.web.request import actor, found, locale, require_match, session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from werkzeug.wrappers import Response as BaseResponse

    from hub.followups.queries import TaskView

blp = page_blueprint("task_pages")

LIMIT = 50
CLOSED = lazy("The task is closed. Everybody it concerns is being told.")
REOPENED = lazy("The task is open again. What you wrote is still there.")
RETURNED = lazy("The task is handed back. Who has it now is being told.")
KEPT = lazy("The task is yours as before.")
CLOSED_BEFORE = lazy("This task had been closed already, so nothing was changed.")


def _query(*key: type) -> Any:
    """Return the schema of the list's query; the two lists are sorted by different keys."""
    return page_query(
        *key,
        scope=Choice(("mine", "unit"), load_default=None),
        facility_id=Number(1, load_default=None),
        state=Choice(("open", "closed"), load_default="open"),
    )


OPEN_QUERY = _query(dt.date, int)
CLOSED_QUERY = _query(dt.datetime, int)


@blp.route("/tasks", methods=["GET"])
def list_tasks() -> Response:
    """List what is due, or what is done, of one's own posts or of a unit."""
    is_closed = request.args.get("state") == "closed"
    query = PARSER.parse(CLOSED_QUERY if is_closed else OPEN_QUERY, request, location="query")
    me = actor()
    facility_id: int | None = query["facility_id"]
    # A head asks first what is late in the unit, staff what is theirs.
    is_wider = facility_id or me.headed_ids or not me.post_ids
    scope = query["scope"] or ("unit" if is_wider else "mine")
    chosen: dict[str, Any] = {"facility_ids": None, "post_ids": None}
    if scope == "mine":
        chosen["post_ids"] = list(me.post_ids)
    elif facility_id or me.unit_ids:
        chosen["facility_ids"] = [facility_id] if facility_id else list(me.unit_ids)
    read = queries.closed_tasks if is_closed else queries.open_tasks
    limit: int = query["limit"]
    after = tuple(query["after"]) if query["after"] else None
    tasks = read(session(), me, **chosen, after=after, limit=limit + 1)
    shown = page(tasks, limit, _closed_key if is_closed else _open_key)
    kept = {"scope": scope, "facility_id": facility_id, "state": query["state"]}
    return render_page(
        "followups/tasks.html",
        groups=_groups(
            shown["items"],
            is_closed=is_closed,
            is_own=scope == "mine",
            is_of_one_unit=len(chosen["facility_ids"] or ()) == 1,
        ),
        scope=scope,
        is_closed=is_closed,
        counts=queries.count_open(session(), me) if me.post_ids and not facility_id else None,
        has_units=bool(me.unit_ids),
        unit=_unit_name(facility_id) if facility_id else None,
        address=_address,
        kept=kept,
        next=_address({**kept, "after": shown["next"]}) if shown["next"] else None,
        first=_address(kept) if query["after"] else None,
    )


@blp.route("/tasks/<int:task_id>", methods=["GET"])
def show_task(*, task_id: int) -> Response:
    """Show a task: what was promised, by whom, in which visit, and the form that closes it."""
    del task_id  # the policy has found it
    task = cast("TaskView", found())
    return _task_page(task, Form(CloseTaskSchema, {"note": task.closing_note}, version=task.version))


@blp.route("/tasks/<int:task_id>/close", methods=["POST"])
def close_task(*, task_id: int) -> BaseResponse:
    """Close a task with a sentence on what was done."""
    task = cast("TaskView", found())
    form = Form.posted(CloseTaskSchema)
    try:
        require_match(task.version)
        note: str = form.load()["note"]
        commands.close_task(session(), actor=actor(), task_id=task_id, version=task.version, note=note)
    except Conflict:
        return go(f"/tasks/{task_id}", CLOSED_BEFORE, tone="info")
    except (Invalid, Stale) as error:
        now = find_visible_task(session(), actor(), task_id=task_id)
        if now.state != "open":
            return go(f"/tasks/{task_id}", CLOSED_BEFORE, tone="info")
        return _task_page(now, form.refused(error, version=now.version))
    return go(f"/tasks/{task_id}", CLOSED, undo=f"/tasks/{task_id}/reopen")


@blp.route("/tasks/<int:task_id>/reopen", methods=["POST"])
def reopen_task(*, task_id: int) -> BaseResponse:
    """Take back that a task is closed."""
    try:
        commands.reopen_task(session(), actor=actor(), task_id=task_id)
    except (Conflict, Forbidden) as error:
        return go(f"/tasks/{task_id}", error.message, tone="caution")
    return go(f"/tasks/{task_id}", REOPENED)


@blp.route("/tasks/<int:task_id>/return", methods=["GET"])
def start_return(*, task_id: int) -> Response:
    """Ask why the task is not the reader's."""
    del task_id  # the policy has found it
    task = cast("TaskView", found())
    return _return_page(task, Form(ReturnTaskSchema, version=task.version))


@blp.route("/tasks/<int:task_id>/return", methods=["POST"])
def return_task(*, task_id: int) -> BaseResponse:
    """Hand a task back."""
    task = cast("TaskView", found())
    form = Form.posted(ReturnTaskSchema)
    try:
        require_match(task.version)
        reason: str = form.load()["reason"]
        commands.return_task(session(), actor=actor(), task_id=task_id, version=task.version, reason=reason)
    except Conflict as error:
        return go(f"/tasks/{task_id}", error.message, tone="info")
    except (Invalid, Stale) as error:
        now = find_visible_task(session(), actor(), task_id=task_id)
        return _return_page(now, form.refused(error, version=now.version))
    return go(f"/tasks/{task_id}", RETURNED, undo=f"/tasks/{task_id}/keep")


@blp.route("/tasks/<int:task_id>/keep", methods=["POST"])
def keep_task(*, task_id: int) -> BaseResponse:
    """Take back that a task was handed back."""
    try:
        commands.keep_task(session(), actor=actor(), task_id=task_id)
    except (Conflict, Forbidden) as error:
        return go(f"/tasks/{task_id}", error.message, tone="caution")
    return go(f"/tasks/{task_id}", KEPT)


def _return_page(task: TaskView, form: Form) -> Response:
    if not task.may_return:
        raise Forbidden(
            lazy("Only who holds the task's post may hand it back; a head has nobody to hand it to.")
        )
    return render_page("followups/return.html", status=form.status, task=task, form=form)


def _task_page(task: TaskView, form: Form) -> Response:
    origin = history.origin_of(session(), task)
    words, now = locale(), clock.now(session())
    return render_page(
        "followups/task.html",
        status=form.status,
        task=task,
        form=form,
        origin=origin,
        theme=known_theme_name(origin.theme, words),
        due=due_line(task.due_on, task.today, task.due_state, words),
        away=due_words(task.due_on, task.today, words),
        closing=history.closing_of(session(), task) if task.state == "closed" else None,
        returns=history.returns_of(session(), task) if task.facility_id in actor().unit_ids else [],
        reminders=[
            {
                "kind": translate(words, REMINDERS[one.kind]),
                "when": format_moment(one.due_at, task.iana_zone, words),
                "state": translate(words, REMINDER_STATES[one.state]),
                "reason": translate(words, one.reason) if one.reason else "",
            }
            for one in history.reminders_of(session(), task.id)
            # What was planned for a moment that has passed says nothing that helps.
            if one.state != "planned" or one.due_at > now
        ],
    )


def _groups(
    tasks: Sequence[TaskView], *, is_closed: bool, **known: bool
) -> list[tuple[str | None, list[dict[str, Any]]]]:
    """Return the rows under their headings; closed ones stand under none."""
    if is_closed:
        rows = [task_row(task, locale(), **known) for task in tasks]
        return [(None, rows)] if rows else []
    # The lists of units in several zones are sorted by day alone, where it may be another day already.
    order = list(GROUPS)
    ordered = sorted(tasks, key=lambda task: order.index(task.due_state))
    return [
        (translate(locale(), GROUPS[state]), [task_row(task, locale(), **known) for task in group])
        for state, group in groupby(ordered, key=lambda task: task.due_state)
    ]


def _open_key(task: TaskView) -> tuple[object, ...]:
    return (task.due_on, task.id)


def _closed_key(task: TaskView) -> tuple[object, ...]:
    return (task.closed_at, task.id)


def _unit_name(facility_id: int) -> str | None:
    return session().scalars(select(Facility.name).where(Facility.id == facility_id)).one_or_none()


def _address(facts: Mapping[str, object], **changes: object) -> str:
    pairs = {name: value for name, value in {**facts, **changes}.items() if value not in (None, "")}
    return "/tasks?" + "&".join(f"{name}={value}" for name, value in pairs.items())
