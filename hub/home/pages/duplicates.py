"""Look through pairs of units that are probably one: merge them, or say that they are two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.facilities import duplicates
from hub.facilities.kinds import KIND_NAMES
from hub.texts.catalogue import lazy, translate
from hub.web.fields import Flag, HubSchema, Number
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.parsing import read_query
from hub.web.request import actor, locale, session

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.facilities.models import Facility

blp = page_blueprint("duplicate_pages")

PATH = "/facilities/duplicates"
TWO = lazy("Noted: these are two units. They are no longer shown as likely duplicates.")
AGAIN = lazy("The pair is shown as a likely duplicate again.")


class PairsQuery(HubSchema):
    """Whether the pairs are shown that were said to be two."""

    dismissed = Flag(load_default=False)


class PairForm(HubSchema):
    """A pair of units."""

    one_id = Number(1, required=True)
    other_id = Number(1, required=True)


@blp.route(PATH, methods=["GET"])
def list_pairs() -> Response:
    """List the pairs that are probably one, or those that were said to be two."""
    is_dismissed: bool = read_query(PairsQuery)["dismissed"]
    found = duplicates.pairs(session(), is_dismissed=is_dismissed)
    return render_page(
        "home/duplicates.html",
        is_dismissed=is_dismissed,
        pairs=[(_shown(pair.one), _shown(pair.other), pair.likeness == 1) for pair in found],
        most=duplicates.MOST_PAIRS,
    )


@blp.route(f"{PATH}/dismiss", methods=["POST"])
def dismiss() -> BaseResponse:
    """Note that two units are two."""
    duplicates.dismiss(session(), actor=actor(), **Form.posted(PairForm).load())
    return go(PATH, TWO)


@blp.route(f"{PATH}/restore", methods=["POST"])
def restore() -> BaseResponse:
    """Take that back."""
    duplicates.restore(session(), actor=actor(), **Form.posted(PairForm).load())
    return go(PATH, AGAIN)


def _shown(facility: Facility) -> dict[str, object]:
    return {
        "id": facility.id,
        "name": facility.name,
        "kind": translate(locale(), KIND_NAMES[facility.kind]),
        "city": facility.city,
    }
