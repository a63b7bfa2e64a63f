"""Who plays: invented people in real posts of real units, and the mailboxes mail goes to.

To set them up is the administrator's job, so it is done by commands in this process; everything after
goes through the doors that people use. Setting up twice changes nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from hub.accounts.commands.people import appoint, create_person, create_post, grant
from hub.accounts.models import Person
from hub.actor import system_actor
from hub.cli.demo.plot import ELSEWHERE, GUEST, HOST, REGION
from hub.errors import Conflict
from hub.facilities.commands.importing import import_units, set_mailbox
from hub.facilities.lists import SHIPPED, read_lists
from hub.facilities.models import Facility

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast: the post (and its role) in a unit, or the right (``grant``) that was given."""

    name: str
    email: str
    unit: str
    title: str
    role: str = ""
    right: str = ""
    wants_mail: bool = True


KARUTAN: Final = Member("Wira Kusumadewa", "wira@rutan-purbalingga.test", GUEST, "Karutan", "head")
KASUBSI_PELAYANAN: Final = Member(
    "Laras Winarti", "laras@rutan-purbalingga.test", GUEST, "Kasubsi Pelayanan Tahanan", "section"
)
KASUBSI_PENGELOLAAN: Final = Member(
    "Damar Sudibya",
    "damar@rutan-purbalingga.test",
    GUEST,
    "Kasubsi Pengelolaan",
    "section",
    wants_mail=False,
)
KALAPAS: Final = Member("Arya Panuluh", "arya@lapas-purwokerto.test", HOST, "Kalapas", "head")
KASI_BINADIK: Final = Member("Sekar Pramesti", "sekar@lapas-purwokerto.test", HOST, "Kasi Binadik", "section")
KASI_GIATJA: Final = Member(
    "Tirta Wijanarko", "tirta@lapas-purwokerto.test", HOST, "Kasi Giatja", "section", wants_mail=False
)
OVERSEER: Final = Member(
    "Ratna Kinasih", "ratna@kanwil-jateng.test", REGION, "pengawas wilayah", right="overseer"
)
STRANGER: Final = Member("Banyu Segara", "banyu@bapas-purwokerto.test", ELSEWHERE, "Kabapas", "head")
ADMINISTRATOR: Final = Member(
    "Galih Pamungkas", "galih@hub.test", "Sinergi Hub", "administrator", right="admin"
)

CAST: Final = (
    KARUTAN,
    KASUBSI_PELAYANAN,
    KASUBSI_PENGELOLAAN,
    KALAPAS,
    KASI_BINADIK,
    KASI_GIATJA,
    OVERSEER,
    STRANGER,
    ADMINISTRATOR,
)
MAILBOXES: Final = {GUEST: "surat@rutan-purbalingga.test", HOST: "surat@lapas-purwokerto.test"}
ACTOR: Final = system_actor("hub demo")


def password_of(settings: Settings) -> str:
    """Return the password of everybody in the cast: the same at every start of one home, its own secret."""
    digest = hmac.new(settings.secret_keys[-1].encode(), b"password of the demo's cast", hashlib.sha256)
    letters = base64.b32encode(digest.digest()).decode().lower()
    return "-".join(letters[place : place + 4] for place in (0, 4, 8, 12))


def is_there(session: Session) -> bool:
    """Return whether the cast is set up. Raises Conflict if the hub has data, but not these people."""
    known = set(session.scalars(select(func.lower(Person.email))))
    if {member.email for member in CAST} <= known:
        return True
    if known or session.scalar(select(Facility.id).limit(1)):
        raise Conflict("This hub has data of its own; the demo plays in an empty home (HUB_HOME) only.")
    return False


def import_registry(session: Session) -> int:
    """Import the units and regional offices that come along; return how many facilities there are."""
    import_units(session, actor=ACTOR, listed=read_lists(SHIPPED))
    return session.scalars(select(func.count()).select_from(Facility).where(Facility.kind != "kanwil")).one()


def set_up(session: Session, password: str, cast: Sequence[Member] = CAST) -> None:
    """Create the people, their posts and rights, and give the units of the story their mailboxes."""
    units = {
        facility.name: facility
        for facility in session.scalars(select(Facility).where(Facility.name.in_({m.unit for m in cast})))
    }
    heads: dict[str, int] = {}
    for member in cast:
        person = create_person(
            session,
            actor=ACTOR,
            name=member.name,
            email=member.email,
            password=password,
            wants_mail=member.wants_mail,
        )
        unit = units.get(member.unit)
        if member.right:
            scope = unit.id if unit else None
            grant(session, actor=ACTOR, person_id=person.id, role=member.right, scope_facility_id=scope)
        elif unit:
            post = create_post(
                session,
                actor=ACTOR,
                facility_id=unit.id,
                title=member.title,
                role=member.role,
                reports_to_id=heads.get(unit.name),
            )
            heads.setdefault(unit.name, post.id)
            appoint(session, actor=ACTOR, person_id=person.id, post_id=post.id)
    for name, mailbox in MAILBOXES.items():
        set_mailbox(session, actor=ACTOR, facility_id=units[name].id, address=mailbox)
