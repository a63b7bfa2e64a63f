"""The shipped worker, except that events named in the table ``poison`` are hard to digest.

Started as ``celery -A tests.faults.sabotage.poisoned worker …``. One consumer is spoiled: for a poisoned
event it raises, ends its process, takes more memory than there is, or never comes to an end.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from typing import TYPE_CHECKING, Any, Final

from celery import signals
from sqlalchemy import ARRAY, Uuid, bindparam, text

from workers.app import app
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

__all__ = ["HOWS", "LANE", "app"]

LANE: Final = "notify"
HOWS: Final = ("raises", "kills", "hoards", "sleeps")
MEMORY: Final = 1536 * 1024**2
"""Address space that a process may have; a worker itself takes a quarter of it."""
TOO_MUCH: Final = 2 * 1024**3
TOO_LONG: Final = 3600

POISON = text("SELECT how FROM poison WHERE event_id = ANY(:ids) ORDER BY how").bindparams(
    bindparam("ids", type_=ARRAY(Uuid))
)
_shipped = LANES[LANE]


def digest(session: Session, event_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Mapping[str, Any]]:
    """Do what the consumer does; then suffer from what was in it."""
    summaries = _shipped(session, event_ids)
    for how in session.scalars(POISON, {"ids": list(event_ids)}):
        if how == "kills":
            os.kill(os.getpid(), signal.SIGKILL)
        elif how == "hoards":
            bytearray(TOO_MUCH)
        elif how == "sleeps":
            time.sleep(TOO_LONG)
        raise ValueError(f"this event {how}")
    return summaries


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]  # celery has no types
def limit_memory(**_: object) -> None:
    """Give this process no more memory than a container would."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


LANES[LANE] = digest
