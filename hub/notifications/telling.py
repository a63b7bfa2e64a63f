"""The effect of the consumer "notify": a notification for everybody concerned, a mail for who wants one."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from config.queues import DELIVER, DUE_CHANNEL
from hub.notifications.audience import EVENT_IDS, SUBJECT_OF_EVENTS, with_audience
from hub.notifications.channel import INBOX_CHANNEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

# One look per event keeps a repeat from telling anybody twice; a check per row (ON CONFLICT) would cost
# a quarter of the speed, and the primary key refuses what the look could ever miss. Rows are inserted in
# the order of the primary key, which is the inbox's index, for the same reason.
TELL = with_audience(
    SUBJECT_OF_EVENTS,
    """
    , untold AS (
        SELECT a.* FROM audience a
        WHERE a.event_id NOT IN (SELECT n.event_id FROM notifications n WHERE n.event_id = ANY (:event_ids))
        ORDER BY a.person_id, a.event_id
    ), told AS (
        INSERT INTO notifications (recipient_id, event_id) SELECT person_id, event_id FROM untold
        RETURNING event_id
    ), position AS (
        -- One row for each event, not for each person: from where a stream of the inbox goes on.
        INSERT INTO tellings (event_id, told_in)
        SELECT DISTINCT event_id, CAST(CAST(pg_current_xact_id() AS text) AS bigint) FROM told
        ON CONFLICT (event_id) DO UPDATE SET told_in = excluded.told_in
    ), mailed AS (
        INSERT INTO deliveries (event_id, kind, occurrence, address, person_id)
        SELECT event_id, 'notification', 'event:' || event_id, email, person_id FROM untold WHERE wants_mail
        ON CONFLICT DO NOTHING
        RETURNING event_id
    ), counted AS (
        SELECT event_id,
               count(*) FILTER (WHERE is_mail) AS mails, count(*) FILTER (WHERE NOT is_mail) AS notices
        FROM (SELECT event_id, false AS is_mail FROM told UNION ALL SELECT event_id, true FROM mailed) AS each
        GROUP BY event_id
    )
    SELECT event_id, coalesce(notices, 0) AS notices, coalesce(mails, 0) AS mails,
           CASE WHEN mails > 0 THEN pg_notify(:channel, :task) END,
           CASE WHEN notices > 0 THEN pg_notify(:inbox, '') END
    FROM subject LEFT JOIN counted USING (event_id)
    """,
).bindparams(EVENT_IDS)


def tell(session: Session, event_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    """Tell whom the events concern; return ``{"notices", "mails"}`` added per event. A repeat adds none."""
    rows = session.execute(
        TELL,
        {
            "event_ids": list(event_ids),
            "channel": DUE_CHANNEL,
            "task": DELIVER,
            "inbox": INBOX_CHANNEL,
        },
    )
    return {row.event_id: {"notices": row.notices, "mails": row.mails} for row in rows}
