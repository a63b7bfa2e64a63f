"""Lend somebody of the unit the right to answer for it, and take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hub.clock import now
from hub.errors import Conflict, Forbidden, Invalid
from hub.staffing import queries
from hub.staffing.commands import delegate
from hub.staffing.rules import may_lend
from hub.staffing.schemas import LendForm
from hub.texts.catalogue import lazy
from hub.texts.formats import format_day
from hub.visits.queries.answering import who_may_answer
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, found, locale, session
from hub.workdays.zones import local_date, zone_label

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.facilities.queries import Shown
    from hub.staffing.models import Delegation

blp = page_blueprint("lending_pages")

LENT = lazy("%(name)s may answer for the unit until %(day)s.")
TAKEN_BACK = lazy("The right is taken back. It holds no more from this moment on.")


@blp.route("/facilities/<int:facility_id>/delegations", methods=["GET"])
def start_lending(*, facility_id: int) -> Response:
    """Show who may answer for the unit, and ask to whom the right is lent."""
    del facility_id
    return _form(Form(LendForm, {"starts_on": local_date(now(session()), _shown().facility.iana_zone)}))


@blp.route("/facilities/<int:facility_id>/delegations", methods=["POST"])
def lend(*, facility_id: int) -> BaseResponse:
    """Lend the right."""
    form = Form.posted(LendForm)
    try:
        asked = form.load()
        lent = delegate.lend(session(), actor=actor(), facility_id=facility_id, **asked)
    except (Invalid, Conflict, Forbidden) as error:
        return _form(form.refused(error))
    name = dict(queries.colleagues(session(), facility_id))[lent.person_id]
    return go(_path(facility_id), LENT, name=name, day=format_day(asked["ends_on"], locale()))


@blp.route("/delegations/<int:delegation_id>/take-back", methods=["POST"])
def take_back(*, delegation_id: int) -> BaseResponse:
    """Take the right back at once."""
    facility_id = cast("Delegation", found()).facility_id
    try:
        delegate.take_back(session(), actor=actor(), delegation_id=delegation_id)
    except (Conflict, Forbidden) as error:
        return go(_path(facility_id), error.message, tone="caution")
    return go(_path(facility_id), TAKEN_BACK)


def _form(form: Form) -> Response:
    facility = _shown().facility
    if not may_lend(actor(), facility.id):
        raise Forbidden(delegate.MAY_NOT_LEND)
    answerers = who_may_answer(session(), facility.id)
    heads = {one.person_id for one in answerers if one.why != "delegated"}
    return render_page(
        "staffing/lend.html",
        status=form.status,
        form=form,
        facility=facility,
        zone_name=zone_label(facility.iana_zone),
        colleagues=[
            (person_id, name)
            for person_id, name in queries.colleagues(session(), facility.id)
            if person_id not in heads
        ],
        answerers=answerers,
        coming=queries.lent_later(session(), facility.id),
    )


def _shown() -> Shown:
    return cast("Shown", found())


def _path(facility_id: int) -> str:
    return f"/facilities/{facility_id}/posts"
