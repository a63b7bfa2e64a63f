"""What a facility knows of its partners."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from hub.collaborations.themes import NAMES, theme_name
from hub.errors import NotFound
from hub.partners import queries
from hub.partners.schemas import RecordSchema, RecordsQuery, RecordWithTimelineSchema, TimelineQuery
from hub.texts.catalogue import lazy
from hub.web.api import api_blueprint
from hub.web.paging import Page, page, page_of
from hub.web.request import actor, found, locale, session

if TYPE_CHECKING:
    from hub.partners.queries import RecordView

blp = api_blueprint("partners")


@blp.route("/partners", methods=["GET"])
@blp.arguments(RecordsQuery, location="query")
@blp.response(200, page_of(RecordSchema))
def list_partners(query: dict[str, Any]) -> Page:
    """List a facility's partners, the latest contact first."""
    facility_id: int = query["facility_id"]
    if not queries.may_read(session(), actor(), facility_id):
        raise NotFound(lazy("There is no such partner record."))
    after = (query["after"][0], query["after"][1]) if query["after"] else None
    records = queries.records_of(session(), facility_id, after=after, limit=query["limit"] + 1)
    shown = page(
        records,
        query["limit"],
        lambda record: (record.last_contact_on or queries.NEVER, record.partner_id),
    )
    return {"items": [_item(record) for record in shown["items"]], "next": shown["next"]}


@blp.route("/partners/<int:facility_id>/<int:partner_id>", methods=["GET"])
@blp.arguments(TimelineQuery, location="query")
@blp.response(200, RecordWithTimelineSchema)
def show_partner(query: dict[str, Any], *, facility_id: int, partner_id: int) -> dict[str, Any]:
    """Show what a facility has done with a partner, with a page of the timeline, the latest first."""
    del partner_id  # it may have been merged: the record names whom it went into
    record = cast("RecordView", found())
    after = query["after"][0] if query["after"] else None
    entries = queries.timeline(
        session(), facility_id, record.partner_id, after=after, limit=query["limit"] + 1
    )
    shown = page(entries, query["limit"], lambda entry: (entry.event_id,))
    items = [{**asdict(entry), "receipt": _receipt(entry)} for entry in shown["items"]]
    return {
        **_item(record),
        "timeline": {"items": items, "next": shown["next"]},
    }


def _receipt(entry: queries.Entry) -> str:
    return f"/api/v1/events/{entry.event_id}/receipt"


def _item(record: RecordView) -> dict[str, Any]:
    themes = [
        # A code that has left the list of themes still stands in old records.
        {"code": code, "name": theme_name(code, locale()) if code in NAMES else code}
        for code in record.themes
    ]
    return {**asdict(record), "themes": themes}
