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
# a quarter of the speed, and the keys refuse what the look could ever miss. So what is counted is what is
# inserted, and no row has to be returned. Rows are inserted in the order of the primary key, which is the
# inbox's index.
TELL = with_audience(
    SUBJECT_OF_EVENTS,
    """
    , untold AS MATERIALIZED (
        SELECT a.* FROM audience a
        WHERE a.event_id NOT IN (SELECT n.event_id FROM notifications n WHERE n.event_id = ANY (:event_ids))
        ORDER BY a.person_id, a.event_id
    ), mailed_before AS MATERIALIZED (
        -- Should notices ever be removed and told anew: their mails are not.
        SELECT DISTINCT event_id FROM deliveries WHERE event_id = ANY (:event_ids) AND kind = 'notification'
    ), counted AS MATERIALIZED (
        SELECT event_id, count(*) AS notices,
               CASE WHEN event_id IN (SELECT event_id FROM mailed_before) THEN 0
                    ELSE count(*) FILTER (WHERE wants_mail) END AS mails
        FROM untold GROUP BY event_id
    ), told AS (
        INSERT INTO notifications (recipient_id, event_id) SELECT person_id, event_id FROM untold
    ), position AS (
        -- One row for each event, not for each person: from where a stream of the inbox goes on.
        INSERT INTO tellings (event_id, told_in)
        SELECT event_id, CAST(CAST(pg_current_xact_id() AS text) AS bigint) FROM counted
        ON CONFLICT (event_id) DO UPDATE SET told_in = excluded.told_in
    ), mailed AS (
        INSERT INTO deliveries (event_id, kind, occurrence, address, person_id, due_at, created_at)
        SELECT event_id, 'notification', 'event:' || event_id, email, person_id, moment, moment
        FROM untold, (SELECT hub_now() AS moment OFFSET 0) AS clock
        WHERE wants_mail AND event_id NOT IN (SELECT event_id FROM mailed_before)
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
