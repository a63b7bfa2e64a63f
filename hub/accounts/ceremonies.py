"""What a device signs when it proves a passkey (WebAuthn Level 3), checked by the library py_webauthn.

The device itself asks for a finger, a face or a PIN (user verification) each time, so a passkey alone is two
factors: something one has, and something one is or knows.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import orjson
import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hub.accounts.models import Passkey

NAME = "Sinergi Hub"
TIMEOUT_MS = 120_000
"""So long a browser waits for its owner's finger."""
MALFORMED = (WebAuthnException, ValueError, TypeError)
"""What the library raises for an answer that is refused or that is no answer at all."""
DEFAULT_PORTS = {"https": 443, "http": 80}


class CeremonyError(ValueError):
    """A device's answer that proves nothing."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whom a device makes a passkey for: the hub's host name, and the origin its pages come from."""

    id: str
    origin: str

    @classmethod
    def at(cls, base_url: str) -> Self:
        """Return the party of the hub's address."""
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        port = "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
        return cls(host, f"{parts.scheme}://{host}{port}")


@dataclass(frozen=True, slots=True)
class MadeKey:
    """What a device tells of a new passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A device's answer, read but not believed."""

    credential_id: bytes
    user_handle: bytes | None
    body: dict[str, Any]


def handle_of(person_id: int) -> bytes:
    """Return how a device knows a person: 32 bytes that say nothing of them to who looks at the device."""
    return hashlib.sha256(f"sinergi-hub passkey {person_id}".encode()).digest()


def is_handle_of(person_id: int, handle: bytes) -> bool:
    """Return whether a device's answer names this person."""
    return hmac.compare_digest(handle_of(person_id), handle)


def creation_options(
    party: RelyingParty,
    *,
    challenge: bytes,
    person_id: int,
    email: str,
    name: str,
    known: Iterable[Passkey],
) -> dict[str, Any]:
    """Return what a browser needs to make a passkey; a device that holds one of ``known`` refuses."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=NAME,
        user_id=handle_of(person_id),
        user_name=email,
        user_display_name=name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(known),
    )
    return options_to_json_dict(options)


def request_options(party: RelyingParty, *, challenge: bytes, known: Iterable[Passkey]) -> dict[str, Any]:
    """Return what a browser needs to show one of ``known``; none of them: whichever its owner chooses."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def read_made(party: RelyingParty, *, challenge: bytes | None, credential: str) -> MadeKey:
    """Return the passkey that a device made upon a challenge. Raises CeremonyError, without one in any case.

    The maker of the device is not asked to vouch for it (attestation): no maker is better here than another.
    """
    if challenge is None:
        raise CeremonyError("there was no challenge, or it was answered before")
    body = _body(credential)
    try:
        made = webauthn.verify_registration_response(
            credential=body,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except MALFORMED as error:
        raise CeremonyError("this is no new passkey of ours") from error
    given = body["response"].get("transports")
    known = {one.value for one in AuthenticatorTransport}
    transports = tuple(one for one in given if one in known) if isinstance(given, list) else ()
    return MadeKey(made.credential_id, made.credential_public_key, made.sign_count, transports)


def read_answer(credential: str) -> Answer:
    """Return whose key an answer says to be signed by. Raises CeremonyError for one that cannot be read."""
    body = _body(credential)
    try:
        handle = body["response"].get("userHandle")
        named = base64url_to_bytes(handle) if handle is not None else None
        return Answer(base64url_to_bytes(body["rawId"]), named, body)
    except (KeyError, *MALFORMED) as error:
        raise CeremonyError("this is no answer") from error


def signed_count(party: RelyingParty, *, challenge: bytes, answer: Answer, public_key: bytes) -> int:
    """Return how often the device says it has signed, after its signature was found right.

    Raises CeremonyError. Comparing the count is the caller's: what is not signed says nothing of a copy.
    """
    try:
        verified = webauthn.verify_authentication_response(
            credential=answer.body,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except MALFORMED as error:
        raise CeremonyError("this proves nothing") from error
    return verified.new_sign_count


def _body(credential: str) -> dict[str, Any]:
    try:
        body = orjson.loads(credential)
    except orjson.JSONDecodeError as error:
        raise CeremonyError("this cannot be read") from error
    if not isinstance(body, dict) or not isinstance(body.get("response"), dict):
        raise CeremonyError("this is no answer of a device")
    return body


def _described(known: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=one.credential_id, transports=[AuthenticatorTransport(word) for word in one.transports]
        )
        for one in known
    ]
