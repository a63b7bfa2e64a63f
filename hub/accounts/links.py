"""Write and read the link in the mail by which somebody sets a new password.

Its generation is counted at the person: a newer link and the link's use end every older one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.texts.links import LinkKeys, ParsedLink

PURPOSE = "password"
LASTS = dt.timedelta(minutes=60)
"""A link to a new password ends after this."""


@dataclass(frozen=True, slots=True)
class ResetFacts:
    """What a token is signed over."""

    person_id: int
    generation: int
    address: str


def reset_token(keys: LinkKeys, facts: ResetFacts) -> str:
    """Return the token; any process that knows the key writes the same one again."""
    return keys.token(PURPOSE, facts.person_id, facts.generation, facts.address)


def reset_url(keys: LinkKeys, base_url: str, facts: ResetFacts) -> str:
    """Return the address for the mail."""
    return f"{base_url}/password/new/{reset_token(keys, facts)}"


def read_token(keys: LinkKeys, token: str) -> ParsedLink | None:
    """Take a token apart without believing it; None for anything malformed."""
    return keys.read_numbered(PURPOSE, token)


def is_signed(keys: LinkKeys, parsed: ParsedLink, address: str) -> bool:
    """Return whether the token was ours for this address (of whichever generation)."""
    return keys.verify(parsed, PURPOSE, address)
