"""Find the units that a list means by the names it calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from hub.facilities.models import Facility, FacilityName

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session


class Place(NamedTuple):
    """A unit as a row means it."""

    id: int
    name: str
    region_id: int | None
    zone: str


def places_called(session: Session, keys: Collection[str]) -> dict[str, list[Place]]:
    """Return the active units by the folded names they are called by: officially if any is, else at all."""
    rows = session.execute(
        select(
            FacilityName.search_key,
            FacilityName.kind,
            Facility.id,
            Facility.name,
            Facility.region_id,
            Facility.iana_zone,
        )
        .join(Facility, Facility.id == FacilityName.facility_id)
        .where(FacilityName.search_key.in_(keys), Facility.status == "active")
        .order_by(Facility.id)
    ).all()
    found: dict[str, dict[int, Place]] = {}
    official = {row.search_key for row in rows if row.kind == "official"}
    for row in rows:
        if row.kind == "official" or row.search_key not in official:
            place = Place(row.id, row.name, row.region_id, row.iana_zone)
            found.setdefault(row.search_key, {})[row.id] = place
    return {key: list(places.values()) for key, places in found.items()}
