"""Take back what an import wrote for a person, and leave alone what somebody has used or changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, select, text
from sqlalchemy.exc import IntegrityError

from hub.accounts.models import Appointment, Grant, Person, Post, SignIn
from hub.audit.record import record
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

HAS_SIGNED_IN = lazy("has signed in since")
HAS_RIGHTS = lazy("has been given other posts or rights since")
SERVICE_CHANGED = lazy("the service has been changed since")
NAME_CHANGED = lazy("the name has been changed since")

STOP_MAILS = text(
    "UPDATE deliveries SET state = 'skipped', settled_at = hub_now(), reason = :reason"
    " WHERE person_id = :person AND state = 'due'"
)
MAIL_ENDED = lazy("the import was undone")


def undo(
    session: Session, actor: Actor, *, person_id: int, done: dict[str, Any]
) -> tuple[str, dict[str, Any]] | None:
    """Take back what was done for one person; return why it was kept instead, or None.

    The account of somebody new who never signed in is closed; another import may open it again. A name goes
    back unless it was changed again; so does a service, and a post made for it goes while nothing else
    needs it.
    """
    person = session.scalar(select(Person).where(Person.id == person_id).with_for_update())
    if person is None or person.erased_at is not None:
        return None
    service_id = done.get("appointment_id")
    service = session.get(Appointment, service_id) if service_id is not None else None
    if (kept := _kept(session, person, service, done)) is not None:
        return kept, {}
    if "name" in done:
        person.name = done["name"][0]
        before, after = {"name": done["name"][1]}, {"name": person.name}
        _note(session, actor, "person.renamed", person_id, before=before, after=after)
    if service is not None:
        session.delete(service)
        _note(session, actor, "person.appointment_undone", person_id, post_id=service.post_id)
    session.flush()
    if "post_id" in done:
        _remove_post(session, done["post_id"])
    if done.get("is_new"):
        _close(session, actor, person)
    return None


def _kept(session: Session, person: Person, service: Appointment | None, done: dict[str, Any]) -> str | None:
    """Return why everything stays as it is, or None."""
    if done.get("is_new") and _has_come(session, person):
        return HAS_SIGNED_IN
    if done.get("is_new") and _has_more(session, person.id, done.get("appointment_id")):
        return HAS_RIGHTS
    if service is not None and service.during.upper is not None:
        return SERVICE_CHANGED
    if "name" in done and person.name != done["name"][1]:
        return NAME_CHANGED
    return None


def _has_come(session: Session, person: Person) -> bool:
    came = exists().where(SignIn.person_id == person.id)
    return person.password_hash is not None or bool(session.scalar(select(came)))


def _has_more(session: Session, person_id: int, service_id: int | None) -> bool:
    others = select(Appointment.id).where(
        Appointment.person_id == person_id,
        Appointment.id != (service_id or 0),
    )
    rights = select(Grant.id).where(Grant.person_id == person_id)
    return session.scalar(others.limit(1)) is not None or session.scalar(rights.limit(1)) is not None


def _remove_post(session: Session, post_id: int) -> None:
    """Remove a post that the import made, unless somebody serves in it or something names it."""
    try:
        with session.begin_nested():
            session.execute(delete(Post).where(Post.id == post_id))
    except IntegrityError:
        session.expire_all()


def _close(session: Session, actor: Actor, person: Person) -> None:
    """Close an account: people are never deleted, for acts and mails name them (decision 15)."""
    session.execute(STOP_MAILS, {"person": person.id, "reason": MAIL_ENDED})
    person.is_active = False
    person.password_generation += 1
    person.password_asked_at = None
    session.flush()
    _note(session, actor, "person.closed", person.id)


def _note(session: Session, actor: Actor, action: str, person_id: int, **detail: Any) -> None:
    record(session, actor=actor, action=action, subject=f"people/{person_id}", **detail)
