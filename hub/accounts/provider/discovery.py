"""What the identity provider says of itself (OpenID Connect Discovery 1.0), and its keys; kept an hour."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hub.accounts.provider.wire import ProviderAnswerError, ask

KEPT_SECONDS = 3600
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)
"""All have a key pair: with HS256 the public key, or the client's secret, would be one to sign with."""
KINDS = ("RSA", "EC", "OKP")
BASIC, POST = "client_secret_basic", "client_secret_post"


@dataclass(frozen=True, slots=True)
class Described:
    """The provider's own description: where it signs people in, tells tokens and shows its keys."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    algorithms: tuple[str, ...]
    client_auth: str
    names_itself: bool
    """Whether it says who it is where it leads back (RFC 9207)."""


class Discovery:
    """The description and the keys of one provider, asked for when needed and kept in this process."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._described: tuple[float, Described] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def described(self, *, ends_at: float) -> Described:
        """Return the description. Raises ProviderDownError, ProviderAnswerError."""
        if self._described is None or _is_old(self._described[0]):
            url = get_well_known_url(self.issuer, external=True)
            self._described = (time.monotonic(), self._read(ask("GET", url, ends_at=ends_at)))
        return self._described[1]

    def keys(self, *, ends_at: float, anew: bool = False) -> KeySet:
        """Return the keys it signs with; ``anew`` asks even if some are kept.

        Raises ProviderDownError, ProviderAnswerError.
        """
        if anew or self._keys is None or _is_old(self._keys[0]):
            url = self.described(ends_at=ends_at).jwks_uri
            self._keys = (time.monotonic(), _key_set(ask("GET", url, ends_at=ends_at)))
        return self._keys[1]

    def _read(self, said: dict[str, Any]) -> Described:
        if said.get("issuer") != self.issuer:
            raise ProviderAnswerError("it describes another issuer")
        methods = _words(said, "token_endpoint_auth_methods_supported") or (BASIC,)
        offered = _words(said, "id_token_signing_alg_values_supported") or ("RS256",)
        algorithms = tuple(name for name in ALGORITHMS if name in offered)
        if not algorithms:
            raise ProviderAnswerError("it signs with no key pair")
        if BASIC not in methods and POST not in methods:
            raise ProviderAnswerError("it takes no client secret")
        return Described(
            self._address(said, "authorization_endpoint"),
            self._address(said, "token_endpoint"),
            self._address(said, "jwks_uri"),
            algorithms,
            BASIC if BASIC in methods else POST,
            said.get("authorization_response_iss_parameter_supported") is True,
        )

    def _address(self, said: dict[str, Any], name: str) -> str:
        """Return one of its addresses: never without TLS where the issuer has it."""
        address = said.get(name)
        if not isinstance(address, str) or urlsplit(address).scheme not in {
            "https",
            urlsplit(self.issuer).scheme,
        }:
            raise ProviderAnswerError(f"its {name} is no address, or one without TLS")
        return address


def _is_old(asked_at: float) -> bool:
    return time.monotonic() - asked_at > KEPT_SECONDS


def _words(said: dict[str, Any], name: str) -> tuple[str, ...]:
    words = said.get(name)
    return tuple(word for word in words if isinstance(word, str)) if isinstance(words, list) else ()


def _key_set(said: dict[str, Any]) -> KeySet:
    """Return the public keys for signatures; what is for something else, or unknown, is left out."""
    given = said.get("keys")
    fitting = [
        key
        for key in (given if isinstance(given, list) else [])
        if isinstance(key, dict) and key.get("kty") in KINDS and key.get("use", "sig") == "sig"
    ]
    try:
        return KeySet.import_key_set({"keys": fitting})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ProviderAnswerError("its keys cannot be read") from error
