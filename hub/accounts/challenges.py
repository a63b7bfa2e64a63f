"""Challenges for passkeys: random, bound to the browser that asked, good for five minutes and for one answer.

A challenge travels sealed in a cookie of the browser that asked for it, so nothing is kept for who only looks
at a page. What was answered is noted, whatever the answer was worth: nobody answers it a second time.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql import insert

from hub.accounts.models import UsedChallenge
from hub.accounts.vault import UnreadableError, Vault

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SIGNS = 32
"""Random bytes of a challenge; WebAuthn asks for 16 (13.4.3)."""
SECONDS = 300


@dataclass(frozen=True, slots=True)
class Challenge:
    """A new challenge: what the device signs, and what the browser's cookie holds."""

    value: bytes
    sealed: str


def new_challenge(vault: Vault, about: str) -> Challenge:
    """Return a challenge; ``about`` says what it is for, and whose sign-in it belongs to."""
    value = secrets.token_bytes(SIGNS)
    text = base64.urlsafe_b64encode(value).decode("ascii")
    return Challenge(value, vault.seal(text, f"challenge {about}").decode("ascii"))


def take_challenge(session: Session, vault: Vault, sealed: str | None, about: str) -> bytes | None:
    """Use a challenge up and return it; None where it is missing, too old, another's, or used before.

    Commit it before the answer is looked at: two answers at once are then one too many.
    """
    if sealed is None:
        return None
    try:
        text = vault.open(sealed.encode(), f"challenge {about}", within_seconds=SECONDS)
    except UnreadableError:
        return None
    value = base64.urlsafe_b64decode(text)
    noted = session.execute(
        insert(UsedChallenge)
        .values(challenge_hash=hashlib.sha256(value).digest())
        .on_conflict_do_nothing()
        .returning(UsedChallenge.challenge_hash)
    ).one_or_none()
    return value if noted is not None else None
