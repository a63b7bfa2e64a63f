"""The mail that the hub sent, as its recipients find it: the .eml files in the mail catcher's folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINK = re.compile(r"https?://[^\s<>\"]+/invitations/[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message in the folder."""

    path: Path
    to: str
    subject: str
    message_id: str
    text: str

    @property
    def invitation(self) -> str | None:
        """Return the link of an invitation; None for any other mail."""
        found = LINK.search(self.text)
        return found[0] if found else None

    @property
    def kind(self) -> str:
        """Return "invitation" or "notification"."""
        return "invitation" if self.invitation else "notification"


def read_letters(folder: Path) -> Iterator[Letter]:
    """Yield every message in order of arrival."""
    for path in sorted(folder.glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        yield Letter(
            path=path,
            to=str(message["X-Envelope-To"]).lower(),
            subject=str(message["Subject"]),
            message_id=str(message["Message-ID"]).strip(),
            text=body.get_content() if body else "",
        )
