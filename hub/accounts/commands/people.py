"""People come, posts are made, somebody is appointed, somebody is given a right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range

from hub.accounts.models import GRANT_ROLES, POST_ROLES, Appointment, Grant, Person, Post
from hub.accounts.places import kind_of
from hub.accounts.proofs import hash_password
from hub.accounts.rules import demand_admin, demand_good_password
from hub.audit.record import record
from hub.errors import Conflict, Invalid, NotFound
from hub.texts.catalogue import DEFAULT_LOCALE, LOCALES, lazy
from hub.texts.plain import UnacceptableTextError, clean_text
from hub.web.addresses import is_address
from hub.web.complaints import NOT_AN_ADDRESS
from hub.workdays.zones import ZONES

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.orm import Session

    from hub.actor import Actor

LONGEST_NAME = 120
LONGEST_TITLE = 120


def create_person(
    session: Session,
    *,
    actor: Actor,
    name: str,
    email: str,
    password: str | None = None,
    locale: str = DEFAULT_LOCALE,
    zone: str = ZONES[0],
    wants_mail: bool = True,
) -> Person:
    """Add a person; without a password they cannot sign in yet.

    Raises Forbidden, Invalid (name, address, password, locale, zone), Conflict where the address is taken.
    """
    demand_admin(actor)
    return add_person(
        session,
        actor=actor,
        name=name,
        email=email,
        password=password,
        locale=locale,
        zone=zone,
        wants_mail=wants_mail,
    )


def add_person(
    session: Session,
    *,
    actor: Actor,
    name: str,
    email: str,
    password: str | None = None,
    locale: str = DEFAULT_LOCALE,
    zone: str = ZONES[0],
    wants_mail: bool = True,
) -> Person:
    """Add a person where the caller has made sure that the actor may; raises as ``create_person`` does."""
    name = _clean("name", name, LONGEST_NAME)
    email = email.strip()
    if not is_address(email):
        raise Invalid(NOT_AN_ADDRESS, fields={"email": NOT_AN_ADDRESS})
    if locale not in LOCALES or zone not in ZONES:
        raise Invalid(lazy("The hub does not know this language or zone."))
    if password is not None:
        demand_good_password(password, about=(name, email))
    if session.scalar(select(Person.id).where(func.lower(Person.email) == email.lower())) is not None:
        raise Conflict(lazy("Somebody has this address already."), fields={"email": lazy("This is taken.")})
    person = Person(
        name=name,
        email=email,
        password_hash=None if password is None else hash_password(password),
        locale=locale,
        iana_zone=zone,
        wants_mail=wants_mail,
    )
    session.add(person)
    session.flush()
    record(session, actor=actor, action="person.created", subject=f"people/{person.id}")
    return person


def create_post(
    session: Session,
    *,
    actor: Actor,
    facility_id: int,
    title: str,
    role: str,
    reports_to_id: int | None = None,
    mailbox: str | None = None,
) -> Post:
    """Add a post to a facility: ``role`` is head, section, pool or contact.

    Raises Forbidden, NotFound, Invalid (role, a superior of another facility), Conflict where the
    facility has a post of this title or a head already.
    """
    demand_admin(actor)
    return add_post(
        session,
        actor=actor,
        facility_id=facility_id,
        title=title,
        role=role,
        reports_to_id=reports_to_id,
        mailbox=mailbox,
    )


def add_post(
    session: Session,
    *,
    actor: Actor,
    facility_id: int,
    title: str,
    role: str,
    reports_to_id: int | None = None,
    mailbox: str | None = None,
) -> Post:
    """Add a post where the caller has made sure that the actor may; raises as ``create_post`` does."""
    title = _clean("title", title, LONGEST_TITLE)
    if role not in POST_ROLES:
        raise Invalid(lazy("There is no such role."), fields={"role": lazy("There is no such role.")})
    if kind_of(session, facility_id) is None:
        raise NotFound(lazy("There is no such facility."))
    superior = session.get(Post, reports_to_id) if reports_to_id is not None else None
    if reports_to_id is not None and (superior is None or superior.facility_id != facility_id):
        raise Invalid(lazy("A post reports to a post of its own facility."))
    taken = select(Post.id).where(Post.facility_id == facility_id, Post.title == title)
    if session.scalar(taken) is not None:
        raise Conflict(lazy("This facility has a post of this title already."))
    headed = select(Post.id).where(Post.facility_id == facility_id, Post.role == "head")
    if role == "head" and session.scalar(headed) is not None:
        raise Conflict(lazy("This facility has a post for its head already."))
    post = Post(
        facility_id=facility_id,
        title=title,
        role=role,
        is_pool=role == "pool",
        reports_to_id=reports_to_id,
        mailbox=mailbox,
    )
    session.add(post)
    session.flush()
    record(session, actor=actor, action="post.created", subject=f"posts/{post.id}")
    return post


def appoint(
    session: Session,
    *,
    actor: Actor,
    person_id: int,
    post_id: int,
    starts_at: dt.datetime | None = None,
    ends_at: dt.datetime | None = None,
    is_acting: bool = False,
    letter_no: str | None = None,
) -> Appointment:
    """Let a person serve in a post, from and until when (aware; None for open ends).

    Raises Forbidden, NotFound, Invalid (ends before it starts), Conflict where somebody else holds the
    post in that time and the appointment is neither acting nor to a pool.
    """
    demand_admin(actor)
    post = session.get(Post, post_id)
    if post is None or session.get(Person, person_id) is None:
        raise NotFound(lazy("There is no such person or post."))
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Invalid(
            lazy("The end must be after the start."), fields={"ends_at": lazy("This is too early.")}
        )
    during = Range(starts_at, ends_at, bounds="[)")
    held = select(Appointment.id).where(
        Appointment.post_id == post_id,
        Appointment.during.overlaps(during),
        ~Appointment.is_acting,
        ~Appointment.is_in_pool,
    )
    if not is_acting and not post.is_pool and session.scalar(held) is not None:
        raise Conflict(lazy("Somebody else holds this post in that time."))
    appointment = Appointment(
        post_id=post_id,
        person_id=person_id,
        during=during,
        is_acting=is_acting,
        is_in_pool=post.is_pool,
        letter_no=letter_no,
    )
    session.add(appointment)
    session.flush()
    record(session, actor=actor, action="person.appointed", subject=f"people/{person_id}", post_id=post_id)
    return appointment


def grant(
    session: Session, *, actor: Actor, person_id: int, role: str, scope_facility_id: int | None = None
) -> Grant:
    """Give a person a right that comes from no post: overseer, auditor or admin.

    ``scope_facility_id`` is the regional office whose units it covers; None is the whole country.
    Raises Forbidden, NotFound, Invalid (role, a scope that is no regional office, an admin with a scope).
    """
    demand_admin(actor)
    if session.get(Person, person_id) is None:
        raise NotFound(lazy("There is no such person."))
    if role not in GRANT_ROLES:
        raise Invalid(lazy("There is no such role."), fields={"role": lazy("There is no such role.")})
    is_regional = scope_facility_id is not None
    if is_regional and (role == "admin" or kind_of(session, scope_facility_id) != "kanwil"):
        raise Invalid(lazy("A right covers the whole country or one regional office; an admin's, all."))
    given = Grant(person_id=person_id, role=role, scope_facility_id=scope_facility_id)
    session.add(given)
    session.flush()
    record(
        session,
        actor=actor,
        action="right.granted",
        subject=f"people/{person_id}",
        role=role,
        scope_facility_id=scope_facility_id,
    )
    return given


def change_preferences(
    person: Person, *, locale: str | None = None, zone: str | None = None, wants_mail: bool | None = None
) -> None:
    """Change how a person reads the hub; what is None stays. Raises Invalid (language, zone)."""
    if (locale or LOCALES[0]) not in LOCALES or (zone or ZONES[0]) not in ZONES:
        raise Invalid(lazy("The hub does not know this language or zone."))
    if locale is not None:
        person.locale = locale
    if zone is not None:
        person.iana_zone = zone
    if wants_mail is not None:
        person.wants_mail = wants_mail


def _clean(field: str, text: str, longest: int) -> str:
    try:
        cleaned = clean_text(text, longest=longest)
    except UnacceptableTextError as error:
        raise Invalid(error.message, fields={field: error.message}, longest=longest) from error
    if not cleaned:
        raise Invalid(lazy("This is missing."), fields={field: lazy("This is missing.")})
    return cleaned
