"""When each process last showed that it works, and how long it may be silent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from config.queues import QUEUES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SILENT = {"relay": dt.timedelta(seconds=20)} | {
    f"worker-{queue}": dt.timedelta(seconds=40) for queue in QUEUES
}
"""How long each process may be silent: three or four times its beat."""

BROKER = "broker"
"""Under this name the relay notes that it reached the broker: the web process never asks it."""

# The database's own clock on both sides: a demo's moved clock must not make a process look dead.
AGES = text("SELECT process, clock_timestamp() - beat_at AS age FROM heartbeats")


@dataclass(frozen=True, slots=True)
class Beat:
    """One process; ``age`` is how long ago it showed itself, None if it never did."""

    process: str
    age: dt.timedelta | None
    is_missing: bool


def beats(session: Session) -> list[Beat]:
    """Return every process that must show itself."""
    ages: dict[str, dt.timedelta] = {row.process: row.age for row in session.execute(AGES)}
    return [
        Beat(process, ages.get(process), ages.get(process, dt.timedelta.max) > limit)
        for process, limit in SILENT.items()
    ]
