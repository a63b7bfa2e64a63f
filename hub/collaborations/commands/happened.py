"""What a command hands back: the event it appended, with the id it got."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.messaging.append import append
from hub.messaging.subscriptions import consumers_of

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.messaging.event import AnyEvent


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that stands in the log once the transaction commits."""

    id: uuid.UUID
    event: AnyEvent

    @property
    def pending(self) -> int:
        """Return how many reactions were made due with it."""
        return len(consumers_of(self.event.TYPE))


def publish(
    session: Session, event: AnyEvent, *, actor: Actor, causation_id: uuid.UUID | None = None
) -> Happened:
    """Append the event with its due reactions and return it with its id."""
    return Happened(append(session, event, actor=actor, causation_id=causation_id), event)
