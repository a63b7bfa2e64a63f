"""Find facilities that are probably the same: for the form of a new one, and for who keeps the registry.

Two are alike if they share a name, or if they are of one kind in one town under nearly the same name. A
search forgives slips of the keys on top of that, by the list of all words that facilities have.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from hub.audit.record import record
from hub.errors import Forbidden, NotFound
from hub.facilities.finding import Facets, search
from hub.facilities.meanings import MOST_SLIPS
from hub.facilities.merging import MAY_NOT, NO_FACILITY
from hub.facilities.models import DistinctFacilities, Facility, FacilityName
from hub.facilities.names import other_names
from hub.facilities.words import slips
from hub.texts.plain import fold

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

ALIKE: Final = 0.5
"""Share of the three-letter pieces of two names (pg_trgm) from which on they are alike in one town."""
MOST_PAIRS: Final = 50
MOST_READ: Final = 2000
"""Pairs of like names that are looked at closely; in a real registry there are some dozens."""
CLASS_WORDS: Final = frozenset(("kelas", "i", "ia", "ib", "ii", "iia", "iib", "iii"))
MOST_CANDIDATES: Final = 5

# Abbreviations are left out: two towns may have one code.
PAIRS: Final = text(
    """
    WITH bearing AS (
        SELECT DISTINCT n.search_key, f.id, f.kind
        FROM facility_names n JOIN facilities f ON f.id = n.facility_id
        WHERE f.status = 'active' AND f.kind NOT IN ('kanwil', 'ditjenpas') AND n.kind <> 'abbreviation'
    ), alike AS (
        SELECT one.id AS one_id, other.id AS other_id, 1.0 AS likeness
        FROM bearing one JOIN bearing other
          ON other.search_key = one.search_key AND other.id > one.id AND other.kind = one.kind
        UNION ALL
        SELECT one.id, other.id, similarity(one.name_key, other.name_key)
        FROM facilities one JOIN facilities other
          ON other.kind = one.kind AND other.area_text = one.area_text AND other.id > one.id
        WHERE one.status = 'active' AND other.status = 'active' AND one.area_text <> ''
          AND one.kind NOT IN ('kanwil', 'ditjenpas')
          AND one.speciality IS NOT DISTINCT FROM other.speciality
          AND coalesce(one.class, other.class, '') = coalesce(other.class, one.class, '')
          AND similarity(one.name_key, other.name_key) >= :alike
    )
    SELECT one_id, other_id, max(likeness) AS likeness FROM alike
    WHERE :dismissed = EXISTS (SELECT FROM distinct_facilities d
                               WHERE (d.one_id, d.other_id) = (alike.one_id, alike.other_id))
    GROUP BY one_id, other_id ORDER BY likeness DESC, one_id, other_id LIMIT :most
    """
)


class Row(Protocol):
    """What is known of a facility that is about to be entered."""

    @property
    def name(self) -> str:
        """Its official name."""

    @property
    def kind(self) -> str:
        """One of hub.facilities.kinds.KINDS."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two active facilities that are probably one; ``likeness`` is 1 where they share a name."""

    one: Facility
    other: Facility
    likeness: float


def candidates(session: Session, row: Row) -> list[Facility]:
    """Return up to five active facilities that ``row`` probably is, the likeliest first.

    Those that bear its name or one that follows from it, then those of its kind that a search for it finds.
    """
    names = [row.name, *(other.name for other in other_names(row.name) if other.kind != "abbreviation")]
    keys = {key for name in names if (key := fold(name))}
    bearers = (
        select(FacilityName.facility_id)
        .where(FacilityName.search_key.in_(keys), FacilityName.kind != "abbreviation")
        .scalar_subquery()
    )
    found = session.scalars(
        select(Facility)
        .where(Facility.status == "active", Facility.id.in_(bearers))
        .order_by(Facility.name_key != fold(row.name), Facility.name_key, Facility.id)
        .limit(MOST_CANDIDATES)
    ).all()
    facets = Facets(kind=row.kind)
    more = search(session, text=row.name, facets=facets, limit=MOST_CANDIDATES) if keys else []
    likely = {one.id: one for one in (*found, *(item.facility for item in more))}
    return list(likely.values())[:MOST_CANDIDATES]


def pairs(session: Session, *, is_dismissed: bool = False) -> list[Pair]:
    """Return up to fifty pairs that are probably one, the likeliest first; or those said to be two."""
    rows = session.execute(PAIRS, {"alike": ALIKE, "dismissed": is_dismissed, "most": MOST_READ}).all()
    ids = {one_id for row in rows for one_id in (row.one_id, row.other_id)}
    known = {one.id: one for one in session.scalars(select(Facility).where(Facility.id.in_(ids)))}
    found = [Pair(known[row.one_id], known[row.other_id], float(row.likeness)) for row in rows]
    alike = (pair for pair in found if pair.likeness == 1 or _differ_by_little(pair.one, pair.other))
    return list(islice(alike, MOST_PAIRS))


def dismiss(session: Session, *, actor: Actor, one_id: int, other_id: int) -> None:
    """Say that two facilities are two; said twice it changes nothing. Raises Forbidden, NotFound."""
    first, second = _pair(session, actor, one_id, other_id)
    statement = insert(DistinctFacilities).values(one_id=first, other_id=second, by_id=actor.person_id)
    said = session.scalar(statement.on_conflict_do_nothing().returning(DistinctFacilities.one_id))
    if said is not None:
        subject = f"facilities/{first}"
        record(session, actor=actor, action="facilities.said_distinct", subject=subject, other=second)


def restore(session: Session, *, actor: Actor, one_id: int, other_id: int) -> None:
    """Take that back: they are shown as probably one again. Raises Forbidden, NotFound."""
    first, second = _pair(session, actor, one_id, other_id)
    taken = delete(DistinctFacilities).where(
        DistinctFacilities.one_id == first, DistinctFacilities.other_id == second
    )
    if session.scalar(taken.returning(DistinctFacilities.one_id)) is not None:
        subject = f"facilities/{first}"
        record(session, actor=actor, action="facilities.asked_again", subject=subject, other=second)


def _differ_by_little(one: Facility, other: Facility) -> bool:
    """Return whether what one name has and the other has not is a slip of the keys, or words left out."""
    words, others = (set(unit.name_key.split()) - CLASS_WORDS for unit in (one, other))
    here, there = ("".join(sorted(extra)) for extra in (words - others, others - words))
    return not here or not there or slips(here, there) <= MOST_SLIPS


def _pair(session: Session, actor: Actor, one_id: int, other_id: int) -> tuple[int, int]:
    if not actor.is_admin:
        raise Forbidden(MAY_NOT)
    there = select(func.count()).where(Facility.id.in_((one_id, other_id)))
    if one_id == other_id or session.scalar(there) != len((one_id, other_id)):
        raise NotFound(NO_FACILITY)
    return min(one_id, other_id), max(one_id, other_id)
