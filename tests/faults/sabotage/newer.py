"""A worker of a release to come: it knows one more version of an event and has one more consumer.

Started as ``celery -A tests.faults.sabotage.newer worker …``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hub.collaborations.events import ProposalSubmitted
from hub.messaging.event import event_type
from workers.app import app
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

__all__ = ["CONSUMER", "VERSION", "app"]

CONSUMER: Final = "count-visits"
VERSION: Final = 99


def count_visits(_session: Session, event_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Mapping[str, Any]]:
    """Answer each event; nothing is written."""
    return {event_id: {"visits": 1} for event_id in event_ids}


@event_type("proposal.submitted", version=VERSION)
class ProposalSubmittedOfTomorrow(ProposalSubmitted):
    """What it will be."""


LANES[CONSUMER] = count_visits
