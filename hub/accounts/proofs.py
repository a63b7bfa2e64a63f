"""Make and check what proves who somebody is: passwords (argon2id) and random secrets (SHA-256).

A random secret of 256 bits needs no slow hash: nobody guesses it. A password does.
"""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB = 19_456
"""OWASP's least for argon2id with two passes."""
SECRET_BYTES = 32
TOKEN_PREFIX = "hub_"  # noqa: S105 -- the public beginning of every token
SHOWN_PREFIX = 12
"""Characters of a token that are kept readable, so that its owner recognises it."""

_hasher = PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1)

NOBODY = _hasher.hash(secrets.token_hex(SECRET_BYTES))
"""Verified against where there is no such person, so that the answer takes as long as any other."""


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password; takes some 50 ms on purpose."""
    return _hasher.hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Return whether this is the password; without a hash it takes as long and is not."""
    try:
        _hasher.verify(password_hash or NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def new_secret() -> str:
    """Return a new random secret for a browser's cookie."""
    return secrets.token_urlsafe(SECRET_BYTES)


def new_token() -> str:
    """Return a new API token; the prefix lets scanners of leaked secrets recognise it."""
    return TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def secret_hash(secret: str) -> bytes:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode()).digest()
