"""The page on which both units write down what a visit brought; publishing is a page of its own.

Who answers for a promise is chosen among the posts of both units, so the unit need not be asked for.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from flask import Response, request
from marshmallow import post_load
from sqlalchemy import case, select
from sqlalchemy.orm import aliased

from hub import clock
from hub.accounts.models import POST_ROLES, Post
from hub.collaborations import rules
from hub.collaborations.themes import THEMES, theme_name
from hub.errors import Conflict, Forbidden, Invalid, Stale
from hub.texts.catalogue import gettext_for, lazy
from hub.texts.formats import format_day
from hub.visits.commands.conclude import NOT_A_PARTY_OF_IT, Promise, ThemeOutcome, write_outcome
from hub.visits.policy import find_visit_row
from hub.visits.queries.visit import show_visits
from hub.visits.schemas import (
    MOST_PROMISES,
    MOST_THEMES,
    MOST_WORKING_DAYS,
    OutcomeInSchema,
    PromiseSchema,
    ThemeOutcomeSchema,
)
from hub.web.fields import HubSchema, ListOf, Nested
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, found, locale, require_match, session
from hub.workdays.calendar import add_working_days
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from werkzeug.wrappers import Response as BaseResponse

    from hub.collaborations.queries import PartyView
    from hub.visits.queries.views import VisitRow, VisitView

blp = page_blueprint("outcome_pages")

KEPT = lazy("The draft is kept. Nobody is told before it is published.")
THEN = "_then"
"""The form's second button: keep it and go on to publishing."""


class PromiseFormSchema(PromiseSchema):
    """A commitment on the page: its unit follows from the post."""

    class Meta(HubSchema.Meta):
        """Options."""

        exclude = ("facility_id",)

    @post_load
    def _promise(self, data: dict[str, Any], **_options: object) -> Any:
        return data


class ThemeFormSchema(ThemeOutcomeSchema):
    """A theme on the page."""

    commitments = ListOf(Nested(PromiseFormSchema), MOST_PROMISES, load_default=list)

    @post_load
    def _outcome(self, data: dict[str, Any], **_options: object) -> Any:
        return data


class OutcomeFormSchema(OutcomeInSchema):
    """The outcome as the page's form sends it."""

    themes = ListOf(Nested(ThemeFormSchema), MOST_THEMES, min_length=1, required=True)


@dataclass(frozen=True, slots=True)
class Seat:
    """A post that may answer for a promise."""

    id: int
    title: str
    facility_id: int
    reports_to: str | None


@blp.route("/visits/<int:visit_id>/outcome", methods=["GET"])
def show_outcome(*, visit_id: int) -> BaseResponse:
    """Show the draft of the outcome to be written on; a published one stands on the visit's page."""
    row = cast("VisitRow", found())
    if row.state == "concluded":
        return go(f"/visits/{visit_id}#outcome")
    view = _view(row)
    return _page(view, Form(OutcomeFormSchema, _values(view, is_first=True), version=row.version))


@blp.route("/visits/<int:visit_id>/outcome", methods=["POST"])
def save_outcome(*, visit_id: int) -> BaseResponse:
    """Keep the draft, or add and take away rows."""
    row = cast("VisitRow", found())
    view = _view(row)
    form = Form.posted(OutcomeFormSchema)
    if form.is_resized:
        return _page(view, form)
    try:
        require_match(row.version)
        themes = _themes(form.load()["themes"], view)
        write_outcome(session(), actor=actor(), visit_id=visit_id, version=row.version, themes=themes)
    except (Invalid, Stale, Conflict) as error:
        now = _view(find_visit_row(session(), actor(), visit_id=visit_id))
        stands = _values(now) if isinstance(error, Stale) else None
        return _page(now, form.refused(error, now=stands, version=now.row.version))
    if request.form.get(THEN) == "publish":
        return go(f"/visits/{visit_id}/outcome/publish")
    return go(f"/visits/{visit_id}/outcome", KEPT)


def _view(row: VisitRow) -> VisitView:
    """Return the whole visit. Raises Forbidden for who only looks on: a draft is not theirs to read."""
    (view,) = show_visits(session(), actor(), [row])
    if not rules.may_take_part(actor(), [side.facility_id for side in view.parties]):
        raise Forbidden(NOT_A_PARTY_OF_IT, code="not-in-party")
    return view


def _page(view: VisitView, form: Form) -> Response:
    seats = _seats([side.facility_id for side in view.parties])
    today = {side.facility_id: local_date(clock.now(session()), side.iana_zone) for side in view.parties}
    party_ids = [side.facility_id for side in view.parties]
    return render_page(
        "visits/outcome.html",
        status=form.status,
        form=form,
        view=view,
        themes=_theme_options(view.row.themes),
        seats=_seat_options(view.parties, seats),
        dues=_dues(form, seats, today),
        calendar=_calendar(seats, today),
        may_publish=rules.may_conclude(actor(), party_ids),
        heads=[side.name for side in view.parties],
    )


def _values(view: VisitView, *, is_first: bool = False) -> dict[str, Any]:
    """Return the draft as the form's values; a first look starts with the themes that were agreed on."""
    if is_first and not view.themes:
        return {"themes": [{"theme": code} for code in view.row.themes if code in THEMES]}
    return {
        "themes": [
            {
                "theme": theme.theme,
                "seen": theme.seen,
                "will_try": theme.will_try,
                "commitments": [
                    {
                        "text": one.text,
                        "owner_post_id": one.owner_post_id,
                        "working_days": one.working_days,
                    }
                    for one in theme.commitments
                ],
            }
            for theme in view.themes
        ]
    }


def _themes(written: Sequence[Mapping[str, Any]], view: VisitView) -> list[ThemeOutcome]:
    party_ids = [side.facility_id for side in view.parties]
    units = {seat.id: seat.facility_id for seat in _seats(party_ids)}
    return [
        ThemeOutcome(
            theme["theme"],
            theme["seen"],
            theme["will_try"],
            tuple(
                # A post of neither unit is refused by the command, at the field of the post.
                Promise(facility_id=units.get(one["owner_post_id"], party_ids[0]), **one)
                for one in theme["commitments"]
            ),
        )
        for theme in written
    ]


def _seats(facility_ids: Sequence[int]) -> list[Seat]:
    """Return the posts that may answer for a promise: not a pool that reports to nobody."""
    above = aliased(Post)
    roles = case({role: place for place, role in enumerate(POST_ROLES)}, value=Post.role)
    rows = session().execute(
        select(Post.id, Post.title, Post.facility_id, above.title, Post.is_pool)
        .outerjoin(above, above.id == Post.reports_to_id)
        .where(Post.facility_id.in_(facility_ids))
        .order_by(roles, Post.title, Post.id)
    )
    return [
        Seat(id_, title, facility_id, reports_to if is_pool else None)
        for id_, title, facility_id, reports_to, is_pool in rows
        if not is_pool or reports_to is not None
    ]


def _seat_options(parties: Sequence[PartyView], seats: Sequence[Seat]) -> list[tuple[str, list[Any]]]:
    gettext = gettext_for(locale())
    return [
        (
            side.name,
            [
                (
                    seat.id,
                    gettext("%(pool)s (answered for by %(post)s)")
                    % {"pool": seat.title, "post": seat.reports_to}
                    if seat.reports_to
                    else seat.title,
                )
                for seat in seats
                if seat.facility_id == side.facility_id
            ],
        )
        for side in parties
    ]


def _theme_options(agreed: Sequence[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    gettext = gettext_for(locale())
    own = [code for code in THEMES if code in agreed]
    return [
        (gettext("Themes of this visit"), [(code, theme_name(code, locale())) for code in own]),
        (
            gettext("Other themes"),
            [(code, theme_name(code, locale())) for code in THEMES if code not in agreed],
        ),
    ]


def _promises(form: Form) -> Iterator[str]:
    for theme in form.rows("themes", 1):
        for place in form.rows(f"themes-{theme}-commitments"):
            yield f"themes-{theme}-commitments-{place}"


def _dues(form: Form, seats: Sequence[Seat], today: Mapping[int, dt.date]) -> dict[str, str]:
    """Return in words when each promise would be due if the outcome were published today."""
    units = {str(seat.id): seat.facility_id for seat in seats}
    dues: dict[str, str] = {}
    for row in _promises(form):
        days = form.value(f"{row}-working_days").strip()
        if days.isascii() and days.isdecimal() and 1 <= int(days[:4]) <= MOST_WORKING_DAYS:
            start = today.get(units.get(form.value(f"{row}-owner_post_id"), 0), min(today.values()))
            dues[row] = format_day(add_working_days(start, int(days[:4])), locale())
    return dues


def _calendar(seats: Sequence[Seat], today: Mapping[int, dt.date]) -> dict[str, Any]:
    """Return the working days ahead for the script that says the day while somebody types.

    ``offsets`` are days after the start, the first working day first; units can differ by a day.
    """
    offsets: dict[str, list[int]] = {}
    for start in set(today.values()):
        day, ahead = start, []
        for _ in range(MOST_WORKING_DAYS):
            day = add_working_days(day, 1)
            ahead.append((day - start).days)
        offsets[start.isoformat()] = ahead
    return {
        "units": {str(seat.id): today[seat.facility_id].isoformat() for seat in seats},
        "first": min(today.values()).isoformat(),
        "offsets": offsets,
    }
