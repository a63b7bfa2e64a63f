"""Somebody signs in and out again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select, update

from hub.accounts.models import Passkey, Person, SignIn
from hub.accounts.proofs import is_password, new_secret, secret_hash
from hub.audit.record import record
from hub.clock import now
from hub.errors import NotFound, Unauthenticated
from hub.texts.catalogue import lazy
from hub.texts.plain import UnacceptableTextError, clean_text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

LASTS = dt.timedelta(hours=12)
"""A sign-in ends after this, however busy its browser is."""
PENDING_LASTS = dt.timedelta(minutes=10)
"""So long the page waits for the second factor."""
LONGEST_AGENT = 200
HANDLE = 16
"""Hexadecimal digits of a sign-in's hash by which its owner names it."""
REFUSED = lazy("The e-mail address or the password is wrong.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who somebody claims to be, and what their password must match."""

    person_id: int | None
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Ways:
    """By what a person can show a second factor; whoever has one of both has recovery codes, too."""

    app: bool = True
    passkey: bool = False

    @property
    def is_any(self) -> bool:
        """Return whether there is a second factor at all."""
        return self.app or self.passkey


@dataclass(frozen=True, slots=True)
class Proven:
    """The new token of a sign-in that was proven again, and how long it lasts."""

    token: str
    left: dt.timedelta


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new sign-in: the token is told to the browser and kept nowhere.

    While it ``is_pending`` the token opens nothing but the page that asks for the second factor.
    """

    person: Person
    token: str
    expires_at: dt.datetime
    ways: Ways
    is_pending: bool = False


def ways_of(session: Session, person: Person) -> Ways:
    """Return by what a person can show a second factor."""
    has_passkey = session.scalars(select(exists().where(Passkey.person_id == person.id))).one()
    return Ways(app=person.totp_secret is not None, passkey=has_passkey)


def candidate(session: Session, *, email: str) -> Candidate:
    """Return whom an address belongs to, or a candidate without a hash: it is checked as long."""
    row = session.execute(
        select(Person.id, Person.password_hash).where(
            func.lower(Person.email) == email.strip().lower(), Person.is_active
        )
    ).one_or_none()
    return Candidate(row.id, row.password_hash) if row else Candidate(None, None)


def is_proven(claimed: Candidate, password: str) -> bool:
    """Return whether the password is the candidate's. Slow on purpose; run it outside any transaction."""
    return is_password(password, claimed.password_hash)


def sign_in(
    session: Session,
    *,
    claimed: Candidate,
    user_agent: str | None = None,
    previous: str | None = None,
    is_proven_twice: bool = False,
) -> SignedIn:
    """Sign a proven candidate in under a new token; the one the browser had before is revoked.

    Whoever has a second factor and has not shown it is signed in for a few minutes only, and pending.
    Raises Unauthenticated if the person or the password was changed since the proof.
    """
    person = session.get(Person, claimed.person_id) if claimed.person_id is not None else None
    if person is None or not person.is_active or person.password_hash != claimed.password_hash:
        raise Unauthenticated(REFUSED, code="sign-in-refused")
    if previous is not None:
        sign_out(session, token=previous)
    token = new_secret()
    ways = ways_of(session, person)
    is_pending = ways.is_any and not is_proven_twice
    expires_at = now(session) + (PENDING_LASTS if is_pending else LASTS)
    session.add(
        SignIn(
            token_hash=secret_hash(token),
            person_id=person.id,
            expires_at=expires_at,
            user_agent=_plain_agent(user_agent),
            is_pending=is_pending,
        )
    )
    session.flush()
    return SignedIn(person, token, expires_at, ways, is_pending)


def pending_person(session: Session, token: str | None) -> Person | None:
    """Return who has shown the password and not yet the second factor under this token, or None."""
    if token is None:
        return None
    return session.scalar(
        select(Person)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.token_hash == secret_hash(token),
            SignIn.is_pending,
            SignIn.revoked_at.is_(None),
            SignIn.expires_at > func.hub_now(),
            Person.is_active,
        )
    )


def prove_again(session: Session, *, token: str) -> Proven:
    """Note that this sign-in's owner proved who they are, and give it a new token; its end stays.

    Raises Unauthenticated where it has ended meanwhile.
    """
    fresh = new_secret()
    left = session.scalar(
        update(SignIn)
        .where(SignIn.token_hash == secret_hash(token), SignIn.revoked_at.is_(None))
        .values(token_hash=secret_hash(fresh), proven_at=func.hub_now())
        .returning(SignIn.expires_at - func.hub_now())
    )
    if left is None:
        raise Unauthenticated(REFUSED, code="sign-in-required")
    return Proven(fresh, left)


def end_sign_ins(session: Session, person_id: int, *, kept: str | None) -> None:
    """Revoke every sign-in of a person but the one of this token."""
    ending = update(SignIn).where(SignIn.person_id == person_id, SignIn.revoked_at.is_(None))
    if kept is not None:
        ending = ending.where(SignIn.token_hash != secret_hash(kept))
    session.execute(ending.values(revoked_at=func.hub_now()))


def sign_out(session: Session, *, token: str) -> None:
    """Revoke the sign-in of this token; from its next request on the browser is a stranger."""
    session.execute(
        update(SignIn)
        .where(SignIn.token_hash == secret_hash(token), SignIn.revoked_at.is_(None))
        .values(revoked_at=func.hub_now())
    )


def revoke_all(session: Session, *, actor: Actor, person_id: int) -> int:
    """Revoke every sign-in of a person; return how many there were."""
    ended = session.execute(
        update(SignIn)
        .where(SignIn.person_id == person_id, SignIn.revoked_at.is_(None), SignIn.expires_at > func.hub_now())
        .values(revoked_at=func.hub_now())
        .returning(SignIn.person_id)
    ).all()
    record(session, actor=actor, action="sign-ins.revoked", subject=f"people/{person_id}", count=len(ended))
    return len(ended)


def revoke_others(session: Session, *, actor: Actor, person_id: int, kept: str) -> None:
    """Revoke every sign-in of a person but the one of this token."""
    ended = session.execute(
        update(SignIn)
        .where(
            SignIn.person_id == person_id, SignIn.revoked_at.is_(None), SignIn.token_hash != secret_hash(kept)
        )
        .values(revoked_at=func.hub_now())
        .returning(SignIn.person_id)
    ).all()
    record(session, actor=actor, action="sign-ins.revoked", subject=f"people/{person_id}", count=len(ended))


def revoke_one(session: Session, *, actor: Actor, person_id: int, handle: str) -> None:
    """Revoke one of a person's sign-ins, named by the beginning of its hash. Raises NotFound."""
    ended = session.execute(
        update(SignIn)
        .where(
            SignIn.person_id == person_id,
            func.left(func.encode(SignIn.token_hash, "hex"), HANDLE) == handle,
            SignIn.revoked_at.is_(None),
        )
        .values(revoked_at=func.hub_now())
        .returning(SignIn.person_id)
    ).all()
    if not ended:
        raise NotFound(lazy("There is no such sign-in, or it has ended."))
    record(session, actor=actor, action="sign-in.revoked", subject=f"people/{person_id}")


def _plain_agent(user_agent: str | None) -> str | None:
    if not user_agent:
        return None
    try:
        return clean_text(user_agent[:LONGEST_AGENT], longest=LONGEST_AGENT) or None
    except UnacceptableTextError:
        return None
