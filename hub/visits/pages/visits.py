"""The page of a visit: when, where and what in words, its printed agenda, another date, that it was held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hub.collaborations import rules as collaboration_rules
from hub.collaborations.queries import find_cover
from hub.collaborations.themes import kind_name, known_theme_name
from hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound, Stale
from hub.facilities.queries import posts_of
from hub.texts.catalogue import lazy
from hub.visits.commands import arranging, conclude
from hub.visits.commands.arranging import NEWER_ARRANGEMENT, PlanChanges
from hub.visits.pages.forms import arrangement_values, changed, demand_head, why_no_workday
from hub.visits.queries.agenda import agenda_lines
from hub.visits.queries.visit import show_visits
from hub.visits.schemas import RearrangeSchema
from hub.visits.standing import asked, standing
from hub.web.errors import said
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, found, locale, session
from hub.workdays.calendar import why_not_working

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.collaborations.queries import Cover
    from hub.visits.queries.views import VisitRow, VisitView

blp = page_blueprint("visit_pages")

SPARE_LINES = 5
"""Lines of the sign-in sheet for people nobody announced."""
MOST_LINES = 40
UNKNOWN_HEADS = 10
HELD = lazy("Noted: the visit took place. Next, write down what it brought.")
ASKED_AGAIN = lazy("The new date or agenda is proposed. The host is asked again.")
NOTHING_DIFFERS = lazy("Nothing is different yet. Change the date, the place or the agenda first.")


@blp.route("/visits/<int:visit_id>", methods=["GET"])
def show_visit(*, visit_id: int) -> Response:
    """Show a visit: date, agenda, whose turn it is; printed, it is the agenda and a sign-in sheet."""
    del visit_id
    cover, view = _visit()
    return _visit_page(cover, view)


@blp.route("/visits/<int:visit_id>/hold", methods=["POST"])
def hold_visit(*, visit_id: int) -> BaseResponse:
    """Note that it took place, then lead to the outcome."""
    try:
        conclude.hold_visit(session(), actor=actor(), visit_id=visit_id)
    except (Conflict, Forbidden) as error:
        cover, view = _visit()
        return _visit_page(cover, view, error=error)
    return go(f"/visits/{visit_id}/outcome", HELD)


@blp.route("/visits/<int:visit_id>/arrangements/new", methods=["GET"])
def start_arrangement(*, visit_id: int) -> Response:
    """Show the form of another date or agenda, filled with the current one or the one asked for."""
    del visit_id
    cover, view = _visit()
    demand_head(view, actor())
    values = arrangement_values(view)
    invitation = asked(view)
    answer = invitation.answer if invitation else None
    if answer is not None and answer.counter_starts_at is not None and answer.counter_ends_at is not None:
        zone = view.arrangement.starts_at.tzinfo
        values["starts_at"] = answer.counter_starts_at.astimezone(zone).replace(tzinfo=None)
        values["ends_at"] = answer.counter_ends_at.astimezone(zone).replace(tzinfo=None)
    return _arrangement_page(Form(RearrangeSchema, values), cover, view)


@blp.route("/visits/<int:visit_id>/arrangements/new", methods=["POST"])
def rearrange_visit(*, visit_id: int) -> BaseResponse:
    """Propose the next arrangement; who comes too late sees what stands there by now."""
    cover, view = _visit()
    form = Form.posted(RearrangeSchema)
    if form.is_resized:
        return _arrangement_page(form, cover, view)
    now = arrangement_values(view)
    try:
        data = form.load()
        agenda = data.pop("agenda")
        replaces, weekday = data.pop("replaces"), data.pop("weekday")
        if replaces is not None and replaces != view.arrangement.number:
            raise Stale(NEWER_ARRANGEMENT)  # noqa: TRY301 -- answered like every edit that comes too late
        changes = changed(PlanChanges(**data, agenda=None if agenda is None else tuple(agenda)), now)
        if not changes.are_any:
            raise Invalid(NOTHING_DIFFERS)  # noqa: TRY301 -- shown above the form as any other fault
        _, warnings, _ = arranging.rearrange(
            session(),
            actor=actor(),
            visit_id=visit_id,
            changes=changes,
            weekday=weekday,
            replaces=view.arrangement.number,
        )
    except Stale as error:
        return _arrangement_page(form.refused(error, now=now), cover, view)
    except (Invalid, Conflict, Forbidden) as error:
        return _arrangement_page(form.refused(error), cover, view)
    path = f"/collaborations/{cover.id}"
    for warned in warnings:
        return go(path, warned.message, tone="caution", **warned.values)
    return go(path, ASKED_AGAIN)


def _visit() -> tuple[Cover, VisitView]:
    row = cast("VisitRow", found())
    cover = find_cover(session(), actor(), row.collaboration_id)
    if cover is None:
        raise NotFound(lazy("There is no such visit."))
    (view,) = show_visits(session(), actor(), [row])
    return cover, view


def _visit_page(cover: Cover, view: VisitView, *, error: HubError | None = None) -> Response:
    stands = standing(cover, view, actor(), locale())
    guest, host = stands.guest, stands.host
    plan = view.arrangement
    heads = plan.head_count or UNKNOWN_HEADS
    is_party = collaboration_rules.may_take_part(actor(), (guest.facility_id, host.facility_id))
    return render_page(
        "visits/visit.html",
        status=200 if error is None else error.status,
        cover=cover,
        view=view,
        plan=plan,
        stands=stands,
        kind=kind_name(cover.kind, locale()),
        themes=[known_theme_name(code, locale()) for code in cover.themes],
        agenda=agenda_lines(session(), plan, locale()),
        brought=_brought(view) if view.row.state == "concluded" else [],
        not_working=why_not_working(plan.starts_at.date(), locale()),
        may_hold=is_party and view.step == "hold",
        may_conclude=is_party and view.step == "publish",
        may_rearrange=collaboration_rules.may_decide(actor(), guest.facility_id)
        and view.row.state in ("proposed", "scheduled")
        and cover.proposal_state in ("submitted", "accepted"),
        lines=min(heads + SPARE_LINES, MOST_LINES),
        refusal=said(error.message, error.values) if error else None,
    )


def _brought(view: VisitView) -> list[dict[str, Any]]:
    """Return the published outcome, theme by theme, with the unit of each commitment by name."""
    units = {side.facility_id: side.name for side in view.parties}
    return [
        {
            "theme": known_theme_name(one.theme, locale()),
            "seen": one.seen,
            "will_try": one.will_try,
            "commitments": [
                (promise.text, promise.owner, units.get(promise.facility_id, ""), promise.due_on)
                for promise in one.commitments
            ],
        }
        for one in view.themes
    ]


def _arrangement_page(form: Form, cover: Cover, view: VisitView) -> Response:
    stands = standing(cover, view, actor(), locale())
    posts = [
        (post.id, f"{post.title}, {side.name}")
        for side in (stands.guest, stands.host)
        for post in posts_of(session(), side.facility_id)
    ]
    invitation = asked(view)
    return render_page(
        "visits/arrangement_form.html",
        status=form.status,
        form=form,
        cover=cover,
        plan=view.arrangement,
        stands=stands,
        posts=posts,
        answer=invitation.answer if invitation else None,
        not_working=why_no_workday(form, locale()),
    )
