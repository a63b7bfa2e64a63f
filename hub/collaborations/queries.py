"""Read collaborations: which of them an actor may see, and what stands on their cover."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ARRAY, BigInteger, and_, bindparam, false, func, literal, or_, select, true

from hub.collaborations.models import Collaboration, Party, Proposal
from hub.db.reading import Reading
from hub.facilities.models import Facility

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from hub.actor import Actor

    Hiding = Callable[[ColumnElement[bool]], Select[*tuple[Any, ...]]]


NUMBERS = ARRAY(BigInteger)
SCOPE = ("scope_units", "scope_regions")
"""The values that say which collaborations an actor may know of."""
GREATEST = 2**63 - 1
BOUNDS: Final = (10, 26, 51, 101)
"""How long a page may be, its sign of a next one included: home's, the API's, the pages', the longest. It
stands in a query's text, since a plan that is kept must know that the page is short."""


@dataclass(frozen=True, slots=True)
class PartyView:
    """One side of a collaboration."""

    role: str
    facility_id: int
    name: str
    kind: str
    iana_zone: str
    follow_up_post_id: int | None


@dataclass(frozen=True, slots=True)
class Cover:
    """A collaboration with its proposal, as lists and heads of pages show it."""

    id: int
    ref: str
    title: str
    kind: str
    themes: list[str]
    created_at: dt.datetime
    proposal_id: int
    proposal_state: str
    proposal_version: int
    urgency: str
    form: str
    subject: str
    duration: str
    letter_no: str | None
    submitted_at: dt.datetime | None


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on Collaboration under which the actor may know of it.

    A draft belongs to the guest unit alone. From its submission on, it is seen by people who serve in
    a party, by overseers of the parties' regions, by national overseers and by administrators.
    """
    if actor.kind == "link":
        return false()
    units, regions = (literal(ids, type_=NUMBERS) for ids in _scope(actor).values())
    return _visible(units, regions, sees_all=_sees_all(actor))


class ScopedReading:
    """A reading of collaborations that shows each actor what ``visible_to`` allows, and no more.

    A query that must hide rows further inside, before a LIMIT, is given as a function of the condition.
    """

    def __init__(self, query: Select[*tuple[Any, ...]] | Hiding) -> None:
        units, regions = (bindparam(name, type_=NUMBERS) for name in SCOPE)
        self.hiding: Hiding = query if callable(query) else query.where
        self._part = Reading(self.hiding(_visible(units, regions, sees_all=False)))
        self._all = Reading(self.hiding(_visible(units, regions, sees_all=True)))

    def rows(self, session: Session, actor: Actor, **values: object) -> Sequence[Any]:
        """Return the rows that the actor may see, with these values in the query's named places."""
        if actor.kind == "link":
            return []
        reading = self._all if _sees_all(actor) else self._part
        return reading.rows(session, **_scope(actor), **values)


def bound_of(limit: int) -> int:
    """Return the least bound of a page of this length. Raises ValueError for more than any page shows."""
    if limit > BOUNDS[-1]:
        raise ValueError(f"no page is as long as {limit} rows")
    return next(bound for bound in BOUNDS if bound >= limit)


def _sees_all(actor: Actor) -> bool:
    return actor.is_admin or actor.oversees_all


def _scope(actor: Actor) -> dict[str, list[int]]:
    """Return the values of SCOPE."""
    return {
        "scope_units": list({*actor.unit_ids, *actor.headed_ids}),
        "scope_regions": list(actor.region_ids),
    }


def _visible(
    units: ColumnElement[Any], regions: ColumnElement[Any], *, sees_all: bool
) -> ColumnElement[bool]:
    own = _as_guest(units)
    asked = select(Proposal.id).where(
        Proposal.collaboration_id == Collaboration.id, Proposal.state != "draft"
    )
    if sees_all:
        return or_(_exists(own), _exists(asked))
    concerned = (
        select(Party.id)
        .join(Facility, Facility.id == Party.facility_id)
        .where(
            Party.collaboration_id == Collaboration.id,
            or_(
                Party.facility_id == func.any(units),
                Facility.region_id == func.any(regions),
                Facility.id == func.any(regions),
            ),
        )
    )
    return or_(_exists(own), and_(_exists(asked), _exists(concerned)))


def _as_guest(units: ColumnElement[Any]) -> Select[int]:
    return select(Party.id).where(
        Party.collaboration_id == Collaboration.id,
        Party.role == "guest",
        Party.facility_id == func.any(units),
    )


def _exists(query: Select[int]) -> ColumnElement[bool]:
    # Whatever else the outer query reads, only the collaboration is meant to be the same row.
    return query.correlate(Collaboration).exists()


def cover_query() -> Select[*tuple[Any, ...]]:
    """Return the query of Cover's fields, of every collaboration: give it to a ScopedReading."""
    query: Select[*tuple[Any, ...]] = select(
        # In the order of Cover's fields.
        Collaboration.id,
        Collaboration.ref,
        Collaboration.title,
        Collaboration.kind,
        Collaboration.themes,
        Collaboration.created_at,
        Proposal.id,
        Proposal.state,
        Proposal.version,
        Proposal.urgency,
        Proposal.form,
        Proposal.subject,
        Proposal.duration,
        Proposal.letter_no,
        Proposal.submitted_at,
    ).join(Proposal, Proposal.collaboration_id == Collaboration.id)
    return query


ONE = ScopedReading(cover_query().where(Collaboration.id == bindparam("id")))
OF_PROPOSAL = ScopedReading(cover_query().where(Proposal.id == bindparam("id")))
BEFORE: Final = bindparam("before", type_=BigInteger)


def _newest(bound: int) -> Hiding:
    """Return the query of a page of the newest, for who sees all but drafts.

    What is a draft is asked of the proposal that is read anyway: to look for it elsewhere, PostgreSQL would
    read every proposal first.
    """
    own = _exists(_as_guest(bindparam(SCOPE[0], type_=NUMBERS)))
    query = cover_query().where(or_(Proposal.state != "draft", own), Collaboration.id < BEFORE)
    page = query.order_by(Collaboration.id.desc()).limit(bound)
    return lambda _: page


def _newest_of(bound: int) -> Hiding:
    """Return the query of a page of the newest in which one of the actor's units, or a region's, takes part.

    The next ones are found unit by unit: who takes part in little need not look through everybody's.
    """

    def query(is_visible: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        units, regions = (func.any(bindparam(name, type_=NUMBERS)) for name in SCOPE)
        places = (
            select(Facility.id)
            .where(or_(Facility.id == units, Facility.region_id == regions, Facility.id == regions))
            .subquery()
        )
        following = (
            select(Party.collaboration_id)
            .join(Collaboration, Collaboration.id == Party.collaboration_id)
            .where(Party.facility_id == places.c.id, Party.collaboration_id < BEFORE, is_visible)
            .order_by(Party.collaboration_id.desc())
            .limit(bound)
            .lateral()
        )
        number = following.c.collaboration_id
        page = select(number).select_from(places).join(following, true()).distinct()
        page = page.order_by(number.desc()).limit(bound)
        return cover_query().where(Collaboration.id.in_(page)).order_by(Collaboration.id.desc())

    return query


NEWEST = {bound: ScopedReading(_newest(bound)) for bound in BOUNDS}
NEWEST_OF = {bound: ScopedReading(_newest_of(bound)) for bound in BOUNDS}
PARTIES = Reading(
    select(
        Party.collaboration_id,
        Party.role,
        Party.facility_id,
        Facility.name,
        Facility.kind,
        Facility.iana_zone,
        Party.follow_up_post_id,
    )
    .join(Facility, Facility.id == Party.facility_id)
    .where(Party.collaboration_id == func.any(bindparam("ids", type_=NUMBERS)))
    .order_by(Party.id)
)


def find_cover(session: Session, actor: Actor, collaboration_id: int) -> Cover | None:
    """Return a collaboration that the actor may see, or None."""
    return next((Cover(*row) for row in ONE.rows(session, actor, id=collaboration_id)), None)


def find_cover_of_proposal(session: Session, actor: Actor, proposal_id: int) -> Cover | None:
    """Return the collaboration of a proposal that the actor may see, or None."""
    return next((Cover(*row) for row in OF_PROPOSAL.rows(session, actor, id=proposal_id)), None)


def covers(session: Session, actor: Actor, *, before_id: int | None, limit: int) -> list[Cover]:
    """Return up to ``limit`` collaborations the actor may see, newest first, those below ``before_id``.

    Raises ValueError for more than any page shows.
    """
    before = GREATEST if before_id is None else before_id
    reading = (NEWEST if _sees_all(actor) else NEWEST_OF)[bound_of(limit)]
    return [Cover(*row) for row in reading.rows(session, actor, before=before)[:limit]]


def covers_where(session: Session, actor: Actor, *conditions: ColumnElement[bool], limit: int) -> list[Cover]:
    """Return up to ``limit`` collaborations the actor may see, newest first, of which all this holds.

    Conditions may speak of Collaboration and of Proposal.
    """
    query = cover_query().where(visible_to(actor), *conditions)
    return [Cover(*row) for row in session.execute(query.order_by(Collaboration.id.desc()).limit(limit))]


def parties_of(session: Session, collaboration_ids: Sequence[int]) -> dict[int, list[PartyView]]:
    """Return the parties of each collaboration, the guest first."""
    found: dict[int, list[PartyView]] = {key: [] for key in collaboration_ids}
    for row in PARTIES.rows(session, ids=list(found)):
        found[row[0]].append(PartyView(*row[1:]))
    return found
