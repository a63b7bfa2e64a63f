"""A device that makes passkeys and signs with them, as a phone does; it may also lie (WebAuthn 3, 6)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40
ES256, EC2, P256 = -7, 2, 1
AAGUID = bytes(16)


def text_of(plain: bytes) -> str:
    """Return bytes as WebAuthn's JSON writes them."""
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode("ascii")


def bytes_of(text: str) -> bytes:
    """Return the bytes of such a text."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Device:
    """One key of one device, and what it says of itself; ``rp_id`` and ``flags`` may be made to lie."""

    origin: str
    rp_id: str | None = None
    flags: int = PRESENT | VERIFIED
    count: int = 0
    step: int = 1
    """By how much the count grows; a synchronised passkey counts nothing (0)."""
    user_handle: bytes = b""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def make(self, options: dict[str, Any]) -> str:
        """Return the answer to options for a new passkey."""
        self.user_handle = bytes_of(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        public_key = cbor2.dumps(
            {1: EC2, 3: ES256, -1: P256, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        )
        told = self._told(options["rp"]["id"], self.flags | WITH_KEY)
        told += AAGUID + len(self.credential_id).to_bytes(2, "big") + self.credential_id + public_key
        response = {
            "clientDataJSON": text_of(self._seen("webauthn.create", options["challenge"])),
            "attestationObject": text_of(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": told})),
            "transports": ["internal", "hybrid", "carrier-pigeon"],
        }
        return self._answer(response)

    def sign(self, options: dict[str, Any]) -> str:
        """Return the answer to options for showing a passkey."""
        self.count += self.step
        told = self._told(options["rpId"], self.flags)
        seen = self._seen("webauthn.get", options["challenge"])
        signature = self.key.sign(told + hashlib.sha256(seen).digest(), ECDSA(SHA256()))
        response = {
            "clientDataJSON": text_of(seen),
            "authenticatorData": text_of(told),
            "signature": text_of(signature),
            **({"userHandle": text_of(self.user_handle)} if self.user_handle else {}),
        }
        return self._answer(response)

    def lying(self, **facts: Any) -> Device:
        """Return the same key in a device that says otherwise."""
        return replace(self, **facts)

    def _told(self, rp_id: str, flags: int) -> bytes:
        hashed = hashlib.sha256((self.rp_id or rp_id).encode()).digest()
        return hashed + bytes([flags]) + self.count.to_bytes(4, "big")

    def _seen(self, kind: str, challenge: str) -> bytes:
        seen = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(seen).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        name = text_of(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
