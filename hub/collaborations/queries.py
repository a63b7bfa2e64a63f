"""Read collaborations: which of them an actor may see, and what stands on their cover."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, or_, select

from hub.collaborations.models import Collaboration, Party, Proposal
from hub.facilities.models import Facility

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from hub.actor import Actor


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
    units = list({*actor.unit_ids, *actor.headed_ids})
    own = select(Party.id).where(
        Party.collaboration_id == Collaboration.id, Party.role == "guest", Party.facility_id.in_(units)
    )
    asked = select(Proposal.id).where(
        Proposal.collaboration_id == Collaboration.id, Proposal.state != "draft"
    )
    if actor.is_admin or actor.oversees_all:
        return or_(_exists(own), _exists(asked))
    regions = list(actor.region_ids)
    concerned = (
        select(Party.id)
        .join(Facility, Facility.id == Party.facility_id)
        .where(
            Party.collaboration_id == Collaboration.id,
            or_(
                Party.facility_id.in_(units),
                Facility.region_id.in_(regions),
                Facility.id.in_(regions),
            ),
        )
    )
    return or_(_exists(own), and_(_exists(asked), _exists(concerned)))


def _exists(query: Select[int]) -> ColumnElement[bool]:
    # Whatever else the outer query reads, only the collaboration is meant to be the same row.
    return query.correlate(Collaboration).exists()


def find_cover(session: Session, actor: Actor, collaboration_id: int) -> Cover | None:
    """Return a collaboration that the actor may see, or None."""
    return _one(session, _covers(actor).where(Collaboration.id == collaboration_id))


def find_cover_of_proposal(session: Session, actor: Actor, proposal_id: int) -> Cover | None:
    """Return the collaboration of a proposal that the actor may see, or None."""
    return _one(session, _covers(actor).where(Proposal.id == proposal_id))


def covers(session: Session, actor: Actor, *, before_id: int | None, limit: int) -> list[Cover]:
    """Return up to ``limit`` collaborations the actor may see, newest first, those below ``before_id``."""
    query = _covers(actor).order_by(Collaboration.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(Collaboration.id < before_id)
    return [Cover(*row) for row in session.execute(query)]


def covers_where(session: Session, actor: Actor, *conditions: ColumnElement[bool], limit: int) -> list[Cover]:
    """Return up to ``limit`` collaborations the actor may see, newest first, of which all this holds.

    Conditions may speak of Collaboration and of Proposal.
    """
    query = _covers(actor).where(*conditions).order_by(Collaboration.id.desc()).limit(limit)
    return [Cover(*row) for row in session.execute(query)]


def parties_of(session: Session, collaboration_ids: Sequence[int]) -> dict[int, list[PartyView]]:
    """Return the parties of each collaboration, the guest first."""
    found: dict[int, list[PartyView]] = {key: [] for key in collaboration_ids}
    query = (
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
        .where(Party.collaboration_id.in_(collaboration_ids))
        .order_by(Party.id)
    )
    for row in session.execute(query):
        found[row[0]].append(PartyView(*row[1:]))
    return found


def _one(session: Session, query: Select[*tuple[Any, ...]]) -> Cover | None:
    row = session.execute(query).one_or_none()
    return Cover(*row) if row else None


def _covers(actor: Actor) -> Select[*tuple[Any, ...]]:
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
    return query.where(visible_to(actor))
