"""A small world in rows: facilities, people and collaborations as the effects find them.

Everything is written past the commands, so that a test can begin in the middle of a story. Names and
addresses are invented and numbered.
"""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range

from hub.accounts.models import Appointment, Grant, Person, Post
from hub.actor import Actor
from hub.clock import now
from hub.collaborations.events import ProposalSubmitted
from hub.collaborations.models import Collaboration, Party, Proposal
from hub.facilities.models import Facility
from hub.messaging.append import append
from hub.visits.events import OutcomePublished, VisitHeld
from hub.visits.models import AgendaItem, Arrangement, Commitment, Invitation, Outcome, Visit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_numbers = itertools.count(1)


def facility(
    session: Session,
    *,
    name: str | None = None,
    kind: str = "lapas",
    region: Facility | None = None,
    zone: str = "Asia/Jakarta",
) -> Facility:
    """Add a facility."""
    number = next(_numbers)
    made = Facility(
        name=name or f"Lapas Uji {number}",
        kind=kind,
        region_id=region.id if region else None,
        iana_zone=zone,
        mailbox=f"unit{number}@lapas.test",
    )
    session.add(made)
    session.flush()
    return made


def person(session: Session, *, name: str | None = None, **values: object) -> Person:
    """Add somebody who may sign in."""
    number = next(_numbers)
    made = Person(**{"name": name or f"Orang {number}", "email": f"orang{number}@lapas.test", **values})
    session.add(made)
    session.flush()
    return made


def post(
    session: Session, at: Facility, *, role: str = "section", title: str | None = None, **values: object
) -> Post:
    """Add a post without a holder."""
    made = Post(
        facility_id=at.id,
        title=title or f"Jabatan {next(_numbers)}",
        role=role,
        is_pool=role == "pool",
        **values,
    )
    session.add(made)
    session.flush()
    return made


def appoint(
    session: Session,
    holder: Person,
    to: Post,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> None:
    """Let somebody serve in a post."""
    session.add(
        Appointment(
            post_id=to.id, person_id=holder.id, is_in_pool=to.is_pool, during=Range(since, until, bounds="[)")
        )
    )
    session.flush()


def holder(
    session: Session, at: Facility, *, role: str = "section", title: str | None = None, **values: object
) -> tuple[Person, Post]:
    """Add a post and somebody who serves in it."""
    somebody, seat = person(session, **values), post(session, at, role=role, title=title)
    appoint(session, somebody, seat)
    return somebody, seat


def grant(session: Session, to: Person, role: str, *, scope: Facility | None = None) -> None:
    """Give somebody a right that comes from no post."""
    session.add(Grant(person_id=to.id, role=role, scope_facility_id=scope.id if scope else None))
    session.flush()


@dataclass(frozen=True, slots=True)
class Story:
    """A collaboration of one guest and one host, with its visit."""

    guest: Facility
    host: Facility
    collaboration: Collaboration
    proposal: Proposal
    guest_party: Party
    host_party: Party
    visit: Visit


def story(
    session: Session,
    guest: Facility,
    host: Facility,
    *,
    opened_by: Person,
    themes: tuple[str, ...] = ("rehabilitation",),
    submitted: bool = True,
    agenda_owner: Post | None = None,
) -> Story:
    """Add a collaboration with a proposal (submitted or a draft) and a proposed visit in ten days."""
    today = now(session)
    thread = Collaboration(
        title=f"Studi tiru {next(_numbers)}",
        kind="studi_tiru",
        themes=list(themes),
        opened_by_id=opened_by.id,
    )
    session.add(thread)
    session.flush()
    proposal = Proposal(
        collaboration_id=thread.id,
        urgency="Mendesak",
        form="Kunjungan",
        subject="Belajar",
        duration="Satu hari",
        state="submitted" if submitted else "draft",
        submitted_at=today if submitted else None,
    )
    guest_party = Party(collaboration_id=thread.id, facility_id=guest.id, role="guest")
    host_party = Party(collaboration_id=thread.id, facility_id=host.id, role="host")
    session.add_all([proposal, guest_party, host_party])
    session.flush()
    visit = Visit(collaboration_id=thread.id, host_party_id=host_party.id)
    session.add(visit)
    session.flush()
    arrange(session, visit, host, number=1, starts_at=today + dt.timedelta(days=10), owner=agenda_owner)
    return Story(guest, host, thread, proposal, guest_party, host_party, visit)


def arrange(
    session: Session, visit: Visit, host: Facility, *, number: int, starts_at: dt.datetime, owner: Post | None
) -> None:
    """Add the next arrangement of a visit, with one agenda item."""
    session.add(
        Arrangement(
            visit_id=visit.id,
            number=number,
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(hours=3),
            iana_zone=host.iana_zone,
            place="Aula",
            head_count=8,
        )
    )
    session.flush()
    session.add(
        AgendaItem(
            visit_id=visit.id,
            number=number,
            position=1,
            title="Pemaparan",
            minutes=60,
            owner_post_id=owner.id if owner else None,
        )
    )
    visit.arrangement_no = number
    session.flush()


def invitation(session: Session, of: Story, *, address: str | None = None) -> Invitation:
    """Invite the host of a story by mail."""
    made = Invitation(
        visit_id=of.visit.id,
        party_id=of.host_party.id,
        address=address or f"undangan{next(_numbers)}@lapas.test",
        respond_by=now(session) + dt.timedelta(days=9),
    )
    session.add(made)
    session.flush()
    return made


def acting(somebody: Person | None) -> Actor:
    """Return the actor for somebody, or for the holder of a link."""
    if somebody is None:
        return Actor(kind="link", label="Kalapas")
    return Actor(kind="person", label=somebody.name, person_id=somebody.id)


def submitted(session: Session, of: Story, *, by: Person) -> uuid.UUID:
    """Append the event that the proposal has been submitted."""
    event = ProposalSubmitted(
        collaboration_id=of.collaboration.id,
        proposal_id=of.proposal.id,
        guest_id=of.guest.id,
        host_id=of.host.id,
        kind=of.collaboration.kind,
        themes=list(of.collaboration.themes),
    )
    return append(session, event, actor=acting(by))


def held(session: Session, of: Story, *, by: Person) -> uuid.UUID:
    """Let the visit take place."""
    moment = now(session)
    of.visit.state, of.visit.held_at = "held", moment
    event = VisitHeld(collaboration_id=of.collaboration.id, visit_id=of.visit.id, held_at=moment)
    return append(session, event, actor=acting(by))


def commit_to(
    session: Session,
    of: Story,
    owners: list[tuple[Facility, Post]],
    *,
    due_on: dt.date | None = dt.date(2027, 3, 1),
    theme: str = "rehabilitation",
) -> list[Commitment]:
    """Add an outcome of one theme, with one commitment per (facility, owner)."""
    outcome = Outcome(visit_id=of.visit.id, theme=theme, seen="Terlihat", will_try="Dicoba")
    session.add(outcome)
    session.flush()
    made = [
        Commitment(
            collaboration_id=of.collaboration.id,
            visit_id=of.visit.id,
            outcome_id=outcome.id,
            position=position,
            facility_id=at.id,
            owner_post_id=seat.id,
            text=f"Janji {position} {theme}",
            working_days=10,
            due_on=due_on,
        )
        for position, (at, seat) in enumerate(owners, start=1)
    ]
    session.add_all(made)
    session.flush()
    return made


def published(session: Session, of: Story, *, by: Person, commitments: int = 1) -> uuid.UUID:
    """Publish the outcome of the visit."""
    moment = now(session)
    of.visit.held_at = of.visit.held_at or moment
    of.visit.state, of.visit.published_at = "concluded", moment
    event = OutcomePublished(
        collaboration_id=of.collaboration.id,
        visit_id=of.visit.id,
        themes=["rehabilitation"],
        commitments=commitments,
    )
    return append(session, event, actor=acting(by))


def travel(session: Session, to: dt.datetime) -> None:
    """Move the hub's clock; the session must be the owner's."""
    session.execute(text("UPDATE clock_offset SET offset_by = CAST(:to AS timestamptz) - now()"), {"to": to})
