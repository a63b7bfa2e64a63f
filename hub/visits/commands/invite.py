"""Give an invitation a new link, let it pass on with the post, or take it back."""

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
from hub.visits.queries.passing import passed_on

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

ANSWERED_ALREADY = lazy("This invitation has been answered already.")
TIME_PASSED = lazy("The proposed time has passed; please propose a new one first.")
INVITED_ALREADY = lazy("This address has an invitation to this visit already.")
HAS_LEFT = lazy("This is the own address of somebody who no longer serves there. Please give another one.")


def renew_invitation(
    session: Session, *, actor: Actor, invitation_id: int, address: str | None = None
) -> tuple[Invitation, Happened]:
    """Send the invitation again with a new link and a new deadline, perhaps to a better address.

    Links sent before have ended. Where the last one has passed on with the post, the new one goes to who has
    it now. Raises Forbidden unless the actor heads the guest, Conflict when it has been answered or the visit
    waits for no answer, Invalid for an address that is invited already or whose owner has left.
    """
    thread, visit, invitation = _lock(session, actor, invitation_id)
    visit.demand("proposed")
    if _is_answered(session, invitation, visit):
        raise Conflict(ANSWERED_ALREADY, code="invitation-answered")
    now = clock.now(session)
    arrangement = current_arrangement(session, visit)
    if now >= arrangement.starts_at:
        raise Conflict(TIME_PASSED, code="time-passed")
    gone = passed_on(session, invitation_id)
    other = address if address and address.lower() != invitation.address.lower() else None
    if other is None and gone is not None:
        other = gone.address
    if other is not None:
        _demand_not_invited(session, invitation, other)
        if gone is not None:
            invitation.former_address = invitation.address
        invitation.address = other
        session.flush()
    if passed_on(session, invitation_id) is not None:
        raise Invalid(HAS_LEFT, fields={"address": HAS_LEFT})
    event = invitation.renew(
        collaboration_id=thread.collaboration.id,
        respond_by=rules.respond_by(now, arrangement.starts_at, arrangement.iana_zone),
    )
    return invitation, publish(session, event, actor=actor)


def pass_on(session: Session, *, actor: Actor, invitation_id: int) -> Happened | None:
    """Send a new link to who has the post now, where the last one was mailed to who had it before.

    As often as it is called, it goes out once: then the address is theirs. Return None where nothing is to be
    done: the link is good, answered, too late or taken back, or nobody is there to send it to.
    """
    thread, visit, invitation = _lock_thread(session, invitation_id)
    now = clock.now(session)
    if (
        invitation.revoked_at is not None
        or visit.state != "proposed"
        or now >= invitation.respond_by
        or _is_answered(session, invitation, visit)
    ):
        return None
    gone = passed_on(session, invitation_id)
    if gone is None or gone.address is None or _is_invited(session, invitation, gone.address):
        return None
    arrangement = current_arrangement(session, visit)
    event = invitation.pass_on(
        collaboration_id=thread.collaboration.id,
        respond_by=rules.respond_by(now, arrangement.starts_at, arrangement.iana_zone),
        address=gone.address,
    )
    return publish(session, event, actor=actor)


def revoke_invitation(session: Session, *, actor: Actor, invitation_id: int) -> tuple[Invitation, Happened]:
    """Take an invitation back: its links end. Raises Forbidden, Conflict when answered or taken back."""
    thread, visit, invitation = _lock(session, actor, invitation_id)
    if _is_answered(session, invitation, visit):
        raise Conflict(ANSWERED_ALREADY, code="invitation-answered")
    event = invitation.revoke(collaboration_id=thread.collaboration.id, at=clock.now(session))
    return invitation, publish(session, event, actor=actor)


def _lock(session: Session, actor: Actor, invitation_id: int) -> tuple[Thread, Visit, Invitation]:
    thread, visit, invitation = _lock_thread(session, invitation_id)
    demand_head_of_guest(thread, actor)
    return thread, visit, invitation


def _lock_thread(session: Session, invitation_id: int) -> tuple[Thread, Visit, Invitation]:
    visit_id = session.scalars(select(Invitation.visit_id).where(Invitation.id == invitation_id)).one()
    thread, visit = lock_visit(session, visit_id)
    return thread, visit, session.get_one(Invitation, invitation_id, populate_existing=True)


def _is_answered(session: Session, invitation: Invitation, visit: Visit) -> bool:
    query = exists().where(
        Answer.invitation_id == invitation.id,
        Answer.number == visit.arrangement_no,
        Answer.superseded_at.is_(None),
    )
    return bool(session.scalar(select(query)))


def _demand_not_invited(session: Session, invitation: Invitation, address: str) -> None:
    if _is_invited(session, invitation, address):
        raise Invalid(INVITED_ALREADY, fields={"address": INVITED_ALREADY})


def _is_invited(session: Session, invitation: Invitation, address: str) -> bool:
    query = exists().where(
        Invitation.visit_id == invitation.visit_id,
        Invitation.party_id == invitation.party_id,
        Invitation.id != invitation.id,
        func.lower(Invitation.address) == address.lower(),
    )
    return bool(session.scalar(select(query)))
