"""Find facilities by what people call them, and show one.

Searching ignores case, accents, punctuation and the order of words, forgives a slip of the keys,
and looks at every name a facility has or had and at its city.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Integer, and_, case, cast, func, literal, or_, select, true, tuple_
from sqlalchemy.orm import aliased

from hub.accounts.models import POST_ROLES, Post
from hub.errors import NotFound
from hub.facilities.models import NAME_KINDS, Facility, FacilityName
from hub.texts.catalogue import lazy
from hub.texts.plain import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

EXACT, BEGINNING, WORDS, SIMILAR = range(4)
"""How well a facility fits: a name is the text, begins with it, has its words, or looks like it."""
THOUSANDTHS = 1000
"""Similarity is rounded to these, so that it can stand in a cursor."""
SLIPS_FROM = 4
"""Letters of the shortest word in which a slip of the keys is forgiven; in a shorter one all look alike."""


class Place(NamedTuple):
    """Where a page of the search ended; the next one begins after it."""

    rank: int
    distance: int
    id: int


@dataclass(frozen=True, slots=True)
class Found:
    """A facility in a list."""

    facility: Facility
    region_name: str | None
    place: Place


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


def search(
    session: Session,
    *,
    text: str = "",
    kind: str | None = None,
    region_id: int | None = None,
    after: Place | None = None,
    limit: int = 25,
) -> list[Found]:
    """Return active facilities, the best fitting first; all of them by name if ``text`` is blank.

    ``after`` is the ``place`` of the last one seen. A text of which nothing remains when it is folded
    ("!!!") finds nothing.
    """
    key = fold(text)
    if text.strip() and not key:
        return []
    rank, distance = _closeness(key)
    region = aliased(Facility)
    query = (
        select(Facility, region.name, rank, distance)
        .outerjoin(region, region.id == Facility.region_id)
        .where(Facility.status == "active")
        .order_by(rank, distance, Facility.name_key, Facility.id)
        .limit(limit)
    )
    if key:
        query = query.where(*(_has(word) for word in _words(key)))
    if kind is not None:
        query = query.where(Facility.kind == kind)
    if region_id is not None:
        query = query.where(Facility.region_id == region_id)
    if after is not None:
        query = query.where(_comes_after(after, rank, distance))
    return [
        Found(facility, region_name, Place(row_rank, row_distance, facility.id))
        for facility, region_name, row_rank, row_distance in session.execute(query)
    ]


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


def _words(key: str) -> list[str]:
    return list(dict.fromkeys(key.split()))


def _begins(word: str) -> ColumnElement[bool]:
    # A folded word is letters and digits only: no wildcard of LIKE can be in it.
    return Facility.search_text.like(f"% {word}%")


def _has(word: str) -> ColumnElement[bool]:
    """Return whether some word of the facility begins with this one, or nearly is it."""
    if len(word) < SLIPS_FROM:
        return _begins(word)
    return or_(_begins(word), literal(word).op("<%", is_comparison=True)(Facility.search_text))


def _closeness(key: str) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return how well a facility fits (EXACT … SIMILAR), and how far its nearest name is, in thousandths."""
    if not key:
        return literal(EXACT), literal(0)
    own = FacilityName.facility_id == Facility.id
    exact = select(true()).where(own, FacilityName.search_key == key).exists()
    beginning = select(true()).where(own, FacilityName.search_key.startswith(key)).exists()
    nearness = select(func.max(func.similarity(FacilityName.search_key, key))).where(own).scalar_subquery()
    rank = case(
        (exact, EXACT),
        (beginning, BEGINNING),
        (and_(*(_begins(word) for word in _words(key))), WORDS),
        else_=SIMILAR,
    )
    return rank, cast(THOUSANDTHS * (1 - nearness), Integer)


def _comes_after(after: Place, rank: ColumnElement[int], distance: ColumnElement[int]) -> ColumnElement[bool]:
    name_key = select(Facility.name_key).where(Facility.id == after.id).correlate(None).scalar_subquery()
    return tuple_(rank, distance, Facility.name_key, Facility.id) > tuple_(
        literal(after.rank), literal(after.distance), name_key, literal(after.id)
    )
