"""What may be done with an import in which state, and how its work is paced."""

from __future__ import annotations

import datetime as dt
from typing import Final

from config.pace import paced
from hub.errors import Conflict
from hub.texts.catalogue import lazy

WORKING: Final = ("reading", "comparing", "applying", "undoing")
"""States in which a worker has something to do."""
LEASE: Final = paced(dt.timedelta(seconds=30))
"""A step that is not finished by then is taken up again: its worker has ended."""
LAST_ATTEMPT: Final = 5
BACKOFF: Final = (1, 5, 30, 120)
"""Seconds to wait after the first, second, third and fourth failed attempt."""
COMPARED_AT_ONCE: Final = 500
"""Rows that are read, judged and kept in one transaction."""
OPEN_AT_ONCE: Final = 5
"""Imports that somebody may have waiting or at work; another one waits until one is ended."""

NOT_NOW = lazy("This import is not at the step where that can be done. Look at it again.")
TOO_MANY_OPEN = lazy("You have %(most)s imports that are not finished. Finish or cancel one first.")
BY_WHOM: Final = {
    "columns": ("read", "previewed"),
    "confirm": ("previewed",),
    "cancel": ("reading", "read", "comparing", "previewed"),
    "undo": ("applied", "failed"),
}


def demand_step(state: str, act: str) -> None:
    """Raise Conflict unless the act may be done to an import in this state."""
    if state not in BY_WHOM[act]:
        raise Conflict(NOT_NOW, code="not-at-this-step")
