"""Passkeys are added, named, used and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import func, select

from hub.accounts.ceremonies import (
    Answer,
    CeremonyError,
    MadeKey,
    RelyingParty,
    is_handle_of,
    read_answer,
    signed_count,
)
from hub.accounts.commands.second_factor import COMPULSORY, forget_codes, new_codes
from hub.accounts.commands.sign_ins import end_sign_ins, ways_of
from hub.accounts.models import Passkey, Person
from hub.audit.record import record
from hub.errors import Conflict, NotFound
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor

log = structlog.get_logger(__name__)

MOST = 10
LONGEST_NAME = 60
TOO_MANY = lazy("Ten passkeys are enough: remove one first.")
KNOWN = lazy("This passkey is in use already.")
NOT_THERE = lazy("There is no such passkey.")


def passkeys_of(session: Session, person_id: int) -> Sequence[Passkey]:
    """Return a person's passkeys, oldest first."""
    return session.scalars(
        select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.created_at, Passkey.id)
    ).all()


def add(
    session: Session, *, actor: Actor, person: Person, made: MadeKey, name: str, kept: str | None
) -> list[str]:
    """Add a passkey; return new recovery codes where it is the first second factor, else none.

    Then every other sign-in ends, as none of them showed it. Raises Conflict (too many, known already).
    """
    session.refresh(person, with_for_update=True)
    if len(passkeys_of(session, person.id)) >= MOST:
        raise Conflict(TOO_MANY)
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id)) is not None:
        raise Conflict(KNOWN)
    is_first = not ways_of(session, person).is_any
    row = Passkey(
        credential_id=made.credential_id,
        person_id=person.id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=list(made.transports),
        name=name,
    )
    session.add(row)
    session.flush()
    record(session, actor=actor, action="passkey.added", subject=f"people/{person.id}", passkey=row.id)
    if not is_first:
        return []
    end_sign_ins(session, person.id, kept=kept)
    return new_codes(session, person)


def is_last(session: Session, person: Person) -> bool:
    """Return whether a person's one passkey is all that they have beside the password."""
    return person.totp_secret is None and len(passkeys_of(session, person.id)) == 1


def rename(session: Session, *, person_id: int, passkey_id: int, name: str) -> None:
    """Call a passkey otherwise. Raises NotFound."""
    find(session, person_id=person_id, passkey_id=passkey_id).name = name


def remove(session: Session, *, actor: Actor, person: Person, passkey_id: int, is_compulsory: bool) -> None:
    """Remove a passkey; with the last second factor its recovery codes go, too.

    Raises NotFound, Conflict where the person must have a second factor and this is the last.
    """
    session.refresh(person, with_for_update=True)
    row = find(session, person_id=person.id, passkey_id=passkey_id)
    has_no_other = is_last(session, person)
    if has_no_other and is_compulsory:
        raise Conflict(COMPULSORY)
    session.delete(row)
    session.flush()
    if has_no_other:
        forget_codes(session, person)
    record(session, actor=actor, action="passkey.removed", subject=f"people/{person.id}", passkey=passkey_id)


def use(
    session: Session,
    *,
    actor: Actor,
    party: RelyingParty,
    challenge: bytes,
    credential: str,
    expected: int | None = None,
) -> Person | None:
    """Return who proves to be there by a passkey, or None; ``expected`` lets one person's count only.

    A device whose count goes backwards is refused and recorded: somebody has a copy of its key (WebAuthn
    6.1.1). So commit what this writes, whatever it returns.
    """
    try:
        answer = read_answer(credential)
        row = _claimed(session, answer, expected)
        count = signed_count(party, challenge=challenge, answer=answer, public_key=bytes(row.public_key))
    except CeremonyError:
        return None
    if (count or row.sign_count) and count <= row.sign_count:
        log.warning("passkey.counter_went_back", person_id=row.person_id, passkey_id=row.id)
        record(
            session,
            actor=actor,
            action="passkey.refused",
            subject=f"people/{row.person_id}",
            passkey=row.id,
            before=row.sign_count,
            after=count,
        )
        return None
    row.sign_count = count
    row.last_used_at = func.hub_now()
    session.flush()
    return session.get(Person, row.person_id)


def find(session: Session, *, person_id: int, passkey_id: int) -> Passkey:
    """Return a person's own passkey. Raises NotFound."""
    row = session.scalar(select(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == person_id))
    if row is None:
        raise NotFound(NOT_THERE)
    return row


def _claimed(session: Session, answer: Answer, expected: int | None) -> Passkey:
    """Return the passkey that an answer says to be signed by, locked. Raises CeremonyError."""
    row = session.scalar(
        select(Passkey)
        .join(Person, Person.id == Passkey.person_id)
        .where(Passkey.credential_id == answer.credential_id, Person.is_active)
        .with_for_update(of=Passkey)
    )
    if row is None or (expected is not None and row.person_id != expected):
        raise CeremonyError("nobody who may come in has this passkey")
    # Without a name to begin with, the device must say whose key it is (WebAuthn 7.2, step 6).
    if answer.user_handle is None and expected is None:
        raise CeremonyError("the device names nobody")
    if answer.user_handle is not None and not is_handle_of(row.person_id, answer.user_handle):
        raise CeremonyError("the device names somebody else")
    return row
