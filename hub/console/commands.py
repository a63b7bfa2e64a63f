"""Try again what was given up: parked reactions and failed mails. Every act goes into the audit log."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import text

from config.queues import DELIVER, DUE_CHANNEL
from hub.audit.record import record
from hub.console.queries import find_failed_mail, has_mail
from hub.errors import Conflict, Invalid, NotFound
from hub.messaging import reactions
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.messaging.reactions import Parked

SAY_WHICH = lazy("Say which consumer's or which event's reactions are to be replayed.")

RESEND = text(
    """
    WITH again AS (
        UPDATE deliveries
        SET state = 'due', settled_at = NULL, attempts = 0, reason = NULL, due_at = hub_now()
        WHERE id = :id AND state = 'failed' RETURNING id
    )
    SELECT id, pg_notify(:channel, :task) FROM again
    """
)


def replay(
    session: Session, *, actor: Actor, event_id: uuid.UUID | None = None, consumer: str | None = None
) -> list[Parked]:
    """Make parked reactions due again with a fresh count of attempts; return which, with their old reason.

    Without a parked one nothing happens. Raises Invalid where neither event nor consumer is named.
    """
    if event_id is None and consumer is None:
        raise Invalid(SAY_WHICH)
    return replay_all(session, actor=actor, event_id=event_id, consumer=consumer)


def replay_all(
    session: Session, *, actor: Actor, event_id: uuid.UUID | None = None, consumer: str | None = None
) -> list[Parked]:
    """Do the same without asking for a choice: at the command line "everything" may be meant."""
    found = reactions.parked(session, event_id=event_id, consumer=consumer)
    reactions.replay(session, event_id=event_id, consumer=consumer)
    for item in found:
        record(
            session,
            actor=actor,
            action="reaction.replayed",
            subject=f"events/{item.event_id}",
            consumer=item.consumer,
        )
    return found


def resend(session: Session, *, actor: Actor, delivery_id: int) -> str:
    """Make a failed mail due again and return its address; whether it still has a point is judged as always.

    Raises NotFound where there is no such mail, Conflict where it has not failed (any more).
    """
    mail = find_failed_mail(session, delivery_id)
    values = {"id": delivery_id, "channel": DUE_CHANNEL, "task": DELIVER}
    if mail is None or session.execute(RESEND, values).one_or_none() is None:
        if has_mail(session, delivery_id):
            raise Conflict(lazy("This mail has not failed, or is being sent again already."))
        raise NotFound(lazy("There is no such mail."))
    record(
        session,
        actor=actor,
        action="delivery.resent",
        subject=f"deliveries/{delivery_id}",
        reason=mail.reason,
    )
    return mail.address
