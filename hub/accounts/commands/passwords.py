"""A forgotten password is replaced by a link in a mail, a known one by its owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text, update

from hub.accounts.commands.sign_ins import end_sign_ins
from hub.accounts.commands.throttle import forgive_account
from hub.accounts.links import LASTS, is_signed, read_token
from hub.accounts.models import Person
from hub.accounts.proofs import hash_password
from hub.accounts.rules import demand_good_password
from hub.audit.record import record
from hub.errors import Gone, Invalid
from hub.texts.catalogue import lazy
from hub.web.offload import in_thread

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.texts.links import LinkKeys

WRONG = lazy("This is not your present password.")
ENDED = lazy("This link has been used, has been replaced by a newer one, or is older than an hour.")

# Whoever asks again within five minutes has the first mail on its way; more mails would only end its link.
ASK = text(
    """
    WITH asked AS (
        UPDATE people SET password_generation = password_generation + 1, password_asked_at = hub_now()
        WHERE lower(email) = lower(:email) AND is_active
          AND (password_asked_at IS NULL OR password_asked_at < hub_now() - interval '5 minutes')
        RETURNING id, email, password_generation
    ), planned AS (
        INSERT INTO deliveries (kind, occurrence, address, person_id)
        SELECT 'password', 'password:' || id || ':' || password_generation, email, id FROM asked
    )
    SELECT id FROM asked
    """
)
WAKE = text("SELECT pg_notify('hub_due', 'deliver')")


@dataclass(frozen=True, slots=True)
class Reset:
    """A link to a new password, as it was opened: whose it is, and whether it still opens anything."""

    person_id: int
    name: str
    email: str
    generation: int
    is_open: bool


def ask_for_reset(session: Session, *, actor: Actor, email: str) -> None:
    """Plan the mail with the link, if the address belongs to somebody active; tell nobody whether it does."""
    person_id = session.scalar(ASK, {"email": email.strip()})
    if person_id is not None:
        record(session, actor=actor, action="password.asked", subject=f"people/{person_id}")
        session.execute(WAKE)


def find_reset(session: Session, keys: LinkKeys, token: str) -> Reset | None:
    """Return what a link leads to, or None for a token that was never ours."""
    parsed = read_token(keys, token)
    if parsed is None:
        return None
    row = session.execute(
        select(
            Person.name,
            Person.email,
            Person.password_generation,
            (Person.is_active & (Person.password_asked_at > func.hub_now() - LASTS)).label("is_recent"),
        ).where(Person.id == parsed.number)
    ).one_or_none()
    if row is None or not is_signed(keys, parsed, row.email):
        return None
    is_open = bool(row.is_recent) and row.password_generation == parsed.generation
    return Reset(parsed.number, row.name, row.email, parsed.generation, is_open)


def reset_password(session: Session, *, actor: Actor, reset: Reset, password: str) -> None:
    """Set the new password by a link; the link and every sign-in end, and tries are counted anew.

    Raises Gone where the link was used or replaced meanwhile, Invalid for a weak password.
    """
    demand_good_password(password, about=(reset.name, reset.email))
    changed = session.execute(
        update(Person)
        .where(
            Person.id == reset.person_id,
            Person.is_active,
            Person.password_generation == reset.generation,
            Person.password_asked_at > func.hub_now() - LASTS,
        )
        .values(
            password_hash=in_thread(hash_password, password),
            password_generation=Person.password_generation + 1,
            password_asked_at=None,
        )
        .returning(Person.id)
    ).one_or_none()
    if changed is None:
        raise Gone(ENDED)
    end_sign_ins(session, reset.person_id, kept=None)
    forgive_account(session, email=reset.email)
    record(session, actor=actor, action="password.reset", subject=f"people/{reset.person_id}")


def change_password(
    session: Session, *, actor: Actor, person: Person, is_proven: bool, password: str, kept: str | None
) -> None:
    """Set a new password for somebody who has shown the present one; every other sign-in ends.

    ``kept`` is the token of the sign-in that goes on. Raises Invalid (not proven, weak).
    """
    if not is_proven:
        raise Invalid(WRONG, fields={"present": WRONG})
    demand_good_password(password, about=(person.name, person.email))
    person.password_hash = in_thread(hash_password, password)
    person.password_generation += 1
    person.password_asked_at = None
    end_sign_ins(session, person.id, kept=kept)
    record(session, actor=actor, action="password.changed", subject=f"people/{person.id}")
