"""Keep what people write from becoming a mail header of its own.

Python 3.11's email package decodes an encoded newline (``=?UTF-8?Q?=0A?=``) while it writes a header, so a
subject can grow a real ``Bcc``. Text that goes into a header is therefore cleaned first, and every finished
message is read again and its header names compared before it is sent.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from email import policy
from email.parser import BytesParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from email.message import Message

ENCODED_WORD = "=?"
REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""C0 and C1 controls, lone surrogates, and the line and paragraph separators that splitlines() obeys."""

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
"""Marks that turn the reading direction, with which a name can show as another one."""

LONGEST_NAME = 120
PART_HEADERS = frozenset({
    "content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version",
})  # fmt: skip


class UnsafeHeaderError(ValueError):
    """The text or the message could carry a header nobody meant to send."""


def is_safe(text: str) -> bool:
    """Return whether text may go into a mail header as it stands."""
    return ENCODED_WORD not in text and not any(_refused(sign) for sign in text)


def check_header(text: str) -> str:
    """Return the text unchanged. Raises UnsafeHeaderError for controls, line ends and encoded words."""
    if not is_safe(text):
        raise UnsafeHeaderError("control characters and encoded words may not go into a mail header")
    return text


def clean_name(text: str, longest: int = LONGEST_NAME) -> str:
    """Return a display name made safe by leaving out what is refused, for names that are already stored.

    Runs of white space become one space. The result may be empty; it is never longer than ``longest``.
    """
    spaced = "".join(" " if sign.isspace() else "" if _refused(sign) else sign for sign in text)
    name = " ".join(spaced.split())[:longest].rstrip()
    while ENCODED_WORD in name:  # leaving out one can bring the halves of another together
        name = name.replace(ENCODED_WORD, "")
    return " ".join(name.split())


def check_message(raw: bytes, expected_header_names: Iterable[str]) -> None:
    """Read a finished message again and compare the names of its headers with those that were set.

    Each expected name counts once per header; case and order do not matter. The parts of a message may only
    carry headers that describe content. Raises UnsafeHeaderError, naming the headers that differ.
    """
    message = BytesParser(policy=policy.compat32).parsebytes(raw)
    found = Counter(name.lower() for name in message.keys())  # noqa: SIM118 -- iterating a message is untyped
    expected = Counter(name.lower() for name in expected_header_names)
    if found != expected:
        grown, missing = sorted((found - expected).elements()), sorted((expected - found).elements())
        raise UnsafeHeaderError(f"mail headers differ: unexpected {grown}, missing {missing}")
    for part in message.walk():
        if part.defects:
            raise UnsafeHeaderError(f"the mail does not read as it was written: {part.defects}")
        if part is not message:
            _check_part(part)


def _check_part(part: Message) -> None:
    strange = sorted({name.lower() for name in part.keys()} - PART_HEADERS)  # noqa: SIM118 -- as above
    if strange:
        raise UnsafeHeaderError(f"unexpected headers in a part of the mail: {strange}")


def _refused(sign: str) -> bool:
    return sign in TURNING or unicodedata.category(sign) in REFUSED_CATEGORIES
