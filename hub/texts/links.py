"""Make and check the links that let somebody act without signing in, such as the one in an invitation.

A token is ``id.generation.mac``. Nothing secret is stored: any process that knows the key can write the
same token again after a crash; raising the generation in the row revokes every older link; keys rotate by
putting a new one first and keeping the old one until its links have expired. Expiry and use are the row's
business.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from uuid import UUID

LONGEST = 200
MAC_BYTES = 24
"""192 of the 256 bits are kept: a multiple of three bytes, so the text has no padding and one spelling."""

GREATEST_GENERATION = 2**31 - 1
GREATEST_NUMBER = 2**63 - 1

SHAPE = re.compile(r"([0-9a-f-]{1,36})\.([0-9]{1,10})\.([A-Za-z0-9_-]{32})", re.ASCII)
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
UUID_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class MalformedLinkError(ValueError):
    """The text was never a token of ours; says nothing about whether a link exists."""


@dataclass(frozen=True, slots=True)
class ParsedLink:
    """A token that is well formed but not yet believed: look up the row by id, then verify."""

    purpose: str
    id: str
    generation: int
    mac: bytes

    @property
    def number(self) -> int:
        """Return the id where rows are numbered. Raises MalformedLinkError for a UUID."""
        if not NUMBER.fullmatch(self.id):
            raise MalformedLinkError("the link's id is no number")
        return int(self.id)

    @property
    def uuid(self) -> UUID:
        """Return the id where rows have UUIDs. Raises MalformedLinkError for a number."""
        if not UUID_TEXT.fullmatch(self.id):
            raise MalformedLinkError("the link's id is no UUID")
        return UUID(self.id)


class LinkKeys:
    """The keys that sign links: the first signs, all of them verify."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        if not keys or not all(keys):
            raise ValueError("at least one key is needed, and none may be empty")
        self._keys = tuple(key.encode() for key in keys)

    def __repr__(self) -> str:
        return f"<LinkKeys: {len(self._keys)} keys>"

    def token(self, purpose: str, id: UUID | int, generation: int, address: str) -> str:  # noqa: A002 -- the row's own word
        """Return the token for one row, for one purpose, for the holder of one address.

        The same arguments always give the same token. Raises ValueError for a number out of range.
        """
        if not 0 <= generation <= GREATEST_GENERATION:
            raise ValueError("a generation is a number from 0 to 2147483647")
        if isinstance(id, int) and not 0 <= id <= GREATEST_NUMBER:
            raise ValueError("an id is a number from 0 to 9223372036854775807")
        mac = _mac(self._keys[0], purpose, str(id), generation, address)
        return f"{id}.{generation}.{base64.urlsafe_b64encode(mac).decode('ascii')}"

    def read(self, purpose: str, token: str) -> ParsedLink:
        """Take a token apart without believing it. Raises MalformedLinkError for anything odd."""
        shape = SHAPE.fullmatch(token) if len(token) <= LONGEST and token.isascii() else None
        if shape is None:
            raise MalformedLinkError("not the shape of a link")
        identity, generation, mac = shape.groups()
        if not (
            (NUMBER.fullmatch(identity) and int(identity) <= GREATEST_NUMBER) or UUID_TEXT.fullmatch(identity)
        ):
            raise MalformedLinkError("the link's id is neither a number nor a UUID")
        if not NUMBER.fullmatch(generation) or int(generation) > GREATEST_GENERATION:
            raise MalformedLinkError("the link's generation is not a number as we write it")
        return ParsedLink(purpose, identity, int(generation), base64.urlsafe_b64decode(mac))

    def read_numbered(self, purpose: str, token: str) -> ParsedLink | None:
        """Take apart the token of something with a numeric id, without believing it; None if malformed."""
        try:
            parsed = self.read(purpose, token)
            _ = parsed.number
        except MalformedLinkError:
            return None
        return parsed

    def verify(self, parsed: ParsedLink, purpose: str, address: str) -> bool:
        """Return whether one of the keys signed this link for this purpose and address, in constant time.

        Whether its generation is still the row's, and whether it has expired, is for the caller to compare.
        """
        matches = [
            hmac.compare_digest(_mac(key, purpose, parsed.id, parsed.generation, address), parsed.mac)
            for key in self._keys
        ]
        return parsed.purpose == purpose and any(matches)


def normalise_address(address: str) -> str:
    """Return the address as it is compared: without outer spaces, in lower case."""
    return address.strip().lower()


def _mac(key: bytes, purpose: str, identity: str, generation: int, address: str) -> bytes:
    # JSON keeps the parts apart, so no two different lists of them ever sign the same bytes.
    facts = json.dumps(["hub-link", purpose, identity, generation, normalise_address(address)])
    return hmac.digest(key, facts.encode("ascii"), hashlib.sha256)[:MAC_BYTES]
