"""Open a collaboration, and take the one lock under which anything in it changes.

Every command on a collaboration, its proposal, visits or invitations first locks the proposal's row.
There is exactly one per collaboration, so two people who act at once wait for each other, in one
order, and a deadlock cannot arise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from hub.collaborations import rules
from hub.collaborations.models import Collaboration, Party, Proposal
from hub.errors import Forbidden, Invalid, NotFound, Stale
from hub.facilities.models import Facility
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor
NOT_IN_GUEST = lazy("Only people who serve in the guest unit may propose for it.")
ONLY_HEAD_OF_GUEST = lazy("Only the head of the guest unit may do this.")
SAME_UNIT = lazy("Host and guest must be two different units.")
UNKNOWN_UNIT = lazy("There is no such unit.")
NOT_ACTIVE = lazy("This unit is no longer active.")
CHANGED_MEANWHILE = lazy("Somebody else has changed this since you read it.")


@dataclass(frozen=True, slots=True)
class Thread:
    """A collaboration under its lock, with its two sides."""

    collaboration: Collaboration
    proposal: Proposal
    guest: Party
    host: Party

    @property
    def party_ids(self) -> tuple[int, int]:
        """Return the facilities that take part."""
        return self.guest.facility_id, self.host.facility_id


def lock_thread(session: Session, collaboration_id: int) -> Thread:
    """Lock a collaboration and return it as it is now. Raises NotFound.

    Rows that this session has read before are read again, because another transaction may have
    changed them while this one waited for the lock.
    """
    fresh = {"populate_existing": True}
    proposal = session.scalars(
        select(Proposal).where(Proposal.collaboration_id == collaboration_id).with_for_update(),
        execution_options=fresh,
    ).one_or_none()
    if proposal is None:
        raise NotFound(lazy("There is no such collaboration."))
    collaboration = session.scalars(
        select(Collaboration).where(Collaboration.id == collaboration_id), execution_options=fresh
    ).one()
    parties = {
        party.role: party
        for party in session.scalars(
            select(Party).where(
                Party.collaboration_id == collaboration_id, Party.role.in_(("guest", "host"))
            ),
            execution_options=fresh,
        )
    }
    return Thread(collaboration, proposal, parties["guest"], parties["host"])


def open_thread(
    session: Session,
    *,
    actor: Actor,
    guest_id: int,
    host_id: int,
    kind: str,
    title: str,
    themes: Sequence[str],
    urgency: str,
    form: str,
    subject: str,
    duration: str,
    letter_no: str | None,
) -> Thread:
    """Open a collaboration between two units with a draft proposal.

    Raises Forbidden unless the actor serves in the guest, Invalid for units that cannot take part.
    """
    if not rules.may_propose(actor, guest_id):
        raise Forbidden(NOT_IN_GUEST, code="not-in-guest")
    guest_id = active_unit(session, guest_id, field="guest_id")
    host_id = active_unit(session, host_id, field="host_id")
    if host_id == guest_id:
        raise Invalid(SAME_UNIT, fields={"host_id": SAME_UNIT}, code="host-is-guest")
    if not rules.may_propose(actor, guest_id):  # who serves in what was merged into it does not serve in it
        raise Invalid(NOT_ACTIVE, fields={"guest_id": NOT_ACTIVE}, code="unit-not-active")
    collaboration = Collaboration(
        title=title, kind=kind, themes=list(themes), opened_by_id=actor.person_id, reader_ids=[guest_id]
    )
    session.add(collaboration)
    session.flush()
    proposal = Proposal(
        collaboration_id=collaboration.id,
        urgency=urgency,
        form=form,
        subject=subject,
        duration=duration,
        letter_no=letter_no,
        state="draft",
        version=1,
    )
    guest = Party(collaboration_id=collaboration.id, facility_id=guest_id, role="guest")
    host = Party(collaboration_id=collaboration.id, facility_id=host_id, role="host")
    session.add_all([proposal, guest, host])
    session.flush()
    return Thread(collaboration, proposal, guest, host)


def edit_draft(thread: Thread, *, actor: Actor, version: int, changes: dict[str, object]) -> None:
    """Change a draft's words: any of title, kind, themes, urgency, form, subject, duration, letter_no.

    Raises Forbidden, Conflict once it is submitted, Stale unless ``version`` is the proposal's.
    """
    if not rules.may_propose(actor, thread.guest.facility_id):
        raise Forbidden(NOT_IN_GUEST, code="not-in-guest")
    thread.proposal.demand_draft()
    if thread.proposal.version != version:
        raise Stale(CHANGED_MEANWHILE)
    for name, value in changes.items():
        setattr(thread.collaboration if name in ("title", "kind", "themes") else thread.proposal, name, value)
    thread.proposal.version += 1


def demand_head_of_guest(thread: Thread, actor: Actor) -> None:
    """Raise Forbidden unless the actor heads the guest unit."""
    if not rules.may_decide(actor, thread.guest.facility_id):
        raise Forbidden(ONLY_HEAD_OF_GUEST, code="not-head-of-guest")


def active_unit(session: Session, facility_id: int, *, field: str) -> int:
    """Return the unit that may take part in something new: the one given, or what it was merged into.

    Raises Invalid, naming the field, for an unknown unit and for one that is no longer active.
    """
    unit = session.get(Facility, facility_id)
    if unit is None:
        raise Invalid(UNKNOWN_UNIT, fields={field: UNKNOWN_UNIT}, code="unknown-unit")
    if unit.merged_into_id is not None:
        return active_unit(session, unit.merged_into_id, field=field)
    if unit.status != "active":
        raise Invalid(NOT_ACTIVE, fields={field: NOT_ACTIVE}, code="unit-not-active")
    return unit.id
