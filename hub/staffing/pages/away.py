"""Note that one is away, and whom others should turn to meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.accounts.queries import person_by_id
from hub.clock import now
from hub.errors import Conflict, Forbidden, Invalid, Unauthenticated
from hub.staffing import queries
from hub.staffing.commands import away
from hub.staffing.commands.newcomers import person_by_address
from hub.staffing.schemas import AwayForm
from hub.texts.catalogue import lazy
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, session
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

blp = page_blueprint("away_pages")


@blp.route("/me/absences", methods=["GET"])
def start_absence() -> Response:
    """Show one's absences, with the form of another."""
    return _form(Form(AwayForm))


@blp.route("/me/absences", methods=["POST"])
def note_absence() -> BaseResponse:
    """Note an absence of one's own."""
    form = Form.posted(AwayForm)
    try:
        asked = form.load()
        email = asked.pop("deputy_email")
        deputy_id = None if email is None else person_by_address(session(), email, "deputy_id")
        away.note_absence(session(), actor=actor(), person_id=_own_id(), deputy_id=deputy_id, **asked)
    except (Invalid, Conflict, Forbidden) as error:
        return _form(form.refused(error, names={"deputy_id": "deputy_email"}))
    return go("/me/absences", lazy("Your absence is noted. Others see it beside your name."))


@blp.route("/absences/<int:absence_id>/take-back", methods=["POST"])
def take_absence_back(*, absence_id: int) -> BaseResponse:
    """Take an absence back."""
    away.take_absence_back(session(), actor=actor(), absence_id=absence_id)
    return go("/me/absences", lazy("The absence is taken back."))


def _form(form: Form) -> Response:
    person = person_by_id(session(), _own_id())
    today = local_date(now(session()), person.iana_zone)
    return render_page(
        "staffing/absences.html",
        status=form.status,
        form=form,
        absences=queries.away(session(), [person.id], today),
    )


def _own_id() -> int:
    person_id = actor().person_id
    if person_id is None:
        raise Unauthenticated(lazy("Sign in to see this."))
    return person_id
