"""Processes that a killed ``hub up`` left behind: found by their records, ended by their id.

A record names a process by pid, start and boot, so nothing else can be mistaken for it. Whatever has
no record here is nobody's to end.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.child import boot_id, start_ticks

if TYPE_CHECKING:
    from collections.abc import Iterable

SUPERVISOR = "supervisord"
ORDERLY_SECONDS = 15.0
"""How long a leftover supervisor may take to stop its processes in order."""
POLITE_SECONDS = 5.0
"""The kernel asked them to end when their parent died; this is for those that are still at it."""
_QUIET_SIGNALS = {"postgres": signal.SIGINT}


@dataclass(frozen=True, slots=True)
class Leftover:
    """A live process that an earlier start has recorded."""

    name: str
    pid: int
    pidfd: int
    """Names the process itself: a signal through it cannot reach another with the same number."""

    def has_ended(self, seconds: float) -> bool:
        """Wait so long for its end; return whether it came (a zombie has ended, too)."""
        ready, _, _ = select.select([self.pidfd], [], [], max(seconds, 0))
        return bool(ready)

    def send(self, number: signal.Signals) -> None:
        """Signal it, unless it has ended meanwhile."""
        if not self.has_ended(0):
            signal.pidfd_send_signal(self.pidfd, number)


def end_leftovers(records: Path) -> list[str]:
    """End every recorded process that is still there, wait for it, and return their names.

    First the supervisor, which stops the others in order, then what is left, at last by force.
    """
    found = list(_alive(records))
    try:
        for leftover in found:
            if leftover.name == SUPERVISOR:
                leftover.send(signal.SIGTERM)
                leftover.has_ended(ORDERLY_SECONDS)
        for leftover in found:
            leftover.send(_QUIET_SIGNALS.get(leftover.name, signal.SIGTERM))
        deadline = time.monotonic() + POLITE_SECONDS
        for leftover in found:
            if not leftover.has_ended(deadline - time.monotonic()):
                leftover.send(signal.SIGKILL)
                leftover.has_ended(POLITE_SECONDS)
    finally:
        for leftover in found:
            os.close(leftover.pidfd)
    for record in records.glob("*"):
        record.unlink()
    return sorted(leftover.name for leftover in found)


def _alive(records: Path) -> Iterable[Leftover]:
    for path in sorted(records.glob("*.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue  # cut off by a full disk or a crash of the machine: then it names nothing
        if record["boot_id"] != boot_id():
            continue
        try:
            pidfd = os.pidfd_open(record["pid"])
        except ProcessLookupError:
            continue
        # The descriptor is held now, so the number cannot change hands between check and use.
        if start_ticks(record["pid"]) == record["start_ticks"]:
            yield Leftover(path.stem, record["pid"], pidfd)
        else:
            os.close(pidfd)
