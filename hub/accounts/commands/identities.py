"""Link a person with their account at the identity provider, and find them by it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from hub.accounts.models import Identity, Person, UsedChallenge
from hub.audit.record import record
from hub.errors import Conflict, NotFound
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

ANOTHERS = lazy("This account is linked with another person of the hub. Ask the hub's administrator.")
LINKED_ALREADY = lazy("An account is linked already; unlink it first.")
NONE_LINKED = lazy("No account is linked.")


def use_up(session: Session, secret: str) -> bool:
    """Note that an answer to this random secret was looked at; False where one was before.

    Commit it before the answer is believed: two answers at once are then one too many.
    """
    noted = session.execute(
        insert(UsedChallenge)
        .values(challenge_hash=hashlib.sha256(secret.encode()).digest())
        .on_conflict_do_nothing()
        .returning(UsedChallenge.challenge_hash)
    ).one_or_none()
    return noted is not None


def use(session: Session, *, issuer: str, subject: str) -> Person | None:
    """Return who an account is linked with, and note its use; None for nobody, or a closed account.

    By issuer and subject only: an address can pass to somebody else, and some providers let people choose.
    """
    person_id = session.scalar(
        update(Identity)
        .where(Identity.issuer == issuer, Identity.subject == subject)
        .values(last_used_at=func.hub_now())
        .returning(Identity.person_id)
    )
    if person_id is None:
        return None
    return session.scalar(select(Person).where(Person.id == person_id, Person.is_active))


def identity_of(session: Session, *, person_id: int, issuer: str) -> Identity | None:
    """Return the account that a person has linked at this provider, or None."""
    return session.scalar(select(Identity).where(Identity.person_id == person_id, Identity.issuer == issuer))


def link(session: Session, *, actor: Actor, person: Person, issuer: str, subject: str) -> None:
    """Link a person with an account. Linking it again changes nothing.

    Raises Conflict where the account is somebody else's, or another one is linked.
    """
    session.refresh(person, with_for_update=True)
    present = identity_of(session, person_id=person.id, issuer=issuer)
    if present is not None:
        if present.subject == subject:
            return
        raise Conflict(LINKED_ALREADY)
    # Two people at once want the same account: the unique index decides, and one reads a sentence.
    made = session.execute(
        insert(Identity)
        .values(person_id=person.id, issuer=issuer, subject=subject)
        .on_conflict_do_nothing(index_elements=["issuer", "subject"])
        .returning(Identity.id)
    ).one_or_none()
    if made is None:
        raise Conflict(ANOTHERS)
    record(
        session,
        actor=actor,
        action="identity.linked",
        subject=f"people/{person.id}",
        after={"issuer": issuer},
    )


def unlink(session: Session, *, actor: Actor, person: Person, issuer: str) -> None:
    """Unlink a person's account: it signs nobody in any more. Raises NotFound where there is none."""
    gone = session.execute(
        delete(Identity)
        .where(Identity.person_id == person.id, Identity.issuer == issuer)
        .returning(Identity.id)
    ).one_or_none()
    if gone is None:
        raise NotFound(NONE_LINKED)
    record(
        session,
        actor=actor,
        action="identity.unlinked",
        subject=f"people/{person.id}",
        before={"issuer": issuer},
    )
