"""Read events: one, or those of a collaboration or of everything, as CloudEvents 1.0 envelopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hub.messaging.models import EventRow

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

SOURCE = "/sinergi-hub"
"""CloudEvents ``source``: which producer; the deployment's address would leak into stored copies."""


def find_event(session: Session, event_id: uuid.UUID) -> EventRow | None:
    """Return one event or None."""
    return session.get(EventRow, event_id)


def events_after(
    session: Session, *, after: uuid.UUID | None = None, collaboration_id: int | None = None, limit: int = 25
) -> list[EventRow]:
    """Return events in order of time, those after ``after`` only.

    For showing, never for reacting: an id given early may be committed late, so a consumer that
    remembered the last id seen would miss events.
    """
    query: Select[EventRow] = select(EventRow).order_by(EventRow.id).limit(limit)
    if after is not None:
        query = query.where(EventRow.id > after)
    if collaboration_id is not None:
        query = query.where(EventRow.collaboration_id == collaboration_id)
    return list(session.scalars(query))


def envelope(row: EventRow) -> dict[str, Any]:
    """Return the event as a CloudEvents 1.0 object (JSON values)."""
    return {
        "specversion": "1.0",
        "id": str(row.id),
        "type": f"{row.type}.v{row.version}",
        "source": SOURCE,
        "subject": row.subject,
        "time": row.occurred_at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "actorkind": row.actor_kind,
        "actor": row.actor_label,
        "correlationid": str(row.correlation_id),
        **({"causationid": str(row.causation_id)} if row.causation_id else {}),
        "data": row.data,
    }
