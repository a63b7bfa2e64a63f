"""A worker whose consumers commit their effect by themselves, and "done" in another transaction.

``celery -A tests.faults.sabotage.apart worker …``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workers import process
from workers.app import app
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from workers.drain.lanes import React

__all__ = ["app"]


def apart(react: React) -> React:
    """Return the consumer with a transaction of its own."""

    def react_apart(
        _session: Session, event_ids: Sequence[uuid.UUID]
    ) -> Mapping[uuid.UUID, Mapping[str, Any]]:
        with process.database().transaction() as own:
            return react(own, event_ids)

    return react_apart


LANES |= {name: apart(react) for name, react in LANES.items()}
