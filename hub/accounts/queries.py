"""Read who a person is and where they serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hub.accounts.commands.sign_ins import HANDLE
from hub.accounts.models import ApiToken, Appointment, Person, Post, SignIn
from hub.accounts.places import facilities
from hub.accounts.proofs import secret_hash
from hub.errors import NotFound
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Service:
    """A post that somebody serves in now."""

    post_id: int
    title: str
    role: str
    is_acting: bool
    facility_id: int
    facility_name: str


@dataclass(frozen=True, slots=True)
class Browser:
    """One sign-in that has not ended, as its owner sees it."""

    handle: str
    name: str
    since: dt.datetime
    last_seen_at: dt.datetime
    is_current: bool


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""Signs in a user agent, the telling one first: most of them also claim to be the next."""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def person_by_id(session: Session, person_id: int) -> Person:
    """Return a person. Raises NotFound."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(lazy("There is no such person."))
    return person


def services_of(session: Session, person_id: int) -> Sequence[Service]:
    """Return the posts a person serves in now, heads first."""
    rows = session.execute(
        select(
            Post.id,
            Post.title,
            Post.role,
            Appointment.is_acting,
            facilities.c.id,
            facilities.c.name.label("facility"),
        )
        .join(Appointment, Appointment.post_id == Post.id)
        .join(facilities, facilities.c.id == Post.facility_id)
        .where(Appointment.person_id == person_id, Appointment.during.contains(func.hub_now()))
        .order_by(Post.role != "head", Post.is_pool, Post.id)
    ).all()
    return [Service(*row) for row in rows]


def sign_ins_of(session: Session, person_id: int, *, current: str | None) -> Sequence[Browser]:
    """Return a person's sign-ins that have not ended, the last used first; ``current`` is one's token."""
    rows = session.execute(
        select(SignIn.token_hash, SignIn.user_agent, SignIn.created_at, SignIn.last_seen_at)
        .where(
            SignIn.person_id == person_id,
            SignIn.revoked_at.is_(None),
            SignIn.expires_at > func.hub_now(),
            ~SignIn.is_pending,
        )
        .order_by(SignIn.last_seen_at.desc(), SignIn.token_hash)
        .limit(100)
    ).all()
    own = secret_hash(current) if current is not None else None
    return [
        Browser(
            handle=row.token_hash.hex()[:HANDLE],
            name=browser_name(row.user_agent),
            since=row.created_at,
            last_seen_at=row.last_seen_at,
            is_current=row.token_hash == own,
        )
        for row in rows
    ]


def browser_name(user_agent: str | None) -> str:
    """Return "Firefox, Windows" for what a browser says of itself; empty where it says nothing known."""
    shown = user_agent or ""
    browser = next((name for sign, name in BROWSERS if sign in shown), "")
    system = next((name for sign, name in SYSTEMS if sign in shown), "")
    return ", ".join(part for part in (browser, system) if part)


def tokens_of(session: Session, person_id: int) -> Sequence[ApiToken]:
    """Return a person's tokens that are neither revoked nor expired, newest first."""
    return session.scalars(
        select(ApiToken)
        .where(
            ApiToken.person_id == person_id,
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > func.hub_now(),
        )
        .order_by(ApiToken.created_at.desc(), ApiToken.prefix)
        .limit(100)
    ).all()
