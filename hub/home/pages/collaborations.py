"""The list of collaborations, and the one page on which each can be followed from proposal to follow-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from hub import clock
from hub.collaborations import rules as collaboration_rules
from hub.collaborations.themes import kind_name, known_theme_name
from hub.errors import NotFound
from hub.followups.queries import tasks_of
from hub.followups.wording import task_row
from hub.home.happenings import happenings
from hub.home.threads import ROLES, STATES, State, has_party, in_state, threads, views_of
from hub.home.wording import thread_row
from hub.texts.catalogue import gettext_for, lazy
from hub.visits.queries.clashes import clashes
from hub.visits.standing import asked
from hub.web.cursors import write_cursor
from hub.web.fields import Choice
from hub.web.pages import page_blueprint, render_page
from hub.web.paging import page_query
from hub.web.parsing import read_query
from hub.web.request import actor, found, locale, session
from hub.workdays.calendar import why_not_working

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from sqlalchemy import ColumnElement

    from hub.collaborations.queries import Cover
    from hub.home.threads import ThreadView

blp = page_blueprint("collaboration_pages")

ROWS = 20
QuerySchema = page_query(
    int, state=Choice(tuple(STATES), load_default=None), role=Choice(tuple(ROLES), load_default=None)
)


@blp.route("/collaborations", methods=["GET"])
def list_collaborations() -> Response:
    """List the collaborations the reader may see, newest first, with whose turn it is."""
    query = read_query(QuerySchema)
    state, role = query["state"], query["role"]
    conditions: list[ColumnElement[bool]] = []
    if state is not None:
        conditions.append(in_state(cast("State", state)))
    units = [*actor().unit_ids, *actor().headed_ids]
    if role is not None:
        conditions.append(has_party(units, role))
    before = query["after"][0] if query["after"] else None
    rows = threads(session(), actor(), locale(), *conditions, before_id=before, limit=ROWS + 1)
    gettext = gettext_for(locale())
    return render_page(
        "home/collaborations.html",
        rows=[thread_row(row, locale(), actor().zone) for row in rows[:ROWS]],
        states=[
            {"href": _list_path(role=role), "text": gettext(lazy("All")), "current": state is None},
            *(
                {"href": _list_path(state=name, role=role), "text": gettext(text), "current": state == name}
                for name, text in STATES.items()
            ),
        ],
        roles=[
            {"href": _list_path(state=state), "text": gettext(lazy("Both")), "current": role is None},
            *(
                {"href": _list_path(state=state, role=name), "text": gettext(text), "current": role == name}
                for name, text in ROLES.items()
            ),
        ]
        if units
        else [],
        is_filtered=state is not None or role is not None,
        next_path=_list_path(state=state, role=role, after=write_cursor((rows[ROWS - 1].cover.id,)))
        if len(rows) > ROWS
        else None,
        first_path=_list_path(state=state, role=role) if before is not None else None,
        may_propose=bool(units),
    )


@blp.route("/collaborations/<int:collaboration_id>", methods=["GET"])
def show_collaboration(*, collaboration_id: int) -> Response:
    """Show a collaboration: where it stands, whose turn it is, what was agreed, what happened."""
    cover = cast("Cover", found())
    views = views_of(session(), actor(), locale(), [cover])
    if not views:
        raise NotFound(lazy("There is no such collaboration."))
    thread = views[0]
    plan = thread.view.arrangement
    tasks = tasks_of(session(), actor(), collaboration_id=collaboration_id)
    told = happenings(session(), collaboration_id, locale=locale(), zone=actor().zone)
    invitation = asked(thread.view)
    return render_page(
        "home/collaboration.html",
        cover=cover,
        view=thread.view,
        visits=thread.visits,
        plan=plan,
        stands=thread.stands,
        kind=kind_name(cover.kind, locale()),
        themes=[known_theme_name(code, locale()) for code in cover.themes],
        outcomes=[
            {"theme": known_theme_name(one.theme, locale()), "seen": one.seen, "will_try": one.will_try}
            for one in thread.view.themes
        ],
        clashes=clashes(session(), actor(), thread.view, host_id=thread.stands.host.facility_id)
        if thread.stands.step in ("submit", "answer", "rearrange")
        else [],
        invitation=invitation,
        answer=invitation.answer if invitation else None,
        is_late=invitation is not None and clock.now(session()) > invitation.respond_by,
        tasks=[{**task_row(task, locale()), "about": None} for task in tasks],
        next_task=next(
            ({**task_row(task, locale()), "about": None} for task in tasks if task.state == "open"), None
        ),
        told=told,
        not_working=why_not_working(plan.starts_at.date(), locale()),
        may=_may(thread),
    )


def _may(thread: ThreadView) -> Mapping[str, bool]:
    """Return what the reader may do here now; the commands decide again."""
    stands, who = thread.stands, actor()
    sides = (stands.guest.facility_id, stands.host.facility_id)
    heads_guest = collaboration_rules.may_decide(who, stands.guest.facility_id)
    invitation = asked(thread.view)
    is_asking = thread.cover.proposal_state == "submitted"
    is_answered = invitation is not None and invitation.answer is not None
    may: dict[str, Any] = {
        "edit": stands.step == "submit" and collaboration_rules.may_propose(who, stands.guest.facility_id),
        "submit": stands.step == "submit" and heads_guest,
        "answer": stands.step == "answer"
        and invitation is not None
        and invitation.revoked_at is None
        and collaboration_rules.may_answer(who, stands.host.facility_id),
        "renew": heads_guest and is_asking and invitation is not None and not is_answered,
        "revoke": heads_guest
        and is_asking
        and invitation is not None
        and invitation.revoked_at is None
        and not is_answered,
        "rearrange": heads_guest
        and thread.cover.proposal_state in ("submitted", "accepted")
        and thread.view.row.state in ("proposed", "scheduled"),
        "withdraw": heads_guest
        and thread.cover.proposal_state in ("submitted", "accepted")
        and thread.view.row.state in ("proposed", "scheduled"),
        "hold": stands.step == "hold" and collaboration_rules.may_take_part(who, sides),
        "conclude": stands.step == "publish" and collaboration_rules.may_take_part(who, sides),
    }
    return may


def _list_path(**query: str | None) -> str:
    given = {name: value for name, value in query.items() if value}
    return "/collaborations" + (f"?{urlencode(given)}" if given else "")
