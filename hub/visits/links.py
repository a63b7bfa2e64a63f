"""The link in an invitation's mail: how its address is made, and how it is read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hub.texts.links import LinkKeys, ParsedLink

PURPOSE: Final = "invitation"


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """What a token is signed over."""

    id: int
    generation: int
    address: str


def invitation_token(keys: LinkKeys, facts: InvitationFacts) -> str:
    """Return the token; any process that knows the key writes the same one again."""
    return keys.token(PURPOSE, facts.id, facts.generation, facts.address)


def invitation_url(keys: LinkKeys, base_url: str, facts: InvitationFacts) -> str:
    """Return the address for the mail: ``{base_url}/invitations/{token}``."""
    return f"{base_url}/invitations/{invitation_token(keys, facts)}"


def read_token(keys: LinkKeys, token: str) -> ParsedLink | None:
    """Take a token apart without believing it; None for anything malformed."""
    return keys.read_numbered(PURPOSE, token)


def is_signed(keys: LinkKeys, parsed: ParsedLink, address: str) -> bool:
    """Return whether the token was ours for this address (of whichever generation)."""
    return keys.verify(parsed, PURPOSE, address)
