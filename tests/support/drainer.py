"""A drain with one bad consumer: ``python -m tests.support.drainer LANE HOW EVENT``.

The real drain over the real lanes, except that LANE raises, ends the process, never comes to an end or
does not exist when its batch holds EVENT. It drains until nothing is due and then ends.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from workers import process
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from workers.drain.lanes import React


def spoiled(react: React, how: str, bad: uuid.UUID) -> React:
    """Return the consumer as it is, but for one event."""

    def react_badly(
        session: Session, event_ids: Sequence[uuid.UUID]
    ) -> Mapping[uuid.UUID, Mapping[str, Any]]:
        summaries = react(session, event_ids)
        if bad in event_ids:
            if how == "kills":
                os.kill(os.getpid(), signal.SIGKILL)
            while how == "loops":
                time.sleep(0)
            if how == "waits":
                session.execute(text("SELECT pg_sleep(5) FROM generate_series(1, 100)"))
            raise ValueError(f"cannot digest {bad}")
        return summaries

    return react_badly


def main() -> None:
    """Drain once."""
    lane, how, event = sys.argv[1:]
    lanes = {
        name: spoiled(react, how, uuid.UUID(event)) if name == lane else react
        for name, react in LANES.items()
    }
    if how == "unknown":
        del lanes[lane]
    print("answered", drain(process.database(), lanes), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
