"""Keep secrets in the database that nobody can read there: encrypted under the hub's own keys.

The first of ``HUB_SECRET_KEYS`` encrypts, all of them decrypt, so that keys can rotate.
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

if TYPE_CHECKING:
    from collections.abc import Sequence

PURPOSE = b"sinergi-hub vault 1"


class UnreadableError(ValueError):
    """Sealed by a key that is gone, spoiled, or older than it may be."""


class Vault:
    """Seals and opens secrets."""

    def __init__(self, keys: Sequence[str]) -> None:
        made = [base64.urlsafe_b64encode(hmac.digest(key.encode(), PURPOSE, "sha256")) for key in keys]
        self._fernet = MultiFernet([Fernet(key) for key in made])

    def __repr__(self) -> str:
        return "<Vault>"

    def seal(self, secret: str, about: str) -> bytes:
        """Return the secret sealed; ``about`` says what it belongs to and must be said again to open it."""
        return self._fernet.encrypt(f"{about}\n{secret}".encode())

    def open(self, sealed: bytes, about: str, *, within_seconds: int | None = None) -> str:
        """Return the secret. Raises UnreadableError."""
        try:
            said, _, secret = self._fernet.decrypt(sealed, ttl=within_seconds).decode().partition("\n")
        except (InvalidToken, ValueError) as error:
            raise UnreadableError("this cannot be opened") from error
        if not hmac.compare_digest(said.encode(), about.encode()):
            raise UnreadableError("this belongs to something else")
        return secret
