"""The effect of the consumer "invite": plan the mail with the link for every open invitation."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import text

from config.queues import DELIVER, DUE_CHANNEL
from hub.notifications.audience import EVENT_IDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

# The occurrence names the link (generation) and what is asked (arrangement): a new link or a new date is
# a new mail, the same question is never planned twice; of several events the latest is its cause.
INVITE = text(
    """
    WITH subject AS (
        SELECT id AS event_id, collaboration_id, CAST(data ->> 'visit_id' AS bigint) AS visit_id,
               CAST(data ->> 'invitation_id' AS bigint) AS invitation_id
        FROM events WHERE id = ANY (:event_ids)
    ), planned AS (
        INSERT INTO deliveries (event_id, kind, occurrence, address, invitation_id)
        SELECT s.event_id, 'invitation',
               concat_ws(':', 'invitation', i.id, i.generation, v.arrangement_no), i.address, i.id
        FROM subject s
        JOIN visits v USING (collaboration_id)
        JOIN invitations i ON i.visit_id = v.id
        WHERE v.state = 'proposed' AND i.revoked_at IS NULL
          AND (s.visit_id IS NULL OR s.visit_id = v.id)
          AND (s.invitation_id IS NULL OR s.invitation_id = i.id)
        ORDER BY s.event_id DESC, i.id
        ON CONFLICT DO NOTHING
        RETURNING event_id
    ), counted AS (
        SELECT event_id, count(*) AS mails FROM planned GROUP BY event_id
    )
    SELECT event_id, coalesce(mails, 0) AS mails, CASE WHEN mails > 0 THEN pg_notify(:channel, :task) END
    FROM subject LEFT JOIN counted USING (event_id)
    """
).bindparams(EVENT_IDS)


def invite(session: Session, event_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    """Plan the events' invitation mails; return ``{"mails"}`` planned per event. A repeat plans none."""
    rows = session.execute(INVITE, {"event_ids": list(event_ids), "channel": DUE_CHANNEL, "task": DELIVER})
    return {row.event_id: {"mails": row.mails} for row in rows}
