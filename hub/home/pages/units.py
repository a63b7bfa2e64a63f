"""Find a unit to learn from, and see what it is and what it has shown to others."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from flask import Response, redirect, request

from hub.collaborations.themes import THEMES, known_theme_name, theme_name
from hub.facilities.api import facets_of, near
from hub.facilities.finding import ZONES_OF, Place, search
from hub.facilities.kinds import CLASSES, KIND_NAMES, KINDS
from hub.facilities.merging import may_merge
from hub.facilities.queries import merged_into
from hub.facilities.schemas import LONGEST_TEXT, FacilityQuerySchema
from hub.home.profile import profile
from hub.home.queries import hosted_themes, hosted_visits, regions
from hub.home.threads import has_party, threads
from hub.home.wording import thread_row
from hub.partners.queries import may_read, records_of
from hub.texts.catalogue import gettext_for
from hub.web.cursors import write_cursor
from hub.web.pages import page_blueprint, render_page
from hub.web.parsing import read_query
from hub.web.request import actor, found, locale, session
from hub.workdays.zones import zone_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response as BaseResponse

    from hub.facilities.finding import Found
    from hub.facilities.queries import Shown

blp = page_blueprint("unit_pages")

ROWS = 20
THREADS_SHOWN = 5
PARTNERS_SHOWN = 10
FACETS = ("q", "kind", "class_", "region_id", "zone", "theme", "sort")
ADDRESS = {"class_": "class"}


@blp.route("/facilities", methods=["GET"])
def list_units() -> Response:
    """Search units by name, former name or town; by kind and region."""
    query = read_query(FacilityQuerySchema)
    after = query["after"]
    origin = near(query)
    rows = search(
        session(),
        text=query["q"],
        facets=facets_of(query),
        near=origin,
        after=None if after is None else Place(*after),
        limit=ROWS + 1,
    )
    shown = rows[:ROWS]
    hosted = hosted_visits(session(), [row.facility.id for row in shown])
    path = _path(query)
    return render_page(
        "home/units.html",
        q=request.args.get("q", "")[:LONGEST_TEXT],
        longest=LONGEST_TEXT,
        kind=query["kind"],
        region_id=query["region_id"],
        class_=query["class_"],
        zone=query["zone"],
        theme=query["theme"],
        sort=query["sort"],
        origin=origin,
        has_facets=any(query[name] not in (None, "fit") for name in FACETS[2:]),
        kinds=[(code, _kind(code)) for code in KINDS],
        classes=CLASSES,
        zones=ZONES_OF,
        themes=[(code, theme_name(code, locale())) for code in THEMES],
        regions=regions(session()),
        rows=[_row(row, hosted) for row in shown],
        next_path=_path(query, after=write_cursor(shown[-1].place)) if len(rows) > ROWS else None,
        first_path=path if after is not None else None,
        may_propose=bool(actor().unit_ids or actor().headed_ids),
        is_admin=actor().is_admin,
    )


@blp.route("/facilities/<int:facility_id>", methods=["GET"])
def show_unit(*, facility_id: int) -> BaseResponse:
    """Show a unit: its names, posts and zone, what it hosted, and what the reader may know of.

    One that was merged leads on to the unit it went into.
    """
    shown = cast("Shown", found())
    facility = shown.facility
    if facility.merged_into_id is not None:
        return redirect(f"/facilities/{facility.merged_into_id}", 303)
    merged = merged_into(session(), facility_id)
    ids = [facility_id, *(merged_id for merged_id, _ in merged)]
    own = {*actor().unit_ids, *actor().headed_ids}
    may_see_partners = may_read(session(), actor(), facility_id)
    records = records_of(session(), facility_id, after=None, limit=PARTNERS_SHOWN) if may_see_partners else []
    rows = threads(session(), actor(), locale(), has_party(ids), limit=THREADS_SHOWN)
    return render_page(
        "home/unit.html",
        facility=facility,
        region=shown.region,
        kind=_kind(facility.kind),
        zone=zone_label(facility.iana_zone),
        profile=profile(session(), actor(), shown, records, locale()),
        hosted=sum(hosted_visits(session(), ids).values()),
        themes=_shown_themes(ids),
        records=records,
        may_see_partners=may_see_partners,
        threads=[thread_row(row, locale(), actor().zone) for row in rows],
        may_propose=bool(own - set(ids)) and facility.status == "active",
        is_own=facility_id in own,
        merged=merged,
        may_merge=may_merge(actor(), facility),
    )


def _shown_themes(facility_ids: list[int]) -> list[tuple[str, int]]:
    """Return (theme, visits) of what others came to learn at these, the most frequent first."""
    counts: Counter[str] = Counter()
    for facility_id in facility_ids:
        counts.update(dict(hosted_themes(session(), facility_id)))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(known_theme_name(code, locale()), count) for code, count in ordered]


def _row(row: Found, hosted: Mapping[int, int]) -> dict[str, Any]:
    facility = row.facility
    return {
        "href": f"/facilities/{facility.id}",
        "name": facility.name,
        "kind": _kind(facility.kind),
        "class_": facility.class_,
        "city": facility.city,
        "region": row.region_name,
        "zone": zone_label(facility.iana_zone),
        "themes": [known_theme_name(code, locale()) for code in facility.themes],
        "distance_km": None if row.distance_km is None else round(row.distance_km),
        "hosted": hosted.get(facility.id, 0),
    }


def _kind(code: str) -> str:
    return gettext_for(locale())(KIND_NAMES[code])


def _path(query: Mapping[str, Any], **more: str) -> str:
    given = {
        ADDRESS.get(name, name): query[name] for name in FACETS if query[name] and query[name] != "fit"
    } | more
    return "/facilities" + (f"?{urlencode(given)}" if given else "")
