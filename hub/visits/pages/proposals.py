"""Propose a visit in three minutes: the form of a draft, and sending it to the host.

Works without scripts: the host is searched for on the page itself, rows of the agenda come and go by
buttons, and whatever was typed stays.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, cast

from flask import Response, request

from hub import clock
from hub.collaborations import rules as collaboration_rules
from hub.collaborations.models import ALREADY_SUBMITTED
from hub.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from hub.facilities.queries import brief
from hub.texts.catalogue import gettext_for, lazy
from hub.texts.formats import format_short_day
from hub.visits import rules
from hub.visits.commands import propose
from hub.visits.commands.arranging import Plan, PlanChanges
from hub.visits.commands.propose import NAME_A_HOST
from hub.visits.pages.forms import (
    arrangement_values,
    changed,
    demand_head,
    demand_own,
    duplicates_of_letter,
    proposal_values,
    texts_of_draft,
    usual_agenda,
    why_no_workday,
)
from hub.visits.pages.units import Host, host_in, options, own_units, unit_named
from hub.visits.queries.visit import show_visits, visits_of
from hub.visits.schemas import ProposalDraftSchema, ProposalInSchema, ReasonSchema, SubmitSchema
from hub.web.forms import Form
from hub.web.guarding import confirmed, show_all_suspected
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, found, locale, require_match, session
from hub.workdays.calendar import add_working_days, why_not_working
from hub.workdays.zones import local_date, zone_label

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from hub.collaborations.queries import Cover
    from hub.facilities.queries import Brief
    from hub.visits.queries.views import VisitView

blp = page_blueprint("proposal_pages")

PLAN = ("starts_at", "ends_at", "place", "head_count")
DAYS_AHEAD = 10
"""Working days from today to the day that a new proposal begins with."""
KEPT = lazy("The draft is kept. Only your unit sees it.")
KEPT_TO_LOOK_AT = lazy(
    "The draft is kept. Something in it may tell who is in custody: please look at what is marked below."
)
SENT = lazy(
    "The proposal is sent. The invitation goes to the host by mail; its delivery can be followed below."
)
WITHDRAWN = lazy("The proposal is withdrawn. Everybody concerned is told.")


@blp.route("/proposals/new", methods=["GET"])
def start_proposal() -> Response:
    """Show the form of a new proposal with the usual answers already in it."""
    units = own_units()
    unit = unit_named(request.args.get("host", ""))
    gettext = gettext_for(locale())
    now = clock.now(session())
    day = add_working_days(local_date(now, unit.iana_zone if unit else actor().zone), DAYS_AHEAD)
    values = {
        "guest_id": units[0].id,
        "host_id": unit.id if unit else None,
        "kind": "studi_tiru",
        "form": gettext("A visit of one day: presentations, a tour and a discussion"),
        "duration": gettext("One day, with follow-ups afterwards"),
        "starts_at": dt.datetime.combine(day, dt.time(9)),
        "ends_at": dt.datetime.combine(day, dt.time(12)),
        "place": gettext("Hall of %(unit)s") % {"unit": unit.name} if unit else "",
        "head_count": 5,
        "agenda": usual_agenda(locale()),
    }
    return _write_page(Form(ProposalInSchema, values), units)


@blp.route("/proposals/new", methods=["POST"])
def create_proposal() -> BaseResponse:
    """Keep the draft; or search for a host, or change the number of rows, and show the form again."""
    units = own_units()
    form = Form.posted(ProposalInSchema)
    if form.is_resized:
        return _write_page(form, units)
    try:
        data = form.load()
        plan = Plan(**{name: data.pop(name) for name in PLAN}, agenda=tuple(data.pop("agenda")))
        made = propose.propose(session(), actor=actor(), plan=plan, **data)
    except Invalid as error:
        # The schema takes a host by id or by name; that neither is there is to be said with all the rest.
        missing = {} if form.value("host_id") or form.value("host_name").strip() else {"host_id": NAME_A_HOST}
        whole = Invalid(error.message, fields={**missing, **error.fields}, code=error.code, **error.values)
        return _write_page(form.refused(whole, names={"host_id": "host_name"}), units)
    except Forbidden as error:
        return _write_page(form.refused(error), units)
    return _written(made)


@blp.route("/proposals/<int:proposal_id>/edit", methods=["GET"])
def edit_proposal(*, proposal_id: int) -> BaseResponse:
    """Show the form of a draft; of a proposal that was sent its collaboration."""
    del proposal_id
    cover, view = _own()
    if cover.proposal_state != "draft":
        return go(f"/collaborations/{cover.id}", ALREADY_SUBMITTED, tone="info")
    form = Form(ProposalDraftSchema, proposal_values(cover, view), version=cover.proposal_version)
    return _edit_page(form, cover, view)


@blp.route("/proposals/<int:proposal_id>/edit", methods=["POST"])
def change_proposal(*, proposal_id: int) -> BaseResponse:
    """Keep what was changed; who comes too late sees both and may send again."""
    cover, view = _own()
    form = Form.posted(ProposalDraftSchema)
    if form.is_resized:
        return _edit_page(form, cover, view)
    now = proposal_values(cover, view)
    try:
        require_match(cover.proposal_version)
        data = form.load()
        agenda = tuple(data.pop("agenda"))
        weekday = data.pop("weekday")
        plan = PlanChanges(**{name: data.pop(name) for name in PLAN}, agenda=agenda)
        edited = propose.edit_proposal(
            session(),
            actor=actor(),
            proposal_id=proposal_id,
            version=cover.proposal_version,
            words=data,
            plan=changed(plan, arrangement_values(view)),
            weekday=weekday,
        )
    except Stale as error:
        return _edit_page(form.refused(error, now=now, version=cover.proposal_version), cover, view)
    except (Invalid, Conflict) as error:
        return _edit_page(form.refused(error), cover, view)
    return _written(edited)


@blp.route("/proposals/<int:proposal_id>/submit", methods=["GET"])
def confirm_submission(*, proposal_id: int) -> BaseResponse:
    """Say whom the invitation goes to and until when it is to be answered, before anything is sent."""
    del proposal_id
    cover, view = _own()
    if cover.proposal_state != "draft":
        return go(f"/collaborations/{cover.id}", ALREADY_SUBMITTED, tone="info")
    return _submit_page(Form(SubmitSchema, version=cover.proposal_version), cover, view)


@blp.route("/proposals/<int:proposal_id>/submit", methods=["POST"])
def submit_proposal(*, proposal_id: int) -> BaseResponse:
    """Send the proposal; a repeat leads to the same collaboration."""
    cover, view = _own()
    form = Form.posted(SubmitSchema)
    try:
        require_match(cover.proposal_version)
        propose.submit_proposal(
            session(),
            actor=actor(),
            proposal_id=proposal_id,
            version=cover.proposal_version,
            confirmed=confirmed(),
            **form.load(),
        )
    except Stale as error:
        return _submit_page(form.refused(error, version=cover.proposal_version), cover, view)
    except (Invalid, Conflict, Forbidden) as error:
        return _submit_page(form.refused(error), cover, view)
    return go(f"/collaborations/{cover.id}", SENT)


@blp.route("/proposals/<int:proposal_id>/withdraw", methods=["GET"])
def confirm_withdrawal(*, proposal_id: int) -> Response:
    """Ask for the reason, and say what withdrawing ends."""
    del proposal_id
    cover, view = _own()
    demand_head(view, actor())
    return _withdraw_page(Form(ReasonSchema), cover)


@blp.route("/proposals/<int:proposal_id>/withdraw", methods=["POST"])
def withdraw_proposal(*, proposal_id: int) -> BaseResponse:
    """Take the proposal back."""
    cover = cast("Cover", found())
    form = Form.posted(ReasonSchema)
    try:
        propose.withdraw_proposal(session(), actor=actor(), proposal_id=proposal_id, **form.load())
    except (Invalid, Conflict, Forbidden) as error:
        return _withdraw_page(form.refused(error), cover)
    return go(f"/collaborations/{cover.id}", WITHDRAWN)


def _written(made: propose.Proposed) -> BaseResponse:
    """Go on where the pressed button said, with a word about what looks odd in the date."""
    is_to_be_sent = request.form.get("_then") == "submit"
    path = f"/collaborations/{made.collaboration_id}"
    if is_to_be_sent:
        path = f"/proposals/{made.proposal_id}/submit"
    for warned in made.warnings:
        if warned.code == "inmate-data-suspected":
            if is_to_be_sent:
                break  # the next page shows what it is, and asks
            return go(f"/proposals/{made.proposal_id}/edit", KEPT_TO_LOOK_AT, tone="caution")
        if warned.code == "weekday-disagrees":
            # Before anything is sent, somebody must look at the date again.
            path = f"/proposals/{made.proposal_id}/edit"
        return go(path, warned.message, tone="caution", **warned.values)
    return go(path) if is_to_be_sent else go(path, KEPT)


def _own() -> tuple[Cover, VisitView]:
    """Return what the policy found, as it stands. Raises Forbidden for who only looks on."""
    cover = cast("Cover", found())
    rows = visits_of(session(), actor(), [cover.id])
    if not rows:
        raise NotFound(lazy("There is no such proposal."))
    (view, *_) = show_visits(session(), actor(), rows)
    demand_own(view, actor())
    return cover, view


def _write_page(form: Form, units: list[Brief]) -> Response:
    host = host_in(form)
    guest = next((unit for unit in units if str(unit.id) == form.value("guest_id")), units[0])
    return render_page(
        "visits/proposal_form.html",
        status=form.status,
        form=form,
        is_new=True,
        host=host,
        guests=[(unit.id, unit.name) for unit in units],
        zone=zone_label(host.unit.iana_zone) if host.unit else None,
        not_working=why_no_workday(form, locale()),
        back=None,
        may_submit=bool(actor().headed_ids),
        **options([guest.id, *([host.unit.id] if host.unit else [])]),
    )


def _edit_page(form: Form, cover: Cover, view: VisitView) -> Response:
    guest, host = (
        next(side for side in view.parties if side.role == "guest"),
        next(side for side in view.parties if side.role == "host"),
    )
    return render_page(
        "visits/proposal_form.html",
        status=form.status,
        form=form,
        is_new=False,
        host=Host(brief(session(), host.facility_id), [], is_searching=False),
        guests=[(guest.facility_id, guest.name)],
        zone=view.arrangement.zone,
        not_working=why_no_workday(form, locale()),
        back=f"/collaborations/{cover.id}",
        may_submit=collaboration_rules.may_decide(actor(), guest.facility_id),
        **options([guest.facility_id, host.facility_id]),
    )


def _submit_page(form: Form, cover: Cover, view: VisitView) -> Response:
    host = next(side for side in view.parties if side.role == "host")
    guest = next(side for side in view.parties if side.role == "guest")
    unit = brief(session(), host.facility_id)
    plan = view.arrangement
    now = clock.now(session())
    until = rules.respond_by(now, plan.starts_at, plan.iana_zone)
    twins = duplicates_of_letter(session(), cover, guest.facility_id)
    return render_page(
        "visits/proposal_submit.html",
        status=form.status,
        form=form,
        cover=cover,
        plan=plan,
        guest=guest,
        host=host,
        mailbox=unit.mailbox if unit else None,
        until=until,
        has_passed=plan.starts_at <= now,
        not_working=why_not_working(plan.starts_at.date(), locale()),
        may_submit=collaboration_rules.may_decide(actor(), guest.facility_id),
        twins=[f"{ref} ({format_short_day(day, locale())})" for ref, day in twins],
        suspected=show_all_suspected(texts_of_draft(cover, view)),
    )


def _withdraw_page(form: Form, cover: Cover) -> Response:
    return render_page("visits/proposal_withdraw.html", status=form.status, form=form, cover=cover)
