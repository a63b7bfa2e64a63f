"""Believe an ID token, or say why not (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError

from hub.accounts.provider.wire import ProviderAnswerError

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

    from hub.accounts.provider.discovery import Discovery

LEEWAY_SECONDS = 60
"""So far the provider's clock may be off."""
LONGEST_SUBJECT = 255
"""Signs (Core 1.0, 2)."""
LONGEST_NAME = 120
NAMES = ("email", "preferred_username", "name")
"""By what people know their own account; for reading only: nobody is found by it."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account at the provider: issuer and subject are who it is, ``name`` is what its owner calls it."""

    issuer: str
    subject: str
    name: str


def believe(
    discovery: Discovery, token: str, *, client_id: str, nonce: str, access_token: str | None, ends_at: float
) -> Account:
    """Return whose account an ID token tells of.

    An unknown key is asked for once: the provider may have changed its keys. Raises ProviderAnswerError,
    ProviderDownError.
    """
    algorithms = discovery.described(ends_at=ends_at).algorithms
    try:
        try:
            decoded = _decoded(token, discovery.keys(ends_at=ends_at), algorithms)
        except InvalidKeyIdError:
            decoded = _decoded(token, discovery.keys(ends_at=ends_at, anew=True), algorithms)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {"iss": {"value": discovery.issuer}, "aud": {"value": client_id}},
            {"client_id": client_id, "nonce": nonce, "access_token": access_token},
        )
        # The true time: the provider knows nothing of the hub's movable clock.
        claims.validate(now=int(time.time()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ProviderAnswerError(f"the ID token is not to be believed: {error}") from error
    subject = decoded.claims["sub"]
    if not subject or len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise ProviderAnswerError("the subject is empty, too long or not printable")
    return Account(discovery.issuer, subject, _name(decoded.claims) or subject)


def _decoded(token: str, keys: KeySet, algorithms: tuple[str, ...]) -> jwt.Token:
    return jwt.decode(token, keys, algorithms=list(algorithms))


def _name(claims: dict[str, Any]) -> str:
    for claim in NAMES:
        said = claims.get(claim)
        if isinstance(said, str) and said.strip() and said.isprintable():
            return said.strip()[:LONGEST_NAME]
    return ""
