"""Named places where a test may end or stop the process, to see what a crash there leaves behind.

``HUB_CRASH_AT=after_claim:3`` kills the process with SIGKILL when it reaches ``after_claim`` for the
third time; ``HUB_CRASH_AT=after_claim:1:STOP`` stops it with SIGSTOP instead, as a paused machine
would. Settings refuse the variable in production, so there a point costs one dictionary look-up.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

VARIABLE = "HUB_CRASH_AT"
POINTS = (
    "before_commit",
    "after_commit",
    "after_claim",
    "before_effect_commit",
    "after_effect_commit",
    "before_send",
    "after_send",
    "after_settle",
    "before_ring",
)
"""Every point there is; a name that is not here is a mistake in the test and stops the start."""

_reached: Counter[str] = Counter()


def problem() -> str | None:
    """Return what is wrong with HUB_CRASH_AT, or None."""
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return None
    name, _, rest = wanted.partition(":")
    count, _, how = rest.partition(":")
    if name not in POINTS or not count.isdigit() or how not in ("", "KILL", "STOP"):
        return f"{VARIABLE} must be <point>:<n>[:STOP], the point one of {', '.join(POINTS)}"
    return None


def reach(name: str) -> None:
    """Say that the process has come to the point ``name``; it may end here."""
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    point, count, *how = wanted.split(":")
    if point != name:
        return
    _reached[name] += 1
    if _reached[name] == int(count):
        os.kill(os.getpid(), signal.SIGSTOP if how == ["STOP"] else signal.SIGKILL)
