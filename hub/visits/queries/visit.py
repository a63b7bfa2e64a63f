"""Read a visit as its parties and overseers see it: dates, agenda, who was asked and what they said."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, select

from hub import clock
from hub.accounts.models import Post
from hub.collaborations import rules as collaboration_rules
from hub.collaborations.models import Collaboration, Party, Proposal
from hub.collaborations.queries import PartyView, parties_of, visible_to
from hub.facilities.models import Facility
from hub.visits import rules
from hub.visits.models import AgendaItem, Answer, Arrangement, Commitment, Invitation, Outcome, Visit
from hub.workdays.zones import local_moment, zone_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from hub.actor import Actor


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit with the cover of its collaboration, as found; everything else is read when shown."""

    id: int
    collaboration_id: int
    stop_no: int
    state: str
    version: int
    arrangement_no: int
    held_at: dt.datetime | None
    published_at: dt.datetime | None
    ref: str
    title: str
    kind: str
    themes: list[str]
    proposal_id: int
    proposal_state: str


@dataclass(frozen=True, slots=True)
class AgendaView:
    """One point of the agenda."""

    position: int
    title: str
    minutes: int
    theme: str | None
    owner_post_id: int | None


@dataclass(frozen=True, slots=True)
class ArrangementView:
    """When and where, in the host's own time."""

    number: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    iana_zone: str
    place: str
    head_count: int | None
    agenda: list[AgendaView]

    @property
    def zone(self) -> str:
        """Return WIB, WITA or WIT."""
        return zone_label(self.iana_zone)


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What an invited party said to one arrangement."""

    number: int
    verdict: str
    reason: str | None
    counter_starts_at: dt.datetime | None
    counter_ends_at: dt.datetime | None
    door: str
    answered_by: str
    answered_at: dt.datetime


@dataclass(frozen=True, slots=True)
class InvitationView:
    """Who was asked, until when, and the answer to the current arrangement."""

    id: int
    facility_id: int
    name: str
    address: str | None
    generation: int
    respond_by: dt.datetime
    opened_at: dt.datetime | None
    revoked_at: dt.datetime | None
    answer: AnswerView | None


@dataclass(frozen=True, slots=True)
class CommitmentView:
    """A promise of one unit."""

    id: int
    text: str
    facility_id: int
    owner_post_id: int
    owner: str
    working_days: int
    due_on: dt.date | None


@dataclass(frozen=True, slots=True)
class ThemeView:
    """What one theme of the visit brought."""

    theme: str
    seen: str
    will_try: str
    commitments: list[CommitmentView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class VisitView:
    """Everything an actor may see of a visit."""

    row: VisitRow
    parties: list[PartyView]
    arrangement: ArrangementView
    invitations: list[InvitationView]
    themes: list[ThemeView]
    turn: str
    step: str


def find_visit(session: Session, actor: Actor, visit_id: int) -> VisitRow | None:
    """Return a visit that the actor may see, or None."""
    rows = _rows(session, actor, visit_id=visit_id)
    return rows[0] if rows else None


def find_visit_of_invitation(session: Session, actor: Actor, invitation_id: int) -> VisitRow | None:
    """Return the visit of an invitation that the actor may see, or None."""
    visit_id = session.scalars(
        select(Invitation.visit_id).where(Invitation.id == invitation_id)
    ).one_or_none()
    return None if visit_id is None else find_visit(session, actor, visit_id)


def visits_of(session: Session, actor: Actor, collaboration_ids: Sequence[int]) -> list[VisitRow]:
    """Return the visits of these collaborations that the actor may see, in their order."""
    return _rows(session, actor, collaboration_ids=collaboration_ids)


def show_visits(session: Session, actor: Actor, rows: Sequence[VisitRow]) -> list[VisitView]:
    """Return the full views of some visits, in a fixed number of queries."""
    ids = [row.id for row in rows]
    parties = parties_of(session, [row.collaboration_id for row in rows])
    arrangements = _arrangements(session, ids)
    invitations = _invitations(session, actor, rows, parties)
    themes = _themes(session, ids)
    now = clock.now(session)
    views: list[VisitView] = []
    for row in rows:
        sides = parties[row.collaboration_id]
        arrangement = arrangements[row.id]
        asked = invitations.get(row.id, [])
        verdicts = [one.answer.verdict for one in asked if one.answer is not None]
        whose = rules.whose_turn(
            row.proposal_state, row.state, verdicts, has_begun=now >= arrangement.starts_at
        )
        party_ids = [side.facility_id for side in sides]
        is_shown = row.state == "concluded" or collaboration_rules.may_take_part(actor, party_ids)
        views.append(
            VisitView(
                row=row,
                parties=sides,
                arrangement=arrangement,
                invitations=asked,
                themes=themes.get(row.id, []) if is_shown else [],
                turn=whose.turn,
                step=whose.step,
            )
        )
    return views


def _rows(
    session: Session,
    actor: Actor,
    *,
    visit_id: int | None = None,
    collaboration_ids: Sequence[int] | None = None,
) -> list[VisitRow]:
    query = (
        select(
            Visit.id,
            Visit.collaboration_id,
            Visit.stop_no,
            Visit.state,
            Visit.version,
            Visit.arrangement_no,
            Visit.held_at,
            Visit.published_at,
            Collaboration.ref,
            Collaboration.title,
            Collaboration.kind,
            Collaboration.themes,
            Proposal.id,
            Proposal.state,
        )
        .join(Collaboration, Collaboration.id == Visit.collaboration_id)
        .join(Proposal, Proposal.collaboration_id == Visit.collaboration_id)
        .where(visible_to(actor))
        .order_by(Visit.collaboration_id, Visit.stop_no)
    )
    if visit_id is not None:
        query = query.where(Visit.id == visit_id)
    if collaboration_ids is not None:
        query = query.where(Visit.collaboration_id.in_(collaboration_ids))
    return [VisitRow(*cast("Row[*tuple[Any, ...]]", row)) for row in session.execute(query)]


def _arrangements(session: Session, visit_ids: Sequence[int]) -> dict[int, ArrangementView]:
    current = and_(Arrangement.visit_id == Visit.id, Arrangement.number == Visit.arrangement_no)
    agenda: dict[int, list[AgendaView]] = {visit_id: [] for visit_id in visit_ids}
    items = session.execute(
        select(
            AgendaItem.visit_id,
            AgendaItem.position,
            AgendaItem.title,
            AgendaItem.minutes,
            AgendaItem.theme,
            AgendaItem.owner_post_id,
        )
        .join(Visit, and_(AgendaItem.visit_id == Visit.id, AgendaItem.number == Visit.arrangement_no))
        .where(Visit.id.in_(visit_ids))
        .order_by(AgendaItem.visit_id, AgendaItem.position)
    )
    for item in items:
        agenda[item[0]].append(AgendaView(*item[1:]))
    rows = session.execute(
        select(
            Visit.id,
            Arrangement.number,
            Arrangement.starts_at,
            Arrangement.ends_at,
            Arrangement.iana_zone,
            Arrangement.place,
            Arrangement.head_count,
        )
        .join(Arrangement, current)
        .where(Visit.id.in_(visit_ids))
    )
    return {
        visit_id: ArrangementView(
            number=number,
            starts_at=local_moment(starts_at, zone),
            ends_at=local_moment(ends_at, zone),
            iana_zone=zone,
            place=place,
            head_count=head_count,
            agenda=agenda[visit_id],
        )
        for visit_id, number, starts_at, ends_at, zone, place, head_count in rows
    }


def _invitations(
    session: Session, actor: Actor, rows: Sequence[VisitRow], parties: dict[int, list[PartyView]]
) -> dict[int, list[InvitationView]]:
    """Return the invitations by visit; the guest alone, who wrote the addresses, sees them."""
    guests = {
        row.id: next(side.facility_id for side in parties[row.collaboration_id] if side.role == "guest")
        for row in rows
    }
    found: dict[int, list[InvitationView]] = {}
    counts = and_(
        Answer.invitation_id == Invitation.id,
        Answer.number == Visit.arrangement_no,
        Answer.superseded_at.is_(None),
    )
    query = (
        select(
            Invitation.visit_id,
            Invitation.id,
            Party.facility_id,
            Facility.name,
            Invitation.address,
            Invitation.generation,
            Invitation.respond_by,
            Invitation.opened_at,
            Invitation.revoked_at,
            Answer.number,
            Answer.verdict,
            Answer.reason,
            Answer.counter_starts_at,
            Answer.counter_ends_at,
            Answer.door,
            Answer.answered_by,
            Answer.answered_at,
        )
        .join(Visit, Visit.id == Invitation.visit_id)
        .join(Party, Party.id == Invitation.party_id)
        .join(Facility, Facility.id == Party.facility_id)
        .outerjoin(Answer, counts)
        .where(Invitation.visit_id.in_(guests))
        .order_by(Invitation.id)
    )
    for row in cast("Iterable[Row[*tuple[Any, ...]]]", session.execute(query)):
        visit_id, address = row[0], row[4]
        shown = address if collaboration_rules.may_take_part(actor, [guests[visit_id]]) else None
        answer = AnswerView(*row[9:]) if row[9] is not None else None
        found.setdefault(visit_id, []).append(
            InvitationView(
                id=row[1],
                facility_id=row[2],
                name=row[3],
                address=shown,
                generation=row[5],
                respond_by=row[6],
                opened_at=row[7],
                revoked_at=row[8],
                answer=answer,
            )
        )
    return found


def _themes(session: Session, visit_ids: Sequence[int]) -> dict[int, list[ThemeView]]:
    found: dict[int, list[ThemeView]] = {}
    by_outcome: dict[int, ThemeView] = {}
    outcomes = session.execute(
        select(Outcome.visit_id, Outcome.id, Outcome.theme, Outcome.seen, Outcome.will_try)
        .where(Outcome.visit_id.in_(visit_ids))
        .order_by(Outcome.id)
    )
    for visit_id, outcome_id, theme, seen, will_try in outcomes:
        by_outcome[outcome_id] = ThemeView(theme, seen, will_try)
        found.setdefault(visit_id, []).append(by_outcome[outcome_id])
    commitments = session.execute(
        select(
            Commitment.outcome_id,
            Commitment.id,
            Commitment.text,
            Commitment.facility_id,
            Commitment.owner_post_id,
            Post.title,
            Commitment.working_days,
            Commitment.due_on,
        )
        .join(Post, Post.id == Commitment.owner_post_id)
        .where(Commitment.visit_id.in_(visit_ids))
        .order_by(Commitment.outcome_id, Commitment.position)
    )
    for row in commitments:
        by_outcome[row[0]].commitments.append(CommitmentView(*row[1:]))
    return found
