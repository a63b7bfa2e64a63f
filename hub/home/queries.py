"""Count what home and the units' pages show: hosted visits, how a region's units stand, the whole hub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, BigInteger, Date, bindparam, case, cast, func, select, text

from hub.accounts.models import Person
from hub.collaborations.models import Party, Proposal
from hub.facilities.models import UNIT_KINDS, Facility
from hub.followups.models import Task
from hub.messaging.models import Reaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor


# How much a unit has shown to others is everybody's to know, the visits themselves are not: the database
# counts them without showing them.
HOSTED = text("SELECT facility_id, visits FROM count_hosted(:facilities)").bindparams(
    bindparam("facilities", type_=ARRAY(BigInteger))
)
HOSTED_THEMES = text("SELECT theme, visits FROM count_hosted_themes(:facility) ORDER BY visits DESC, theme")


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """How a unit of a region stands: collaborations it took part in, and its follow-ups."""

    id: int
    name: str
    city: str | None
    collaborations: int
    open_tasks: int
    late_tasks: int


@dataclass(frozen=True, slots=True)
class RegionStanding:
    """All units an overseer watches, those with late follow-ups and those never connected first."""

    units: list[UnitStanding]
    in_all: int
    connected: int
    open_tasks: int
    late_tasks: int


@dataclass(frozen=True, slots=True)
class HubCounts:
    """The hub in four numbers."""

    units: int
    people: int
    collaborations: int
    parked: int


def hosted_visits(session: Session, facility_ids: Sequence[int]) -> dict[int, int]:
    """Return how many visits each facility has hosted so far; those without one are left out."""
    rows = session.execute(HOSTED, {"facilities": list(facility_ids)})
    return {facility_id: count for facility_id, count in rows}  # noqa: C416 -- rows are no pairs to mypy


def hosted_themes(session: Session, facility_id: int) -> list[tuple[str, int]]:
    """Return (theme, visits) of what others came to learn at a facility, the most frequent first."""
    rows = session.execute(HOSTED_THEMES, {"facility": facility_id})
    return [(code, number) for code, number in rows]


def regions(session: Session) -> list[tuple[int, str]]:
    """Return (id, name) of the regional offices, by name."""
    rows = session.execute(
        select(Facility.id, Facility.name)
        .where(Facility.kind == "kanwil", Facility.status == "active")
        .order_by(Facility.name_key)
    )
    return [(region_id, name) for region_id, name in rows]


def region_standing(session: Session, actor: Actor, *, limit: int) -> RegionStanding:
    """Return how the units stand that the actor oversees; ``units`` holds the first ``limit``."""
    mine = [Facility.status == "active", Facility.kind.in_(UNIT_KINDS)]
    if not actor.oversees_all:
        mine.append(Facility.region_id.in_(actor.region_ids))
    is_draft = select(Proposal.id).where(
        Proposal.collaboration_id == Party.collaboration_id, Proposal.state == "draft"
    )
    asked = (
        select(Party.facility_id, func.count().label("collaborations"))
        .where(Party.facility_id.in_(select(Facility.id).where(*mine)), ~is_draft.exists())
        .group_by(Party.facility_id)
        .subquery()
    )
    # The clock is read once, not for each task.
    today = cast(func.timezone(Facility.iana_zone, select(func.hub_now()).scalar_subquery()), Date)
    due = (
        select(
            Task.facility_id,
            func.count().label("open_tasks"),
            func.count().filter(Task.due_on < today).label("late_tasks"),
        )
        .join(Facility, Facility.id == Task.facility_id)
        .where(Task.state == "open", *mine)
        .group_by(Task.facility_id)
        .subquery()
    )
    collaborations = func.coalesce(asked.c.collaborations, 0)
    open_tasks = func.coalesce(due.c.open_tasks, 0)
    late = func.coalesce(due.c.late_tasks, 0)
    order = case((late > 0, 0), (collaborations == 0, 1), else_=2)
    # The sums go over all units, the rows stop at the limit: one look at everything for both.
    rows = session.execute(
        select(
            *(Facility.id, Facility.name, Facility.city, collaborations, open_tasks, late),
            func.count().over(),
            func.count().filter(collaborations > 0).over(),
            func.sum(open_tasks).over(),
            func.sum(late).over(),
        )
        .outerjoin(asked, asked.c.facility_id == Facility.id)
        .outerjoin(due, due.c.facility_id == Facility.id)
        .where(*mine)
        .order_by(order, late.desc(), Facility.name_key, Facility.id)
        .limit(limit)
    ).all()
    units = [UnitStanding(*row[:6]) for row in rows]
    sums = [int(value) for value in rows[0][6:]] if rows else [0, 0, 0, 0]
    return RegionStanding(units, *sums)


def hub_counts(session: Session) -> HubCounts:
    """Return the hub in four numbers, in one query."""
    units = select(func.count()).where(Facility.status == "active", Facility.kind.in_(UNIT_KINDS))
    people = select(func.count()).where(Person.is_active)
    # A draft is nobody's business outside its unit, not even as one of a number.
    threads = select(func.count()).where(Proposal.state != "draft")
    parked = select(func.count()).where(Reaction.state == "parked")
    row = session.execute(
        select(
            units.scalar_subquery(),
            people.scalar_subquery(),
            threads.scalar_subquery(),
            parked.scalar_subquery(),
        )
    ).one()
    return HubCounts(*row)
