"""Find a facility by an exact name, and show one; hub.facilities.finding searches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, or_, select

from hub.accounts.models import POST_ROLES, Post
from hub.errors import NotFound
from hub.facilities.models import NAME_KINDS, Facility, FacilityName
from hub.texts.catalogue import lazy
from hub.texts.plain import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Shown:
    """A facility with its region, every name it has or had, and its posts."""

    facility: Facility
    region: Facility | None
    names: Sequence[FacilityName]
    posts: Sequence[Post]


@dataclass(frozen=True, slots=True)
class Brief:
    """What a form must know of a facility."""

    id: int
    name: str
    kind: str
    city: str | None
    iana_zone: str
    mailbox: str | None
    status: str


def brief(session: Session, facility_id: int) -> Brief | None:
    """Return the little that a form must know of a facility, or None."""
    row = session.execute(
        select(
            Facility.id,
            Facility.name,
            Facility.kind,
            Facility.city,
            Facility.iana_zone,
            Facility.mailbox,
            Facility.status,
        ).where(Facility.id == facility_id)
    ).one_or_none()
    return Brief(*row) if row else None


def find_by_name(session: Session, text: str) -> list[tuple[int, str]]:
    """Return (id, official name) of the active facilities called exactly this: none, one or several.

    Case, accents and punctuation do not count. An official name goes before any other: who writes it in
    full gets that facility alone.
    """
    key = fold(text)
    if not key:
        return []
    bears = select(FacilityName.facility_id).where(FacilityName.search_key == key)
    rows = session.execute(
        select(Facility.id, Facility.name, (Facility.name_key == key).label("is_official"))
        .where(Facility.status == "active", or_(Facility.name_key == key, Facility.id.in_(bears)))
        .order_by(Facility.name_key, Facility.id)
    ).all()
    official = [(row.id, row.name) for row in rows if row.is_official]
    return official or [(row.id, row.name) for row in rows]


def show(session: Session, facility_id: int) -> Shown:
    """Return a facility, whatever its status, with all that belongs to it. Raises NotFound."""
    facility = session.get(Facility, facility_id)
    if facility is None:
        raise NotFound(lazy("There is no such facility."))
    region = None if facility.region_id is None else session.get(Facility, facility.region_id)
    kinds = case({kind: place for place, kind in enumerate(NAME_KINDS)}, value=FacilityName.kind)
    names = session.scalars(
        select(FacilityName)
        .where(FacilityName.facility_id == facility_id)
        .order_by(kinds, FacilityName.search_key, FacilityName.id)
    ).all()
    return Shown(facility, region, names, posts_of(session, facility_id))


def posts_of(session: Session, facility_id: int) -> Sequence[Post]:
    """Return the posts of a facility: the head, the sections, the pools, the contacts."""
    roles = case({role: place for place, role in enumerate(POST_ROLES)}, value=Post.role)
    return session.scalars(
        select(Post).where(Post.facility_id == facility_id).order_by(roles, Post.title, Post.id)
    ).all()


def town_of(session: Session, facility_ids: Sequence[int]) -> tuple[float, float] | None:
    """Return (latitude, longitude) of the town of the first of these facilities that has it, or None."""
    rows = session.execute(
        select(Facility.id, Facility.latitude, Facility.longitude).where(
            Facility.id.in_(facility_ids), Facility.latitude.is_not(None)
        )
    )
    towns = {
        facility_id: (latitude, longitude)
        for facility_id, latitude, longitude in rows
        if latitude is not None and longitude is not None
    }
    return next((towns[facility_id] for facility_id in facility_ids if facility_id in towns), None)


def standing_for(facility_id: int) -> Select[int]:
    """Return the query of the ids that are read for a facility: its own, and those merged into it."""
    return select(Facility.id).where(or_(Facility.id == facility_id, Facility.merged_into_id == facility_id))


def merged_into(session: Session, facility_id: int) -> list[tuple[int, str]]:
    """Return (id, name) of the facilities that lead on to this one, by name."""
    rows = session.execute(
        select(Facility.id, Facility.name)
        .where(Facility.merged_into_id == facility_id)
        .order_by(Facility.name_key, Facility.id)
    )
    return [(row.id, row.name) for row in rows]


def survivor_id(session: Session, facility_id: int) -> int:
    """Return the facility that this one leads on to; its own id where it stands for itself, or is unknown."""
    into = session.scalar(select(Facility.merged_into_id).where(Facility.id == facility_id))
    return facility_id if into is None else into
