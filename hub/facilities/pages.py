"""The form in which a unit says what it is good at and where its mail goes; its page itself is home's."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hub.errors import Forbidden, Invalid, Stale
from hub.facilities.commands.describing import MAY_NOT, describe
from hub.facilities.models import Facility
from hub.facilities.rules import may_describe
from hub.facilities.schemas import DescriptionForm
from hub.facilities.themes import THEMES, theme_name
from hub.texts.catalogue import lazy
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, found, locale, require_match, session

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.facilities.queries import Shown

blp = page_blueprint("facility_pages")

DESCRIBED = lazy("What you said of the unit is kept. Others find it by that now.")


@blp.route("/facilities/<int:facility_id>/describe", methods=["GET"])
def start_description(*, facility_id: int) -> Response:
    """Ask what the unit is good at and where its mail goes."""
    del facility_id
    facility = cast("Shown", found()).facility
    return _form(Form(DescriptionForm, _values(facility), version=facility.version), facility)


@blp.route("/facilities/<int:facility_id>/describe", methods=["POST"])
def describe_unit(*, facility_id: int) -> BaseResponse:
    """Keep what was said."""
    facility = cast("Shown", found()).facility
    form = Form.posted(DescriptionForm)
    try:
        require_match(facility.version)
        describe(session(), actor=actor(), facility_id=facility_id, version=facility.version, **form.load())
    except Stale as error:
        now = session().get_one(Facility, facility_id)
        return _form(form.refused(error, now=_values(now), version=now.version), now)
    except Invalid as error:
        return _form(form.refused(error), facility)
    return go(f"/facilities/{facility_id}", DESCRIBED)


def _values(facility: Facility) -> dict[str, object]:
    return {
        "themes": [code for code in facility.themes if code in THEMES],
        "mailbox": facility.mailbox,
    }


def _form(form: Form, facility: Facility) -> Response:
    """Return the page of the form. Raises Forbidden for who may not say this of the unit."""
    if not may_describe(actor(), facility):
        raise Forbidden(MAY_NOT)
    return render_page(
        "facilities/describe.html",
        status=form.status,
        form=form,
        facility=facility,
        themes=[(code, theme_name(code, locale())) for code in THEMES],
    )
