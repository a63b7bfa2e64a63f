"""Lay two units side by side, let one lead on to the other, and take that back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hub.errors import Conflict, Forbidden, Invalid
from hub.facilities.finding import search
from hub.facilities.kinds import KIND_NAMES
from hub.facilities.merging import (
    ITSELF,
    MAY_NOT,
    NO_FACILITY,
    NOT_MERGED,
    current_merge,
    may_merge,
    merge,
    undo_merge,
    why_not,
)
from hub.facilities.models import Facility
from hub.facilities.schemas import LONGEST_TEXT
from hub.home.sides import have_met, side_of
from hub.texts.catalogue import lazy, translate
from hub.web.errors import said
from hub.web.fields import Flag, HubSchema, Line, Number
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.parsing import read_query
from hub.web.request import actor, found, locale, session

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.facilities.queries import Shown
    from hub.home.sides import Side

blp = page_blueprint("merging_pages")

MOST_FOUND = 8
NOT_SURE = lazy("Tick the box if you are sure.")
MERGED = lazy("%(name)s now leads here. This can be taken back at any time.")
TAKEN_BACK = lazy("The merge is taken back: %(name)s stands for itself again.")


class ChoiceQuery(HubSchema):
    """Which unit the other one shall be, or what is searched for it."""

    q = Line(LONGEST_TEXT, min_length=0, load_default="")
    into = Number(1, load_default=None)


class MergeForm(HubSchema):
    """Into which unit, and that this is meant."""

    into_id = Number(1, required=True)
    sure = Flag(load_default=False)


class SureForm(HubSchema):
    """That this is meant."""

    sure = Flag(load_default=False)


@blp.route("/facilities/<int:facility_id>/merge", methods=["GET"])
def start_merge(*, facility_id: int) -> BaseResponse:
    """Search the other unit, or lay both side by side and ask."""
    query = read_query(ChoiceQuery)
    facility = _merging()
    if query["into"] is not None:
        return _both(Form(MergeForm, {"into_id": query["into"]}), facility, query["into"])
    rows = search(session(), text=query["q"], limit=MOST_FOUND + 1) if query["q"] else []
    return render_page(
        "home/merge_search.html",
        facility=facility,
        q=query["q"],
        longest=LONGEST_TEXT,
        rows=[
            (row.facility.id, row.facility.name, row.facility.city)
            for row in rows
            if row.facility.id != facility_id
        ][:MOST_FOUND],
    )


@blp.route("/facilities/<int:facility_id>/merge", methods=["POST"])
def merge_units(*, facility_id: int) -> BaseResponse:
    """Let the unit lead on to the other one."""
    facility = _merging()
    form = Form.posted(MergeForm)
    asked = form.load()
    into_id: int = asked["into_id"]
    if not asked["sure"]:
        return _both(form.refused(Invalid(NOT_SURE, fields={"sure": NOT_SURE})), facility, into_id)
    try:
        merge(session(), actor=actor(), facility_id=facility_id, into_id=into_id)
    except Conflict as error:
        return _both(form.refused(error), facility, into_id, status=error.status)
    return go(f"/facilities/{into_id}", MERGED, name=facility.name)


@blp.route("/facilities/<int:facility_id>/unmerge", methods=["GET"])
def start_undo(*, facility_id: int) -> Response:
    """Say what taking the merge back does, and ask."""
    del facility_id
    return _undo_page(Form(SureForm))


@blp.route("/facilities/<int:facility_id>/unmerge", methods=["POST"])
def undo(*, facility_id: int) -> BaseResponse:
    """Let the unit stand for itself again."""
    form = Form.posted(SureForm)
    if not form.load()["sure"]:
        return _undo_page(form.refused(Invalid(NOT_SURE, fields={"sure": NOT_SURE})))
    undo_merge(session(), actor=actor(), facility_id=facility_id)
    return go(f"/facilities/{facility_id}", TAKEN_BACK, name=_facility().name)


def _facility() -> Facility:
    return cast("Shown", found()).facility


def _merging() -> Facility:
    """Return the unit of the route. Raises Forbidden for whoever may merge nothing with it."""
    facility = _facility()
    if not may_merge(actor(), facility):
        raise Forbidden(MAY_NOT)
    return facility


def _both(form: Form, facility: Facility, into_id: int, *, status: int | None = None) -> Response:
    """Return the page with both units side by side. Raises Invalid for no unit, Forbidden."""
    into = session().get(Facility, into_id)
    if into is None:
        raise Invalid(NO_FACILITY, fields={"into_id": NO_FACILITY})
    if into.id == facility.id:
        raise Conflict(ITSELF, code="merge-into-itself")
    if not may_merge(actor(), facility, into):
        raise Forbidden(MAY_NOT)
    conflict = why_not(facility, into)
    sides = [side_of(session(), facility.id), side_of(session(), into.id)]
    return render_page(
        "home/merge.html",
        status=status or form.status,
        form=form,
        facility=facility,
        into=into,
        rows=_rows(sides),
        forbidden=said(conflict.message, conflict.values) if conflict else "",
        have_met=have_met(session(), facility.id, into.id),
    )


def _undo_page(form: Form) -> Response:
    facility = _facility()
    made = current_merge(session(), facility.id)
    if made is None:
        raise Conflict(NOT_MERGED, code="not-merged")
    into = session().get_one(Facility, made.survivor_id)
    if not may_merge(actor(), facility, into):
        raise Forbidden(MAY_NOT)
    return render_page(
        "home/unmerge.html",
        status=form.status,
        form=form,
        facility=facility,
        into=into,
        made_at=made.made_at,
        lent=len(made.name_ids),
    )


def _rows(sides: list[Side]) -> list[tuple[str, list[Any]]]:
    """Return what each of both has, fact by fact."""
    names: dict[str, list[Any]] = {
        lazy("Kind"): [translate(locale(), KIND_NAMES[side.facility.kind]) for side in sides],
        lazy("Class"): [side.facility.class_ for side in sides],
        lazy("Town"): [side.facility.city for side in sides],
        lazy("Regional office"): [side.region for side in sides],
        lazy("Also known as"): [side.other_names for side in sides],
        lazy("Posts"): [side.posts for side in sides],
        lazy("People who serve there"): [side.people for side in sides],
        lazy("Open collaborations"): [side.open_collaborations for side in sides],
        lazy("Open follow-ups"): [side.open_tasks for side in sides],
        lazy("Partner records"): [side.partner_records for side in sides],
        lazy("Official mailbox"): [side.facility.mailbox for side in sides],
    }
    return [(translate(locale(), name), values) for name, values in names.items()]
