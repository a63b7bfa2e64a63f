"""No wait for PostgreSQL without an end: a server that is paused or cut off says nothing at all.

The server's own time limits end what it works on, but a server that stands still ends nothing. So every
wait of a connection ends by itself, too: after the connection's own time, or when the time of the piece of
work is up that waits (a request must be answered), whichever comes first. The connection is closed then,
for what it was doing is not known.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.abc import PQGen

RV = TypeVar("RV")

INTERVAL = 0.1
"""psycopg's own: so often a wait looks whether it was interrupted."""


class _Work(threading.local):
    """When the work of this thread (under gevent: of this greenlet) must have ended; never inherited."""

    ends_at: float | None = None


_work = _Work()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Let every wait for the database in the block end when its time is up."""
    before = _work.ends_at
    ends_at = time.monotonic() + seconds
    _work.ends_at = ends_at if before is None else min(before, ends_at)
    try:
        yield
    finally:
        _work.ends_at = before


def demand_time(seconds: float) -> None:
    """Raise OperationalError if the work must have ended sooner: psycopg connects for two seconds or more."""
    if _work.ends_at is not None and _work.ends_at - time.monotonic() < seconds:
        raise errors.ConnectionTimeout("no time is left to connect to the database")


class PatientConnection(psycopg.Connection[Any]):
    """A connection that waits for ``patience`` seconds at a time, and not beyond the work's end."""

    patience: float | None = None
    answered_at: float = 0.0
    """When the server last answered, by the monotonic clock."""

    def wait(self, gen: PQGen[RV], interval: float = INTERVAL, timeout: float | None = None) -> RV:
        """Wait as psycopg does. Raises OperationalError, with the connection closed, when time is up."""
        if timeout is not None:  # somebody waits for a notification: silence is no fault
            return super().wait(gen, interval, timeout)
        limit = self._limit()
        try:
            answer = super().wait(gen, interval, limit)
        except errors._WaitTimeout:  # noqa: SLF001 -- what the base class promises to raise
            self.close()
            raise errors.ConnectionTimeout(f"the database said nothing for {limit:.1f} seconds") from None
        self.answered_at = time.monotonic()
        return answer

    def _limit(self) -> float | None:
        if _work.ends_at is None:
            return self.patience
        left = max(0.0, _work.ends_at - time.monotonic())
        return left if self.patience is None else min(left, self.patience)
