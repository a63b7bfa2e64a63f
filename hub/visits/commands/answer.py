"""Answer an invitation: accept, ask for another time, or decline; by the link or signed in.

The same answer twice is one answer, however often and however parallel it comes; another answer to
the same arrangement is a conflict that names what is kept.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from hub import clock
from hub.collaborations import rules as collaboration_rules
from hub.collaborations.commands.happened import Happened, publish
from hub.collaborations.models import Party
from hub.errors import Conflict, Forbidden, Gone, Invalid
from hub.texts.catalogue import lazy
from hub.visits import rules
from hub.visits.commands.arranging import NEWER_ARRANGEMENT, current_arrangement, lock_visit
from hub.visits.models import Answer, Arrangement, Invitation
from hub.visits.queries.answering import lent_to
from hub.visits.queries.passing import passed_on
from hub.workdays.zones import at_local

if TYPE_CHECKING:
    from typing import Literal

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.collaborations.commands.thread import Thread
    from hub.visits.models import Visit
    from hub.visits.queries.answering import Lent

    Verdict = Literal["accepted", "declined", "countered"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """An invitation under the lock of its collaboration, with the answer that counts now."""

    thread: Thread
    visit: Visit
    invitation: Invitation
    kept: Answer | None


GIVE_A_REASON = lazy("Please give a reason.")
GIVE_A_TIME = lazy("Please say when it would suit you.")
SAME_TIME = lazy("This is the time that was proposed; to agree, accept the invitation.")
CHECK_ANSWER = lazy("Please check your answer.")
ANSWERED_OTHERWISE = lazy("This invitation has been answered already; the first answer is kept.")
TIME_PASSED = lazy("The proposed time has passed.")
LINK_ENDED = lazy("This invitation has ended.")
ONLY_HEAD_OF_INVITED = lazy("Only the head of the invited unit may answer, or to whom that right is lent.")


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody says to an invitation; counter times are naive: what the host's clock shows."""

    verdict: Verdict
    answered_by: str
    reason: str | None = None
    counter_starts_at: dt.datetime | None = None
    counter_ends_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer that counts, and the events it caused: none when it had been given before."""

    answer: Answer
    happened: tuple[Happened, ...]


def answer_by_link(
    session: Session, *, actor: Actor, invitation_id: int, generation: int, number: int, reply: Reply
) -> Answered:
    """Take the answer of whoever holds the link of this ``generation`` to arrangement ``number``.

    Raises Gone when the link has ended, Conflict for another answer or a newer arrangement, Invalid.
    """
    asked = _lock(session, invitation_id)
    now = clock.now(session)
    invitation = asked.invitation
    state = rules.link_state(
        link_generation=generation,
        generation=invitation.generation,
        respond_by=invitation.respond_by,
        is_revoked=invitation.revoked_at is not None,
        is_withdrawn=asked.thread.proposal.state == "withdrawn",
        visit_state=asked.visit.state,
        is_answered=asked.kept is not None,
        now=now,
        has_passed_on=passed_on(session, invitation_id) is not None,
    )
    if state not in ("open", "answered"):
        raise Gone(LINK_ENDED, code=f"invitation-{state}")
    answered = _answer(session, actor, asked, number=number, reply=reply, door="link")
    if invitation.opened_at is None:
        invitation.opened_at = now
        session.flush()
    return answered


def answer_signed_in(
    session: Session, *, actor: Actor, invitation_id: int, number: int | None, reply: Reply
) -> Answered:
    """Take the answer of the invited unit's head, to the current arrangement unless ``number`` is given.

    So may somebody to whom that right is lent; their answer says for whom. Neither is held by a deadline
    but the visit's start. Raises Forbidden, and as ``answer_by_link``.
    """
    asked = _lock(session, invitation_id)
    invitation, visit = asked.invitation, asked.visit
    host_id = session.get_one(Party, invitation.party_id).facility_id
    lent = None
    if not collaboration_rules.may_decide(actor, host_id):
        # The actor is as old as the request; a revocation may be younger.
        lent = lent_to(session, actor, host_id) if collaboration_rules.may_answer(actor, host_id) else None
        if lent is None:
            raise Forbidden(ONLY_HEAD_OF_INVITED, code="not-head-of-invited")
        actor = replace(actor, label=rules.on_behalf(actor.label, lent.post))
        reply = replace(reply, answered_by=actor.label)
    if invitation.revoked_at is not None or asked.thread.proposal.state == "withdrawn":
        raise Gone(LINK_ENDED, code="invitation-revoked")
    if asked.kept is None:
        visit.demand("proposed")
        if clock.now(session) >= current_arrangement(session, visit).starts_at:
            raise Conflict(TIME_PASSED, code="time-passed")
    number = visit.arrangement_no if number is None else number
    return _answer(session, actor, asked, number=number, reply=reply, door="person", lent=lent)


def _lock(session: Session, invitation_id: int) -> _Asked:
    visit_id = session.scalars(select(Invitation.visit_id).where(Invitation.id == invitation_id)).one()
    thread, visit = lock_visit(session, visit_id)
    kept = session.scalars(
        select(Answer).where(
            Answer.invitation_id == invitation_id,
            Answer.number == visit.arrangement_no,
            Answer.superseded_at.is_(None),
        )
    ).one_or_none()
    return _Asked(thread, visit, session.get_one(Invitation, invitation_id, populate_existing=True), kept)


def _answer(
    session: Session,
    actor: Actor,
    asked: _Asked,
    *,
    number: int,
    reply: Reply,
    door: str,
    lent: Lent | None = None,
) -> Answered:
    visit = asked.visit
    if number != visit.arrangement_no:
        raise Conflict(NEWER_ARRANGEMENT, code="arrangement-changed")
    arrangement = current_arrangement(session, visit)
    now = clock.now(session)
    counter = _counter(arrangement, reply)
    if asked.kept is not None:
        # Only what is said counts, not who clicked nor whether the time has come meanwhile.
        if _said(asked.kept) != (reply.verdict, _reason(reply), *counter):
            raise Conflict(ANSWERED_OTHERWISE, code="answered-otherwise")
        return Answered(asked.kept, ())
    _demand_complete(arrangement, reply, counter, now)
    given = Answer(
        invitation_id=asked.invitation.id,
        visit_id=visit.id,
        number=number,
        verdict=reply.verdict,
        reason=_reason(reply),
        counter_starts_at=counter[0],
        counter_ends_at=counter[1],
        door=door,
        answered_by=reply.answered_by,
        person_id=actor.person_id,
        delegation_id=lent.delegation_id if lent else None,
        answered_at=now,
    )
    session.add(given)
    first = publish(session, given.event(collaboration_id=visit.collaboration_id), actor=actor)
    if given.verdict == "declined":
        asked.thread.proposal.decline()
        visit.cancel()
        session.flush()
    elif given.verdict == "accepted" and _everybody_accepted(session, visit):
        asked.thread.proposal.accept()
        scheduled = publish(session, visit.schedule(arrangement), actor=actor, causation_id=first.id)
        return Answered(given, (first, scheduled))
    return Answered(given, (first,))


def _said(answer: Answer) -> tuple[object, ...]:
    return answer.verdict, answer.reason, answer.counter_starts_at, answer.counter_ends_at


def _reason(reply: Reply) -> str | None:
    # Whoever accepts needs no reason; one typed for another answer and left standing is not kept.
    return None if reply.verdict == "accepted" else reply.reason


def _demand_complete(
    arrangement: Arrangement,
    reply: Reply,
    counter: tuple[dt.datetime, dt.datetime] | tuple[None, None],
    now: dt.datetime,
) -> None:
    """Raise Invalid naming the fields in which an answer says too little or what cannot be."""
    faults: dict[str, str] = {}
    if reply.verdict != "accepted" and not reply.reason:
        faults["reason"] = GIVE_A_REASON
    if reply.verdict == "countered":
        starts_at, ends_at = counter
        if starts_at is None or ends_at is None:
            faults["starts_at"] = GIVE_A_TIME
        elif (starts_at, ends_at) == (arrangement.starts_at, arrangement.ends_at):
            faults["starts_at"] = SAME_TIME
        else:
            faults |= rules.faults_of_times(starts_at, ends_at, now)
    if faults:
        raise Invalid(CHECK_ANSWER, fields=faults)


def _counter(arrangement: Arrangement, reply: Reply) -> tuple[dt.datetime, dt.datetime] | tuple[None, None]:
    """Return the times asked for, if any; without an end, the visit keeps its length."""
    if reply.verdict != "countered" or reply.counter_starts_at is None:
        return None, None
    zone = arrangement.iana_zone
    starts_at = at_local(reply.counter_starts_at.date(), reply.counter_starts_at.time(), zone)
    if reply.counter_ends_at is None:
        return starts_at, starts_at + (arrangement.ends_at - arrangement.starts_at)
    return starts_at, at_local(reply.counter_ends_at.date(), reply.counter_ends_at.time(), zone)


def _everybody_accepted(session: Session, visit: Visit) -> bool:
    invited = session.scalars(
        select(Invitation.party_id).where(Invitation.visit_id == visit.id, Invitation.revoked_at.is_(None))
    ).all()
    accepted = session.scalars(
        select(Invitation.party_id)
        .join(Answer, Answer.invitation_id == Invitation.id)
        .where(
            Invitation.visit_id == visit.id,
            Answer.number == visit.arrangement_no,
            Answer.verdict == "accepted",
            Answer.superseded_at.is_(None),
        )
    ).all()
    return rules.everybody_accepted(invited, accepted)
