"""A faster pace for tests of faults: ``HUB_PACE=10`` divides leases, back-off and similar waits by ten.

What a fault does within a lease of a minute is seen in six seconds then, and nothing else changes.
Settings refuse the variable in production.
"""

from __future__ import annotations

import datetime as dt
import os
from typing import TypeVar

VARIABLE = "HUB_PACE"
FASTEST = 20
"""A lease of ten seconds is half a second then: shorter, it would end under healthy work."""

Wait = TypeVar("Wait", float, dt.timedelta)


def problem() -> str | None:
    """Return what is wrong with HUB_PACE, or None."""
    wanted = os.environ.get(VARIABLE, "").strip()
    if wanted and not (wanted.isascii() and wanted.isdigit() and 1 <= int(wanted) <= FASTEST):
        return f"{VARIABLE} must be a whole number from 1 to {FASTEST}, not {wanted!r}"
    return None


def pace() -> int:
    """Return by how much waits are divided: 1 outside tests, and where the variable is wrong."""
    return 1 if problem() else int(os.environ.get(VARIABLE, "").strip() or 1)


def paced(wait: Wait) -> Wait:
    """Return a wait at this process's pace."""
    return wait / pace()
