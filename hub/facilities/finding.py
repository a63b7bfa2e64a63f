"""Search facilities: by any name, abbreviation, class or town, in any order of words, with slips of the keys.

First the words of the search are looked up among all words that facilities have (``facility_words``): each
becomes the words it may mean. Then facilities are found that have one of them for each word, those that
take the least guessing first. Only the short list of words grows dearer by slips, never the registry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import (
    Double,
    Integer,
    and_,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from hub.facilities.meanings import look_up, texts
from hub.facilities.models import Facility, FacilityName
from hub.facilities.words import asked_words
from hub.texts.plain import fold
from hub.workdays.zones import zone_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, CompoundSelect, Select
    from sqlalchemy.orm import Session

    from hub.facilities.meanings import Meaning

EXACT, CERTAIN = 0, 1
"""How much is guessed: nothing (a name is the text), or nothing but the order of words."""
DESPERATE = 1000
"""Added to how much is guessed where nothing was found until slips were suspected in known words, too."""
EARTH_KM = 6371.0
NOWHERE = 99_999
"""Kilometres to what has no coordinates: it comes last."""
ZONES_OF = {
    label: tuple(
        zone
        for zone in ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
        if zone_label(zone) == label
    )
    for label in ("WIB", "WITA", "WIT")
}


class Place(NamedTuple):
    """Where a page of the search ended; the next one begins after it."""

    rank: int
    distance: int
    id: int


@dataclass(frozen=True, slots=True)
class Found:
    """A facility in a list; ``distance_km`` from the origin, where there is one and both are known."""

    facility: Facility
    region_name: str | None
    place: Place
    distance_km: float | None = None


@dataclass(frozen=True, slots=True)
class Facets:
    """What the facilities found are limited to; None leaves all."""

    kind: str | None = None
    class_: str | None = None
    region_id: int | None = None
    #: WIB, WITA or WIT.
    zone: str | None = None
    theme: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on a facility. A whole theme includes its finer ones."""
        given: list[ColumnElement[bool]] = [Facility.status == "active"]
        if self.kind is not None:
            given.append(Facility.kind == self.kind)
        if self.class_ is not None:
            given.append(Facility.class_ == self.class_)
        if self.region_id is not None:
            given.append(or_(Facility.region_id == self.region_id, Facility.id == self.region_id))
        if self.zone is not None:
            given.append(Facility.iana_zone.in_(ZONES_OF.get(self.zone, ())))
        if self.theme is not None:
            given.append(Facility.themes.contains([self.theme]))
        return given


def search(
    session: Session,
    *,
    text: str = "",
    facets: Facets | None = None,
    near: tuple[float, float] | None = None,
    after: Place | None = None,
    limit: int = 25,
) -> list[Found]:
    """Return active facilities, the best fitting first; all of them by name if ``text`` is blank.

    ``near`` (latitude, longitude in degrees) sorts all that fit by their town's distance instead.
    ``after`` is the ``place`` of the last one seen. A text of which nothing remains when it is folded
    ("!!!") finds nothing.
    """
    words = asked_words(text)
    if text.strip() and not words:
        return []
    limits = (facets or Facets()).conditions()
    tries = (False, True) if after is None else (after.rank >= DESPERATE,)
    for is_desperate in tries if near is None else (False,):
        meanings = look_up(session, words, is_desperate=is_desperate)
        if all(meaning.every for meaning in meanings):
            query = (
                _by_fit(fold(text), meanings, limits, after, limit, start=DESPERATE * is_desperate)
                if near is None
                else _by_distance(near, meanings, limits, after, limit)
            )
            region = aliased(Facility)
            ranked = query.subquery()
            rows = session.execute(
                select(Facility, region.name, ranked.c.rank, ranked.c.distance, _km(near))
                .join(ranked, ranked.c.id == Facility.id)
                .outerjoin(region, region.id == Facility.region_id)
                .order_by(ranked.c.rank, ranked.c.distance, Facility.name_key, Facility.id)
                .limit(limit)
            ).all()
            if rows or not words:
                return [
                    Found(facility, region_name, Place(rank, distance, facility.id), km)
                    for facility, region_name, rank, distance, km in rows
                ]
    return []


def _by_fit(
    key: str,
    meanings: Sequence[Meaning],
    limits: Sequence[ColumnElement[bool]],
    after: Place | None,
    limit: int,
    *,
    start: int,
) -> Select[int, int, int] | CompoundSelect[int, int, int]:
    """Return (id, rank, distance) of those that fit best: exact names, then all words, then guesses.

    Each step is asked only if those before did not fill the page, so that a word that half of the
    registry has costs no more than a rare one.
    """
    if not meanings:
        return _page(literal(EXACT), literal(0), limits, after, limit)
    nothing, certainly = literal(EXACT + start), literal(CERTAIN + start)
    order: ColumnElement[int] = Facility.search_order.expression
    bearer = func.coalesce(Facility.merged_into_id, Facility.id)
    exact = (
        select(bearer)
        .join(FacilityName, FacilityName.facility_id == Facility.id)
        .where(
            FacilityName.search_key == key,
            or_(FacilityName.kind.in_(("official", "former")), func.upper_inf(FacilityName.valid)),
        )
    )
    is_exact = Facility.id.in_(exact)
    has_every = and_(*(Facility.words.overlap(texts(meaning.every)) for meaning in meanings))
    is_certain = (
        and_(*(Facility.name_words.overlap(texts(meaning.exact)) for meaning in meanings))
        if all(meaning.exact for meaning in meanings)
        else false()
    )
    cost: ColumnElement[int] = certainly
    for meaning in meanings:
        cost = cost + meaning.cost()
    first = _page(nothing, order, [*limits, is_exact], after, limit).cte("exact_names")
    second = _page(certainly, order, [*limits, is_certain, ~is_exact], after, limit).cte("certain")
    so_far = select(func.count()).select_from(first).scalar_subquery() + (
        select(func.count()).select_from(second).scalar_subquery()
    )
    third = _page(
        cost, order, [*limits, has_every, ~is_exact, ~is_certain, so_far < limit], after, limit
    ).cte("guessed")
    return union_all(*(select(step.c.id, step.c.rank, step.c.distance) for step in (first, second, third)))


def _by_distance(
    near: tuple[float, float],
    meanings: Sequence[Meaning],
    limits: Sequence[ColumnElement[bool]],
    after: Place | None,
    limit: int,
) -> Select[int, int, int]:
    """Return (id, rank, 0) of all that fit, the nearest town first; the rank counts hundreds of metres."""
    fits = [Facility.words.overlap(texts(meaning.every)) for meaning in meanings]
    hundreds = cast(10 * func.coalesce(_km(near), NOWHERE), Integer)
    return _page(hundreds, literal(0), [*limits, *fits], after, limit)


def _page(
    rank: ColumnElement[int],
    distance: ColumnElement[int],
    conditions: Sequence[ColumnElement[bool]],
    after: Place | None,
    limit: int,
) -> Select[int, int, int]:
    query = (
        select(Facility.id, rank.label("rank"), distance.label("distance"))
        .where(*conditions)
        .order_by(rank, distance, Facility.name_key, Facility.id)
        .limit(limit)
    )
    if after is None:
        return query
    last = aliased(Facility)
    name_key = select(last.name_key).where(last.id == after.id).scalar_subquery()
    return query.where(
        tuple_(rank, distance, Facility.name_key, Facility.id)
        > tuple_(literal(after.rank), literal(after.distance), name_key, literal(after.id))
    )


def _km(near: tuple[float, float] | None) -> ColumnElement[float | None]:
    """Return the kilometres from a place to a facility's town along the great circle (haversine)."""
    if near is None:
        return cast(null(), Double)
    latitude, longitude = (func.radians(literal(degrees, Double)) for degrees in near)
    own_latitude, own_longitude = func.radians(Facility.latitude), func.radians(Facility.longitude)
    half = func.power(func.sin((own_latitude - latitude) / 2), 2) + func.cos(latitude) * func.cos(
        own_latitude
    ) * func.power(func.sin((own_longitude - longitude) / 2), 2)
    # Rounding may leave a hair more than 1 for the other end of the earth.
    return cast(2 * EARTH_KM * func.asin(func.sqrt(func.least(half, 1.0))), Double)
