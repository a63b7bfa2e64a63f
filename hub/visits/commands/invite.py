"""Give an invitation a new link, or take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from hub import clock
from hub.collaborations.commands.happened import Happened, publish
from hub.collaborations.commands.thread import Thread, demand_head_of_guest
from hub.errors import Conflict, Invalid
from hub.texts.catalogue import lazy
from hub.visits import rules
from hub.visits.commands.arranging import current_arrangement, lock_visit
from hub.visits.models import Answer, Invitation, Visit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

ANSWERED_ALREADY = lazy("This invitation has been answered already.")
TIME_PASSED = lazy("The proposed time has passed; please propose a new one first.")
INVITED_ALREADY = lazy("This address has an invitation to this visit already.")


def renew_invitation(
    session: Session, *, actor: Actor, invitation_id: int, address: str | None = None
) -> tuple[Invitation, Happened]:
    """Send the invitation again with a new link and a new deadline, perhaps to a better address.

    Links sent before have ended. Raises Forbidden unless the actor heads the guest, Conflict when it
    has been answered or the visit waits for no answer, Invalid for an address that is invited already.
    """
    thread, visit, invitation = _lock(session, actor, invitation_id)
    visit.demand("proposed")
    if _is_answered(session, invitation, visit):
        raise Conflict(ANSWERED_ALREADY, code="invitation-answered")
    now = clock.now(session)
    arrangement = current_arrangement(session, visit)
    if now >= arrangement.starts_at:
        raise Conflict(TIME_PASSED, code="time-passed")
    if address is not None and address.lower() != invitation.address.lower():
        _demand_not_invited(session, invitation, address)
        invitation.address = address
    event = invitation.renew(
        collaboration_id=thread.collaboration.id,
        respond_by=rules.respond_by(now, arrangement.starts_at, arrangement.iana_zone),
    )
    return invitation, publish(session, event, actor=actor)


def revoke_invitation(session: Session, *, actor: Actor, invitation_id: int) -> tuple[Invitation, Happened]:
    """Take an invitation back: its links end. Raises Forbidden, Conflict when answered or taken back."""
    thread, visit, invitation = _lock(session, actor, invitation_id)
    if _is_answered(session, invitation, visit):
        raise Conflict(ANSWERED_ALREADY, code="invitation-answered")
    event = invitation.revoke(collaboration_id=thread.collaboration.id, at=clock.now(session))
    return invitation, publish(session, event, actor=actor)


def _lock(session: Session, actor: Actor, invitation_id: int) -> tuple[Thread, Visit, Invitation]:
    visit_id = session.scalars(select(Invitation.visit_id).where(Invitation.id == invitation_id)).one()
    thread, visit = lock_visit(session, visit_id)
    demand_head_of_guest(thread, actor)
    return thread, visit, session.get_one(Invitation, invitation_id, populate_existing=True)


def _is_answered(session: Session, invitation: Invitation, visit: Visit) -> bool:
    query = exists().where(
        Answer.invitation_id == invitation.id,
        Answer.number == visit.arrangement_no,
        Answer.superseded_at.is_(None),
    )
    return bool(session.scalar(select(query)))


def _demand_not_invited(session: Session, invitation: Invitation, address: str) -> None:
    query = exists().where(
        Invitation.visit_id == invitation.visit_id,
        Invitation.party_id == invitation.party_id,
        Invitation.id != invitation.id,
        func.lower(Invitation.address) == address.lower(),
    )
    if session.scalar(select(query)):
        raise Invalid(INVITED_ALREADY, fields={"address": INVITED_ALREADY})
