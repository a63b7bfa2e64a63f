"""One small world and as many published outcomes in it as a test of the pipe wants.

Two units with their regional office and the people who serve there. What a command would have
written stands here directly, so that a test of the relay or the drain does not depend on every rule
of a proposal.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.accounts.models import Appointment, Grant, Person, Post
from hub.actor import Actor
from hub.clock import now
from hub.collaborations.models import Collaboration, Party, Proposal
from hub.facilities.models import Facility
from hub.messaging.append import append
from hub.visits.events import OutcomePublished
from hub.visits.models import AgendaItem, Arrangement, Commitment, Outcome, Visit

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.orm import Session

    from hub.db.transaction import Database

HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR
TITLES = ("Kepala", "Kasi Pembinaan", "Kasi Kegiatan Kerja")
PEOPLE = 6
"""Whom a published outcome concerns here: three at the host, two others at the guest, the overseer."""
TASKS = 3
RECORDS = 2


@dataclass(frozen=True, slots=True)
class World:
    """Identifiers of a small world."""

    guest_id: int
    host_id: int
    region_id: int
    guest_posts: dict[str, int]
    host_posts: dict[str, int]
    people: dict[str, int]

    @property
    def guest_head(self) -> Actor:
        """Return the guest's head as the one who acts."""
        return Actor(
            kind="person",
            label="Karutan, Rutan Kelas IIB Purbalingga",
            person_id=self.people["guest.Kepala"],
            unit_ids=(self.guest_id,),
            headed_ids=(self.guest_id,),
            post_ids=(self.guest_posts["Kepala"],),
        )


def make_world(session: Session) -> World:
    """Write two units, their regional office, six people and an overseer."""
    region = _facility(session, "Kanwil Ditjenpas Jawa Tengah", "kanwil", None)
    guest = _facility(session, "Rutan Kelas IIB Purbalingga", "rutan", region)
    host = _facility(session, "Lapas Kelas IIA Purwokerto", "lapas", region)
    people: dict[str, int] = {}
    posts = {
        side: {title: _post(session, facility, title, people, side) for title in TITLES}
        for side, facility in (("guest", guest), ("host", host))
    }
    people["overseer"] = _person(session, "overseer")
    session.add(Grant(person_id=people["overseer"], role="overseer", scope_facility_id=region))
    session.flush()
    return World(guest, host, region, posts["guest"], posts["host"], people)


def publish_outcomes(database: Database, world: World, count: int) -> list[uuid.UUID]:
    """Conclude ``count`` visits and publish each outcome, one transaction each; return the events' ids."""
    published = []
    for _ in range(count):
        with database.transaction() as session:
            published.append(publish_one(session, world))
    return published


def publish_one(session: Session, world: World) -> uuid.UUID:
    """Write one concluded visit with three commitments, and append its event."""
    visit = _concluded_visit(session, world)
    outcome = Outcome(
        visit_id=visit.id, theme="rehabilitasi.sosial", seen="Terstruktur", will_try="Kelompok kecil"
    )
    session.add(outcome)
    session.flush()
    owners = (
        (world.guest_id, world.guest_posts["Kasi Pembinaan"]),
        (world.guest_id, world.guest_posts["Kasi Kegiatan Kerja"]),
        (world.host_id, world.host_posts["Kasi Pembinaan"]),
    )
    session.add_all(
        Commitment(
            collaboration_id=visit.collaboration_id,
            visit_id=visit.id,
            outcome_id=outcome.id,
            position=position,
            facility_id=facility_id,
            owner_post_id=post_id,
            text=f"Janji {position}",
            working_days=10,
            due_on=(now(session) + 14 * DAY).date(),
        )
        for position, (facility_id, post_id) in enumerate(owners, start=1)
    )
    event = OutcomePublished(
        collaboration_id=visit.collaboration_id,
        visit_id=visit.id,
        themes=["rehabilitasi.sosial"],
        commitments=len(owners),
    )
    return append(session, event, actor=world.guest_head)


def _concluded_visit(session: Session, world: World) -> Visit:
    moment = now(session)
    collaboration = Collaboration(
        title="Studi tiru rehabilitasi dan ketahanan pangan",
        kind="studi_tiru",
        themes=["rehabilitasi.sosial"],
        opened_by_id=world.people["guest.Kepala"],
    )
    session.add(collaboration)
    session.flush()
    host = Party(
        collaboration_id=collaboration.id,
        facility_id=world.host_id,
        role="host",
        # Owns nothing here, but follows up: so it is told too.
        follow_up_post_id=world.host_posts["Kasi Kegiatan Kerja"],
    )
    session.add_all(
        [
            host,
            Party(collaboration_id=collaboration.id, facility_id=world.guest_id, role="guest"),
            Proposal(
                collaboration_id=collaboration.id,
                urgency="Program belum berjalan",
                form="Studi tiru",
                subject="Rehabilitasi dan ketahanan pangan",
                duration="Satu hari",
                state="accepted",
                submitted_at=moment - 10 * DAY,
            ),
        ]
    )
    session.flush()
    visit = Visit(
        collaboration_id=collaboration.id,
        host_party_id=host.id,
        state="concluded",
        held_at=moment - DAY,
        published_at=moment,
    )
    session.add(visit)
    session.flush()
    session.add(
        Arrangement(
            visit_id=visit.id,
            number=1,
            starts_at=moment - DAY - 3 * HOUR,
            ends_at=moment - DAY,
            iana_zone="Asia/Jakarta",
            place="Aula",
        )
    )
    session.flush()
    session.add(AgendaItem(visit_id=visit.id, number=1, position=1, title="Sambutan", minutes=30))
    session.flush()
    return visit


def shuffle_due(database: Database) -> None:
    """Let the reactions fall due in an order that has nothing to do with the events'."""
    with database.transaction() as session:
        session.execute(text("UPDATE reactions SET due_at = hub_now() - random() * interval '1 hour'"))


def _facility(session: Session, name: str, kind: str, region_id: int | None) -> int:
    facility = Facility(name=name, kind=kind, region_id=region_id, iana_zone="Asia/Jakarta")
    session.add(facility)
    session.flush()
    return facility.id


def _person(session: Session, name: str) -> int:
    person = Person(name=name, email=f"{name.replace(' ', '-').lower()}@example.id")
    session.add(person)
    session.flush()
    return person.id


def _post(session: Session, facility_id: int, title: str, people: dict[str, int], side: str) -> int:
    post = Post(facility_id=facility_id, title=title, role="head" if title == TITLES[0] else "section")
    session.add(post)
    session.flush()
    people[f"{side}.{title}"] = _person(session, f"{side}.{title}")
    session.add(Appointment(post_id=post.id, person_id=people[f"{side}.{title}"]))
    session.flush()
    return post.id
