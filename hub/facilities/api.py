"""The facilities' JSON API: search, one facility, its posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hub.facilities import finding
from hub.facilities.finding import Facets, Place
from hub.facilities.queries import Shown, town_of
from hub.facilities.schemas import (
    FacilityPageSchema,
    FacilityPostsSchema,
    FacilityQuerySchema,
    FacilitySchema,
)
from hub.web.api import api_blueprint
from hub.web.paging import page
from hub.web.request import actor, found, session
from hub.workdays.zones import zone_label

if TYPE_CHECKING:
    from hub.facilities.finding import Found
    from hub.facilities.models import Facility, FacilityName
    from hub.web.paging import Page

ATTRIBUTION = "Coordinates of towns: GeoNames (geonames.org), CC BY 4.0"
"""The licence of the coordinates asks for it."""

blp = api_blueprint("facilities")


@blp.route("/facilities", methods=["GET"])
@blp.arguments(FacilityQuerySchema, location="query")
@blp.response(200, FacilityPageSchema)
def list_facilities(query: dict[str, Any]) -> Page:
    """Find active facilities by any name or city, the best fitting first; all by name without ``q``.

    Case, accents and the order of words do not matter, and a slip of the keys is forgiven.
    """
    after = query["after"]
    items = finding.search(
        session(),
        text=query["q"],
        facets=facets_of(query),
        near=near(query),
        after=None if after is None else Place(*after),
        limit=query["limit"] + 1,
    )
    result = page(items, query["limit"], lambda item: item.place)
    result["items"] = [_listed(item) for item in result["items"]]
    return result


@blp.route("/facilities/<int:facility_id>", methods=["GET"])
@blp.response(200, FacilitySchema)
def show_facility(facility_id: int) -> dict[str, Any]:
    """Show a facility with its names, its region and its posts."""
    del facility_id  # the policy has found it
    shown = cast("Shown", found())
    facility = shown.facility
    town = None
    if facility.latitude is not None:
        town = {
            "latitude": facility.latitude,
            "longitude": facility.longitude,
            "attribution": ATTRIBUTION,
        }
    return _summary(facility, None if shown.region is None else shown.region.name) | {
        "speciality": facility.speciality,
        "themes": facility.themes,
        "class_": facility.class_,
        "regency_code": facility.regency_code,
        "town": town,
        "has_mailbox": facility.mailbox is not None,
        "status": facility.status,
        "merged_into_id": facility.merged_into_id,
        "names": [_name(name) for name in shown.names],
        "posts": shown.posts,
    }


@blp.route("/facilities/<int:facility_id>/posts", methods=["GET"])
@blp.response(200, FacilityPostsSchema)
def list_posts(facility_id: int) -> dict[str, Any]:
    """List the posts of a facility, to choose an owner from: the head, sections, pools, contacts."""
    del facility_id  # the policy has found it
    return {"items": cast("Shown", found()).posts}


def facets_of(query: dict[str, Any]) -> Facets:
    """Return the facets of a list's query, of the page or of the API."""
    return Facets(**{name: query[name] for name in ("kind", "class_", "region_id", "zone", "theme")})


def near(query: dict[str, Any]) -> tuple[float, float] | None:
    """Return the town from which distances are asked for: that of the reader's first unit that has one."""
    if query["sort"] != "distance":
        return None
    return town_of(session(), (*actor().headed_ids, *actor().unit_ids))


def _listed(item: Found) -> dict[str, Any]:
    distance = None if item.distance_km is None else round(item.distance_km, 1)
    return _summary(item.facility, item.region_name) | {
        "class_": item.facility.class_,
        "themes": item.facility.themes,
        "distance_km": distance,
    }


def _summary(facility: Facility, region_name: str | None) -> dict[str, Any]:
    region = None if facility.region_id is None else {"id": facility.region_id, "name": region_name}
    return {
        "id": facility.id,
        "name": facility.name,
        "kind": facility.kind,
        "city": facility.city,
        "province": facility.province,
        "region": region,
        "zone": {"name": facility.iana_zone, "label": zone_label(facility.iana_zone)},
    }


def _name(name: FacilityName) -> dict[str, Any]:
    return {"name": name.name, "kind": name.kind, "since": name.valid.lower, "until": name.valid.upper}
