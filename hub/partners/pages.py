"""The pages of partner records: a unit's partners, and what it has done with one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import Response, redirect, request

from hub.collaborations.themes import known_theme_name
from hub.errors import NotFound
from hub.followups.queries import open_between
from hub.followups.wording import task_row
from hub.partners import queries
from hub.partners.schemas import RecordsQuery, TimelineQuery
from hub.partners.wording import event_title, event_tone
from hub.texts.catalogue import lazy
from hub.texts.formats import format_moment
from hub.web.fields import Number
from hub.web.pages import page_blueprint, render_page
from hub.web.paging import page
from hub.web.parsing import PARSER
from hub.web.request import actor, found, locale, session

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from hub.partners.queries import Owner, RecordView

blp = page_blueprint("partner_pages")

MOST_TASKS = 10
PAGE = 15


class PartnersQuery(RecordsQuery):  # type: ignore[misc,valid-type]  # a class made by a function
    """The same, where the unit need not be said: it is one's own."""

    facility_id = Number(1, load_default=None)


@blp.route("/partners", methods=["GET"])
def list_partners() -> Response:
    """List the partners of one's unit, or of the unit that an overseer chose."""
    query = PARSER.parse(PartnersQuery, request, location="query")
    choice = queries.owners(session(), actor())
    owner = _chosen(query["facility_id"], choice)
    limit: int = query["limit"]
    after = (query["after"][0], query["after"][1]) if query["after"] else None
    records = queries.records_of(session(), owner.id, after=after, limit=limit + 1) if owner else []
    shown = page(records, limit, lambda one: (one.last_contact_on or queries.NEVER, one.partner_id))
    address = f"/partners?facility_id={owner.id}" if owner else "/partners"
    return render_page(
        "partners/partners.html",
        owner=owner,
        choice=choice,
        records=shown["items"],
        next=f"{address}&after={shown['next']}" if shown["next"] else None,
        first=address if after else None,
    )


@blp.route("/partners/<int:facility_id>/<int:partner_id>", methods=["GET"])
def show_partner(*, facility_id: int, partner_id: int) -> BaseResponse:
    """Show what a unit has done with a partner: counts, what is open, and the timeline.

    Where one of both was merged, it leads on to the record of the one that it went into.
    """
    query = PARSER.parse(TimelineQuery, request, location="query")
    record = cast("RecordView", found())
    owner = queries.owner_of(session(), facility_id)
    if owner is None:
        raise NotFound(lazy("There is no such partner record."))
    into = owner.merged_into_id
    kept_id = facility_id if into is None or not queries.may_read(session(), actor(), into) else into
    if (kept_id, record.partner_id) != (facility_id, partner_id):
        return redirect(f"/partners/{kept_id}/{record.partner_id}", 303)
    after = query["after"][0] if query["after"] else None
    limit: int = min(query["limit"], PAGE)
    entries = queries.timeline(session(), facility_id, partner_id, after=after, limit=limit + 1)
    shown = page(entries, limit, lambda entry: (entry.event_id,))
    tasks = open_between(
        session(), actor(), facility_id=facility_id, partner_id=partner_id, limit=MOST_TASKS + 1
    )
    address = f"/partners/{facility_id}/{partner_id}"
    return render_page(
        "partners/partner.html",
        owner=owner,
        record=record,
        themes=[known_theme_name(code, locale()) for code in record.themes],
        tasks=[task_row(task, locale()) for task in tasks[:MOST_TASKS]],
        has_more_tasks=len(tasks) > MOST_TASKS,
        entries=[_moment(entry, owner) for entry in shown["items"]],
        next=f"{address}?after={shown['next']}#timeline" if shown["next"] else None,
        first=address if after else None,
    )


def _chosen(facility_id: int | None, choice: list[Owner]) -> Owner | None:
    """Return the unit whose partners are shown. Raises NotFound for one the actor may not read."""
    if facility_id is None:
        return choice[0] if choice and (len(choice) == 1 or choice[0].id in actor().unit_ids) else None
    owner = next((one for one in choice if one.id == facility_id), None)
    if owner is None and queries.may_read(session(), actor(), facility_id):
        owner = queries.owner_of(session(), facility_id)  # one that has no partner yet
    if owner is None:
        raise NotFound(lazy("There is no such partner record."))
    return owner


def _moment(entry: queries.Entry, owner: Owner) -> dict[str, Any]:
    return {
        "when": format_moment(entry.occurred_at, owner.iana_zone, locale(), reader_zone=actor().zone),
        "title": event_title(entry.type, locale()),
        "who": entry.actor,
        "detail": f"{entry.task or entry.title} ({entry.ref})",
        "href": f"/events/{entry.event_id}",
        "tone": event_tone(entry.type),
    }
