"""What a request shows to prove who it is; whoever knows people (hub.accounts) tells whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Credential:
    """A browser's cookie or a program's token."""

    kind: Literal["cookie", "bearer"]
    secret: str
    is_change: bool
    """Whether the request may change something; only then is the use noted."""
