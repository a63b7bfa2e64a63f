"""A second proof beside the password: a code that an app makes from the time, or a recovery code.

(The other one, a passkey, is in ``hub.accounts.commands.passkeys``; recovery codes stand for both.)

A code counts once: the step of the last one is kept, so that whoever saw it typed cannot type it again.
Time is the database's, as for every lease, never the hub's movable clock: a phone knows only the true one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

import pyotp
import structlog
from sqlalchemy import delete, func, select, text, update

from hub.accounts.commands.sign_ins import end_sign_ins, ways_of
from hub.accounts.models import Passkey, Person, RecoveryCode
from hub.accounts.vault import UnreadableError, Vault
from hub.audit.record import record
from hub.errors import Conflict, Invalid
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

log = structlog.get_logger(__name__)

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""A phone may be so many steps off (RFC 6238, 5.2, advises one)."""
RECOVERY_CODES = 10
RECOVERY_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No sign that looks like another on paper."""
RECOVERY_LENGTH = 12
"""59 bits: with five tries in a quarter of an hour, nobody guesses one."""
ENROLLING_SECONDS = 900
ISSUER = "Sinergi Hub"
WRONG = lazy("This code is wrong, has been used, or is out of date. Wait for the next one.")
TOO_OLD = lazy("This page was open for too long. Scan the new picture.")
NONE_THERE = lazy("This person has no second factor.")
COMPULSORY = lazy("Administrators and overseers need a second factor: it cannot be removed.")


def new_secret() -> str:
    """Return a new secret for an app, in base32."""
    return pyotp.random_base32()


def address_of(person: Person, secret: str) -> str:
    """Return what the picture says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=ISSUER)


def offer(vault: Vault, person: Person, secret: str) -> str:
    """Return the secret sealed for the form that sets it up, so that nothing is stored before it works."""
    return vault.seal(secret, f"enrolling {person.id}").decode("ascii")


def offered(vault: Vault, person: Person, sealed: str) -> str:
    """Return the secret of an offer. Raises Invalid for one that is not this person's, or too old."""
    try:
        return vault.open(sealed.encode(), f"enrolling {person.id}", within_seconds=ENROLLING_SECONDS)
    except UnreadableError as error:
        raise Invalid(TOO_OLD, fields={"code": TOO_OLD}) from error


def set_up(
    session: Session, *, actor: Actor, vault: Vault, person: Person, secret: str, code: str, kept: str | None
) -> list[str]:
    """Set an app up with its first code; every other sign-in ends. Return the recovery codes.

    A new app takes the place of the old one in the same moment, so that nobody is without a second factor
    in between. Raises Invalid for a wrong code; then the old one stays.
    """
    session.refresh(person, with_for_update=True)
    is_replaced = person.totp_secret is not None
    step = _step_of(session, secret, code, after=None)
    if step is None:
        raise Invalid(WRONG, fields={"code": WRONG})
    person.totp_secret = vault.seal(secret, f"totp {person.id}")
    person.totp_last_step = step
    end_sign_ins(session, person.id, kept=kept)
    action = "second-factor.replaced" if is_replaced else "second-factor.set-up"
    record(session, actor=actor, action=action, subject=f"people/{person.id}")
    return new_codes(session, person)


def renew_codes(session: Session, *, actor: Actor, person: Person) -> list[str]:
    """Return new recovery codes; older ones count no more. Raises Conflict without a second factor."""
    session.refresh(person, with_for_update=True)
    if not ways_of(session, person).is_any:
        raise Conflict(NONE_THERE)
    record(session, actor=actor, action="recovery-codes.renewed", subject=f"people/{person.id}")
    return new_codes(session, person)


def remove(session: Session, *, actor: Actor, person: Person, is_compulsory: bool) -> None:
    """Remove the app. Raises Conflict where no other second factor is left and one is compulsory."""
    session.refresh(person, with_for_update=True)
    is_last = not ways_of(session, person).passkey
    if is_last and is_compulsory:
        raise Conflict(COMPULSORY)
    person.totp_secret = person.totp_last_step = None
    if is_last:
        forget_codes(session, person)
    record(session, actor=actor, action="second-factor.removed", subject=f"people/{person.id}")


def demand_code(session: Session, *, vault: Vault, person: Person, code: str) -> None:
    """Use a code up: one of the app's, or a recovery code. Raises Invalid where it proves nothing."""
    session.refresh(person, with_for_update=True)
    plain = "".join(code.split()).replace("-", "").lower()
    secret = _secret_of(vault, person)
    if secret is not None:
        step = _step_of(session, secret, plain, after=person.totp_last_step)
        if step is not None:
            person.totp_last_step = step
            session.flush()
            return
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.code_hash == _code_hash(person.id, plain),
            RecoveryCode.person_id == person.id,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=func.hub_now())
        .returning(RecoveryCode.person_id)
    ).one_or_none()
    if used is None:
        raise Invalid(WRONG, fields={"code": WRONG})


def reset(session: Session, *, actor: Actor, person: Person) -> None:
    """Remove app and passkeys of somebody who has lost them; every sign-in ends. For who operates the hub.

    Raises Conflict where there are none.
    """
    session.refresh(person, with_for_update=True)
    if not ways_of(session, person).is_any:
        raise Conflict(NONE_THERE)
    person.totp_secret = person.totp_last_step = None
    session.execute(delete(Passkey).where(Passkey.person_id == person.id))
    forget_codes(session, person)
    end_sign_ins(session, person.id, kept=None)
    record(session, actor=actor, action="second-factor.reset", subject=f"people/{person.id}")


def codes_left(session: Session, person_id: int) -> int:
    """Return how many recovery codes a person has not used."""
    return session.scalars(
        select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    ).one()


def forget_codes(session: Session, person: Person) -> None:
    """Delete a person's recovery codes: there is nothing left that they could stand for."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))


def _secret_of(vault: Vault, person: Person) -> str | None:
    """Return the phone's secret; None without one, and where the key that sealed it is no longer given."""
    if person.totp_secret is None:
        return None
    try:
        return vault.open(bytes(person.totp_secret), f"totp {person.id}")
    except UnreadableError:
        # The recovery codes need no key: they must go on opening the hub.
        log.warning("second_factor.unreadable", person_id=person.id)
        return None


def _step_of(session: Session, secret: str, code: str, *, after: int | None) -> int | None:
    """Return the step whose code this is, or None; one that was used, or an earlier one, is none."""
    now = session.scalars(text("SELECT extract(epoch FROM clock_timestamp())::bigint")).one()
    totp = pyotp.TOTP(secret)
    found = None
    for step in range(now // STEP_SECONDS - DRIFT_STEPS, now // STEP_SECONDS + DRIFT_STEPS + 1):
        # Every step is compared, so that the time taken says nothing about which one it was.
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found if found is not None and (after is None or found > after) else None


def new_codes(session: Session, person: Person) -> list[str]:
    """Return new recovery codes as they are printed; older ones count no more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = [
        "".join(secrets.choice(RECOVERY_SIGNS) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    hashes = [_code_hash(person.id, code) for code in codes]
    session.add_all(RecoveryCode(code_hash=code_hash, person_id=person.id) for code_hash in hashes)
    session.flush()
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def _code_hash(person_id: int, code: str) -> bytes:
    return hashlib.sha256(f"{person_id}:{code}".encode()).digest()
