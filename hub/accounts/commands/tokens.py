"""Tokens by which a program acts as a person are made and revoked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hub.accounts.models import ApiToken
from hub.accounts.proofs import SHOWN_PREFIX, new_token, secret_hash
from hub.audit.record import record
from hub.clock import now
from hub.errors import Invalid, NotFound
from hub.texts.catalogue import lazy
from hub.web.scopes import LEAST, SCOPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor

LONGEST_DAYS = 365
CHOOSE = lazy("Choose what the program may do.")


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A new token; ``secret`` is shown once and kept nowhere."""

    row: ApiToken
    secret: str


def create_token(
    session: Session,
    *,
    actor: Actor,
    person_id: int,
    label: str,
    days: int,
    scopes: Sequence[str] = LEAST,
) -> MadeToken:
    """Make a token that acts as this person for so many days (at most a year), within its scopes.

    Raises Invalid for another span, and for scopes that are none or not known.
    """
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise Invalid(CHOOSE, fields={"scopes": CHOOSE})
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid(
            lazy("A token is valid for 1 to %(longest)s days."),
            fields={"days": lazy("A token is valid for 1 to %(longest)s days.")},
            longest=LONGEST_DAYS,
        )
    secret = new_token()
    row = ApiToken(
        token_hash=secret_hash(secret),
        prefix=secret[:SHOWN_PREFIX],
        person_id=person_id,
        label=label,
        scopes=[scope for scope in SCOPES if scope in scopes],
        expires_at=now(session) + dt.timedelta(days=days),
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    record(
        session,
        actor=actor,
        action="token.created",
        subject=f"tokens/{row.prefix}",
        days=days,
        scopes=row.scopes,
    )
    return MadeToken(row, secret)


def token_by_prefix(session: Session, *, person_id: int | None, prefix: str) -> ApiToken:
    """Return a person's token by its readable beginning. Raises NotFound."""
    row = session.scalar(select(ApiToken).where(ApiToken.prefix == prefix, ApiToken.person_id == person_id))
    if row is None:
        raise NotFound(lazy("There is no such token."))
    return row


def revoke_token(session: Session, *, actor: Actor, person_id: int, prefix: str) -> None:
    """Revoke a person's token by its readable beginning; a second time changes nothing. Raises NotFound."""
    row = token_by_prefix(session, person_id=person_id, prefix=prefix)
    if row.revoked_at is None:
        row.revoked_at = func.hub_now()
        session.flush()
        record(session, actor=actor, action="token.revoked", subject=f"tokens/{prefix}")
