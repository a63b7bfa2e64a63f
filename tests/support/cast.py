"""The named cast of the tests: the units of the real visit, invented people, one stranger.

Everybody is made by the hub's own commands, so that a test never meets a person the hub could not have
made. All names of people are invented; all share one password.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert

from hub.accounts.commands.people import appoint, create_person, create_post, grant
from hub.accounts.proofs import hash_password
from hub.actor import Actor, system_actor
from hub.facilities.models import Facility, FacilityName
from hub.texts.plain import fold

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PASSWORD = "telaga-biru-pagi-ini"
"""The password of everybody in the cast."""
PASSWORD_HASH = hash_password(PASSWORD)
"""One hash for all: making one takes 50 ms on purpose."""
HOST_MAILBOX = "lapas.purwokerto@example.id"


@dataclass(frozen=True, slots=True)
class Unit:
    """A facility of the cast."""

    id: int
    name: str
    zone: str
    mailbox: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the cast and the post they serve in (0 where they serve in none)."""

    id: int
    name: str
    email: str
    post_id: int = 0
    title: str = ""
    facility_id: int = 0
    is_head: bool = False
    region_ids: tuple[int, ...] = ()
    is_admin: bool = False

    def actor(self) -> Actor:
        """Return this member as an actor, for a test that calls a command directly."""
        units = (self.facility_id,) if self.facility_id else ()
        return Actor(
            kind="person",
            label=f"{self.name} ({self.title})" if self.title else self.name,
            person_id=self.id,
            unit_ids=units,
            headed_ids=units if self.is_head else (),
            post_ids=(self.post_id,) if self.post_id else (),
            region_ids=self.region_ids,
            is_admin=self.is_admin,
        )


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays the real visit, and who looks on."""

    region: Unit
    guest: Unit
    host: Unit
    other_region: Unit
    elsewhere: Unit
    guest_head: Member
    guest_service: Member
    """Kasubsi Pelayanan Tahanan."""
    guest_assets: Member
    """Kasubsi Pengelolaan."""
    guest_staff: Member
    """Serves in the pool of staff that reports to Kasubsi Pelayanan Tahanan."""
    host_head: Member
    host_training: Member
    """Kasi Binadik."""
    host_work: Member
    """Kasi Giatja."""
    overseer: Member
    """Oversees the region of guest and host."""
    admin: Member
    stranger: Member
    """Heads a unit of another region."""

    def everybody(self) -> tuple[Member, ...]:
        """Return every person of the cast."""
        return (
            *(self.guest_head, self.guest_service, self.guest_assets, self.guest_staff),
            *(self.host_head, self.host_training, self.host_work),
            *(self.overseer, self.admin, self.stranger),
        )


def build_cast(session: Session) -> Cast:
    """Build the cast in this transaction and return it; call it once per database."""
    region = add_unit(session, "Kanwil Ditjenpas Jawa Tengah", "kanwil", province="Jawa Tengah")
    guest = add_unit(
        session, "Rutan Kelas IIB Purbalingga", "rutan", region=region, mailbox="rutan.purbalingga@example.id"
    )
    host = add_unit(session, "Lapas Kelas IIA Purwokerto", "lapas", region=region, mailbox=HOST_MAILBOX)
    other_region = add_unit(
        session, "Kanwil Ditjenpas Papua", "kanwil", zone="Asia/Jayapura", province="Papua"
    )
    elsewhere = add_unit(
        session, "Lapas Kelas IIB Wamena", "lapas", region=other_region, zone="Asia/Jayapura"
    )
    guest_head = add_member(session, "Sekar Wijayanti", guest, "Karutan", "head")
    guest_service = add_member(
        session, "Bagas Prakoso", guest, "Kasubsi Pelayanan Tahanan", "section", reports_to=guest_head
    )
    return Cast(
        region=region,
        guest=guest,
        host=host,
        other_region=other_region,
        elsewhere=elsewhere,
        guest_head=guest_head,
        guest_service=guest_service,
        guest_assets=add_member(
            session, "Laras Puspita", guest, "Kasubsi Pengelolaan", "section", reports_to=guest_head
        ),
        guest_staff=add_member(
            session, "Dimas Saputro", guest, "Staf Pelayanan", "pool", reports_to=guest_service
        ),
        host_head=(host_head := add_member(session, "Bayu Kertanegara", host, "Kalapas", "head")),
        host_training=add_member(
            session, "Ratna Maheswari", host, "Kasi Binadik", "section", reports_to=host_head
        ),
        host_work=add_member(session, "Yoga Adiputra", host, "Kasi Giatja", "section", reports_to=host_head),
        overseer=add_overseer(session, "Wulan Anindita", region),
        admin=add_admin(session, "Gilang Ramadhan"),
        stranger=add_member(session, "Yohana Wenda", elsewhere, "Kalapas", "head"),
    )


def add_unit(
    session: Session,
    name: str,
    kind: str,
    *,
    region: Unit | None = None,
    zone: str = "Asia/Jakarta",
    mailbox: str | None = None,
    province: str | None = None,
) -> Unit:
    """Add a facility with its official name, as the import of the real ones would."""
    facility = Facility(
        name=name,
        kind=kind,
        region_id=region.id if region else None,
        iana_zone=zone,
        mailbox=mailbox,
        province=province,
    )
    session.add(facility)
    session.flush()
    session.execute(
        insert(FacilityName).values(
            facility_id=facility.id, name=name, search_key=fold(name), kind="official"
        )
    )
    return Unit(facility.id, name, zone, mailbox)


def add_member(
    session: Session, name: str, unit: Unit, title: str, role: str, *, reports_to: Member | None = None
) -> Member:
    """Add a person and appoint them to a new post of this unit; ``role`` is head, section or pool."""
    person_id, email = _add_person(session, name, unit.zone)
    post = create_post(
        session,
        actor=system_actor("cast"),
        facility_id=unit.id,
        title=title,
        role=role,
        reports_to_id=reports_to.post_id if reports_to else None,
    )
    appoint(session, actor=system_actor("cast"), person_id=person_id, post_id=post.id)
    return Member(person_id, name, email, post.id, title, unit.id, is_head=role == "head")


def add_overseer(session: Session, name: str, region: Unit) -> Member:
    """Add a person who oversees a regional office's units and serves in none."""
    person_id, email = _add_person(session, name, region.zone)
    grant(
        session,
        actor=system_actor("cast"),
        person_id=person_id,
        role="overseer",
        scope_facility_id=region.id,
    )
    return Member(person_id, name, email, region_ids=(region.id,))


def add_admin(session: Session, name: str) -> Member:
    """Add a person who administers the hub."""
    person_id, email = _add_person(session, name, "Asia/Jakarta")
    grant(session, actor=system_actor("cast"), person_id=person_id, role="admin")
    return Member(person_id, name, email, is_admin=True)


def _add_person(session: Session, name: str, zone: str) -> tuple[int, str]:
    email = f"{name.lower().replace(' ', '.')}@example.id"
    person = create_person(session, actor=system_actor("cast"), name=name, email=email, zone=zone)
    person.password_hash = PASSWORD_HASH
    session.flush()
    return person.id, email
