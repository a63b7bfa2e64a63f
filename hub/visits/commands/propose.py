"""Propose a visit: write the draft, edit it, submit it to the host, take it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from hub import clock
from hub.accounts.models import Post
from hub.audit.guard import NOTHING, Confirmed, demand_no_inmates
from hub.collaborations.commands.happened import Happened, publish
from hub.collaborations.commands.thread import (
    CHANGED_MEANWHILE,
    SAME_UNIT,
    UNKNOWN_UNIT,
    demand_head_of_guest,
    edit_draft,
    lock_thread,
    open_thread,
)
from hub.collaborations.models import Proposal
from hub.errors import Invalid, Stale
from hub.facilities.models import Facility
from hub.facilities.queries import find_by_name, survivor_id
from hub.texts.catalogue import lazy
from hub.texts.formats import format_list
from hub.visits import rules
from hub.visits.commands.arranging import (
    BAD_TIMES,
    Plan,
    PlanChanges,
    current_arrangement,
    next_arrangement,
    only_visit,
    warnings_of,
    write_arrangement,
)
from hub.visits.models import AgendaItem, Invitation, Visit
from hub.visits.texts import texts_of_proposal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.collaborations.commands.thread import Thread
    from hub.visits.rules import Warned

SEVERAL_UNITS = lazy("Several units match this name: %(names)s. Please choose one.")
NAME_A_HOST = lazy("Please name the unit you want to visit.")
NO_MAILBOX = lazy("The host has no official mailbox here; please give an address for the invitation.")
NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Proposed:
    """A draft that was written or edited: where it stands and what looks odd about it."""

    collaboration_id: int
    proposal_id: int
    visit_id: int
    version: int
    warnings: list[Warned]


def propose(
    session: Session,
    *,
    actor: Actor,
    guest_id: int,
    host_id: int | None,
    host_name: str | None,
    kind: str,
    title: str,
    themes: Sequence[str],
    urgency: str,
    form: str,
    subject: str,
    duration: str,
    letter_no: str | None,
    plan: Plan,
    weekday: str | None = None,
) -> Proposed:
    """Write the draft of a proposal: collaboration, parties, visit and first arrangement.

    The host is given by id or by name. Raises Forbidden, and Invalid naming the field for an unknown
    unit, a name that fits several, host and guest the same, or times that cannot be. No event: a
    draft is the guest's own affair.
    """
    if host_id is None:
        host_id = _resolve(session, host_name or "", locale=actor.locale)
        if host_id == guest_id:
            raise Invalid(SAME_UNIT, fields={"host_name": SAME_UNIT}, code="host-is-guest")
    thread = open_thread(
        session,
        actor=actor,
        guest_id=guest_id,
        host_id=host_id,
        kind=kind,
        title=title,
        themes=themes,
        urgency=urgency,
        form=form,
        subject=subject,
        duration=duration,
        letter_no=letter_no,
    )
    visit = Visit(
        collaboration_id=thread.collaboration.id,
        stop_no=1,
        host_party_id=thread.host.id,
        state="proposed",
        arrangement_no=1,
        version=1,
    )
    session.add(visit)
    session.flush()
    now = clock.now(session)
    arrangement = write_arrangement(session, thread=thread, visit_id=visit.id, number=1, plan=plan, now=now)
    return _proposed(session, thread, visit, warnings_of(session, arrangement, weekday, actor.locale))


def edit_proposal(
    session: Session,
    *,
    actor: Actor,
    proposal_id: int,
    version: int,
    words: dict[str, object],
    plan: PlanChanges,
    weekday: str | None = None,
) -> Proposed:
    """Change a draft. ``words`` as in ``edit_draft``; another time or agenda is the next arrangement.

    Raises Forbidden, Conflict once it is submitted, Stale unless ``version`` is current, Invalid.
    """
    thread = _lock(session, proposal_id)
    edit_draft(thread, actor=actor, version=version, changes=words)
    visit = only_visit(session, thread)
    arrangement = current_arrangement(session, visit)
    if plan.are_any:
        now = clock.now(session)
        arrangement = next_arrangement(session, thread=thread, visit=visit, changes=plan, now=now)
        visit.replace_arrangement(arrangement)
    session.flush()
    return _proposed(session, thread, visit, warnings_of(session, arrangement, weekday, actor.locale))


def submit_proposal(
    session: Session,
    *,
    actor: Actor,
    proposal_id: int,
    version: int | None = None,
    invitation_address: str | None = None,
    confirmed: Confirmed = NOTHING,
) -> tuple[Invitation, Happened]:
    """Submit a draft: from now on the host is asked, by an invitation to its mailbox.

    Raises Forbidden unless the actor heads the guest, Conflict when it was submitted before, Stale
    if ``version`` is given and not current, Invalid when the date has passed meanwhile or no address
    is known, InmateDataSuspected where a text may tell who is in custody and that is not ``confirmed``.
    """
    thread = _lock(session, proposal_id)
    demand_head_of_guest(thread, actor)
    if version is not None and version != thread.proposal.version:
        raise Stale(CHANGED_MEANWHILE)
    _follow_merge(session, thread)
    now = clock.now(session)
    event = thread.proposal.submit(
        at=now,
        guest_id=thread.guest.facility_id,
        host_id=thread.host.facility_id,
        kind=thread.collaboration.kind,
        themes=list(thread.collaboration.themes),
    )
    visit = only_visit(session, thread)
    arrangement = current_arrangement(session, visit)
    faults = rules.faults_of_times(arrangement.starts_at, arrangement.ends_at, now)
    if faults:
        raise Invalid(BAD_TIMES, fields=faults)
    demand_no_inmates(
        session,
        actor=actor,
        subject=f"proposals/{proposal_id}",
        texts=_texts(session, thread, visit),
        confirmed=confirmed,
    )
    invitation = Invitation(
        visit_id=visit.id,
        party_id=thread.host.id,
        address=invitation_address or _mailbox(session, thread.host.facility_id),
        post_id=_head_post(session, thread.host.facility_id),
        generation=1,
        respond_by=rules.respond_by(now, arrangement.starts_at, arrangement.iana_zone),
    )
    session.add(invitation)
    return invitation, publish(session, event, actor=actor)


def withdraw_proposal(session: Session, *, actor: Actor, proposal_id: int, reason: str) -> Happened:
    """Take a submitted proposal back; its visit is cancelled and its links end.

    Raises Forbidden unless the actor heads the guest, Conflict for a draft, an ended proposal or a
    visit that was held.
    """
    thread = _lock(session, proposal_id)
    demand_head_of_guest(thread, actor)
    event = thread.proposal.withdraw(reason=reason)
    only_visit(session, thread).cancel()
    return publish(session, event, actor=actor)


def _lock(session: Session, proposal_id: int) -> Thread:
    query = select(Proposal.collaboration_id).where(Proposal.id == proposal_id)
    return lock_thread(session, session.scalars(query).one())


def _follow_merge(session: Session, thread: Thread) -> None:
    """Ask the unit that a draft's host was merged into meanwhile. Raises Invalid where that is the guest."""
    host_id = survivor_id(session, thread.host.facility_id)
    if host_id == thread.guest.facility_id:
        raise Invalid(SAME_UNIT, fields={"host_id": SAME_UNIT}, code="host-is-guest")
    if host_id != thread.host.facility_id:
        thread.host.facility_id = host_id
        session.flush()


def _texts(session: Session, thread: Thread, visit: Visit) -> dict[str, str]:
    titles = session.scalars(
        select(AgendaItem.title)
        .where(AgendaItem.visit_id == visit.id, AgendaItem.number == visit.arrangement_no)
        .order_by(AgendaItem.position)
    ).all()
    place = current_arrangement(session, visit).place
    return texts_of_proposal(thread.collaboration.title, thread.proposal, place=place, agenda=titles)


def _proposed(session: Session, thread: Thread, visit: Visit, warnings: list[Warned]) -> Proposed:
    warnings = rules.warnings_of_texts(_texts(session, thread, visit)) + warnings
    return Proposed(
        collaboration_id=thread.collaboration.id,
        proposal_id=thread.proposal.id,
        visit_id=visit.id,
        version=thread.proposal.version,
        warnings=warnings,
    )


def _resolve(session: Session, name: str, *, locale: str) -> int:
    if not name:
        raise Invalid(NAME_A_HOST, fields={"host_id": NAME_A_HOST}, code="host-missing")
    found = find_by_name(session, name)
    if not found:
        raise Invalid(UNKNOWN_UNIT, fields={"host_name": UNKNOWN_UNIT}, code="unknown-unit")
    if len(found) > 1:
        names = format_list([name for _, name in found[:NAMES_SHOWN]], locale)
        raise Invalid(SEVERAL_UNITS, fields={"host_name": SEVERAL_UNITS}, code="several-units", names=names)
    return found[0][0]


def _mailbox(session: Session, facility_id: int) -> str:
    address = session.scalars(select(Facility.mailbox).where(Facility.id == facility_id)).one()
    if not address:
        raise Invalid(NO_MAILBOX, fields={"invitation_address": NO_MAILBOX}, code="no-mailbox")
    return address


def _head_post(session: Session, facility_id: int) -> int | None:
    query = select(Post.id).where(Post.facility_id == facility_id, Post.role == "head")
    return session.scalars(query).one_or_none()
