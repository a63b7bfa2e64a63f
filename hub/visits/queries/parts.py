"""Read the parts of some visits, each in one query: arrangements, agendas, invitations, outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Date, and_, bindparam, cast, func, select

from hub.accounts.models import Post
from hub.collaborations import rules as collaboration_rules
from hub.collaborations.models import Party
from hub.collaborations.queries import NUMBERS
from hub.db.reading import Reading
from hub.facilities.models import Facility
from hub.visits.models import AgendaItem, Answer, Arrangement, Commitment, Invitation, Outcome, Visit
from hub.visits.queries.answering import delegations
from hub.visits.queries.views import (
    AgendaView,
    AnswerView,
    ArrangementView,
    CommitmentView,
    InvitationView,
    ThemeView,
)
from hub.workdays.zones import local_moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor

IDS = func.any(bindparam("ids", type_=NUMBERS))

AGENDAS = Reading(
    select(
        AgendaItem.visit_id,
        AgendaItem.position,
        AgendaItem.title,
        AgendaItem.minutes,
        AgendaItem.theme,
        AgendaItem.owner_post_id,
    )
    .join(Visit, and_(AgendaItem.visit_id == Visit.id, AgendaItem.number == Visit.arrangement_no))
    .where(Visit.id == IDS)
    .order_by(AgendaItem.visit_id, AgendaItem.position)
)
ARRANGEMENTS = Reading(
    select(
        Visit.id,
        Arrangement.number,
        Arrangement.starts_at,
        Arrangement.ends_at,
        Arrangement.iana_zone,
        Arrangement.place,
        Arrangement.head_count,
    )
    .join(Arrangement, and_(Arrangement.visit_id == Visit.id, Arrangement.number == Visit.arrangement_no))
    .where(Visit.id == IDS)
)
INVITATIONS = Reading(
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
        # In the order of AnswerView's fields.
        Answer.number,
        Answer.verdict,
        Answer.reason,
        Answer.counter_starts_at,
        Answer.counter_ends_at,
        Answer.door,
        Answer.answered_by,
        Answer.answered_at,
        cast(func.timezone(Facility.iana_zone, func.upper(delegations.c.during)), Date) - 1,
    )
    .join(Visit, Visit.id == Invitation.visit_id)
    .join(Party, Party.id == Invitation.party_id)
    .join(Facility, Facility.id == Party.facility_id)
    .outerjoin(
        Answer,
        and_(
            Answer.invitation_id == Invitation.id,
            Answer.number == Visit.arrangement_no,
            Answer.superseded_at.is_(None),
        ),
    )
    .outerjoin(delegations, delegations.c.id == Answer.delegation_id)
    .where(Invitation.visit_id == IDS)
    .order_by(Invitation.id)
)
OUTCOMES = Reading(
    select(Outcome.visit_id, Outcome.id, Outcome.theme, Outcome.seen, Outcome.will_try)
    .where(Outcome.visit_id == IDS)
    .order_by(Outcome.id)
)
COMMITMENTS = Reading(
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
    .where(Commitment.visit_id == IDS)
    .order_by(Commitment.outcome_id, Commitment.position)
)


def arrangements_of(
    session: Session, visit_ids: Sequence[int], *, with_agenda: bool
) -> dict[int, ArrangementView]:
    """Return the current arrangement of each visit, in the host's own time."""
    agenda: dict[int, list[AgendaView]] = {visit_id: [] for visit_id in visit_ids}
    if with_agenda:
        for item in AGENDAS.rows(session, ids=list(visit_ids)):
            agenda[item[0]].append(AgendaView(*item[1:]))
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
        for visit_id, number, starts_at, ends_at, zone, place, head_count in ARRANGEMENTS.rows(
            session, ids=list(visit_ids)
        )
    }


def invitations_of(
    session: Session, actor: Actor, guests: Mapping[int, int]
) -> dict[int, list[InvitationView]]:
    """Return the invitations by visit; the guest alone, who wrote the addresses, sees them."""
    found: dict[int, list[InvitationView]] = {}
    for row in INVITATIONS.rows(session, ids=list(guests)):
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


def themes_of(session: Session, visit_ids: Sequence[int]) -> dict[int, list[ThemeView]]:
    """Return what each visit brought, theme by theme with its commitments."""
    if not visit_ids:
        return {}
    found: dict[int, list[ThemeView]] = {}
    by_outcome: dict[int, ThemeView] = {}
    for visit_id, outcome_id, theme, seen, will_try in OUTCOMES.rows(session, ids=list(visit_ids)):
        by_outcome[outcome_id] = ThemeView(theme, seen, will_try)
        found.setdefault(visit_id, []).append(by_outcome[outcome_id])
    for row in COMMITMENTS.rows(session, ids=list(visit_ids)):
        by_outcome[row[0]].commitments.append(CommitmentView(*row[1:]))
    return found
