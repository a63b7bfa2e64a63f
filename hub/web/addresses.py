"""Know an e-mail address when one is typed."""

from __future__ import annotations

import re

LONGEST_ADDRESS = 254
ADDRESS = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.ASCII | re.IGNORECASE,
)


def is_address(text: str) -> bool:
    """Return whether this is an e-mail address in plain ASCII, fit for a header as it stands."""
    is_bounded = len(text) <= LONGEST_ADDRESS and ".." not in text and ".@" not in text
    return is_bounded and not text.startswith(".") and ADDRESS.fullmatch(text) is not None
