"""Mark notifications as read: one, or all of them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Interval, Uuid, bindparam, text

from hub.messaging.subscriptions import NOTIFY
from hub.notifications.channel import INBOX_CHANNEL

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

READ_ONE = text(
    """
    UPDATE notifications SET read_at = hub_now()
    WHERE recipient_id = :person_id AND event_id = :event_id AND read_at IS NULL
    """
).bindparams(bindparam("event_id", type_=Uuid))

# The mark stops before the first event that is still to be told: its notification will come with an older
# id than those read now, and must not be taken for read. What lies beyond is marked row by row.
UNTOLD = """
    untold AS (
        SELECT event_id FROM reactions WHERE consumer = :notify AND state = 'due'
        UNION ALL
        SELECT event_id FROM reactions WHERE consumer = :notify AND state = 'parked'
        ORDER BY event_id LIMIT 1
    )"""
SET_MARK = """
    INSERT INTO inbox_marks (person_id, read_through) SELECT :person_id, event_id FROM newest
    ON CONFLICT (person_id) DO UPDATE
        SET read_through = greatest(inbox_marks.read_through, excluded.read_through)"""
EVERYTHING = """
    WITH {untold}, newest AS (
        SELECT event_id FROM notifications
        WHERE recipient_id = :person_id
          AND event_id < coalesce((SELECT event_id FROM untold), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        ORDER BY event_id DESC LIMIT 1
    ), marked AS ({set_mark})
    UPDATE notifications SET read_at = hub_now()
    WHERE recipient_id = :person_id AND read_at IS NULL AND event_id >= (SELECT event_id FROM untold)
    """
READ_ALL = text(EVERYTHING.format(untold=UNTOLD, set_mark=SET_MARK)).bindparams(
    bindparam("person_id", type_=BigInteger)
)

# Who reads one by one leaves rows behind the mark that are read, and counting what is unread steps over all
# of them. So the mark follows up to what is still unread; each row is stepped over once. It stays behind
# events so young that another one's transaction, with an older id, may not have ended.
WHAT_IS_READ = """
    WITH {untold}, mark AS (
        SELECT coalesce(
            (SELECT read_through FROM inbox_marks WHERE person_id = :person_id),
            '00000000-0000-0000-0000-000000000000'
        ) AS event_id
    ), unread AS (
        SELECT event_id FROM notifications
        WHERE recipient_id = :person_id AND read_at IS NULL AND event_id > (SELECT event_id FROM mark)
        ORDER BY event_id LIMIT 1
    ), newest AS (
        SELECT event_id FROM notifications
        WHERE recipient_id = :person_id AND event_id > (SELECT event_id FROM mark)
          AND event_id < least(
              uuidv7(-:settled), (SELECT event_id FROM untold), (SELECT event_id FROM unread)
          )
        ORDER BY event_id DESC LIMIT 1
    ) {set_mark}
    """
FOLLOW = text(WHAT_IS_READ.format(untold=UNTOLD, set_mark=SET_MARK)).bindparams(
    bindparam("person_id", type_=BigInteger), bindparam("settled", type_=Interval)
)
SETTLED = dt.timedelta(minutes=1)
"""No transaction that appends an event lasts so long."""

# The reader's other windows show the same count.
TELL_STREAMS = text("SELECT pg_notify(:channel, :person)")


def read_one(session: Session, *, person_id: int, event_id: uuid.UUID) -> None:
    """Mark one notification as read; nothing happens to one that was."""
    session.execute(READ_ONE, {"person_id": person_id, "event_id": event_id})
    session.execute(FOLLOW, {"person_id": person_id, "notify": NOTIFY, "settled": SETTLED})
    session.execute(TELL_STREAMS, {"channel": INBOX_CHANNEL, "person": str(person_id)})


def read_all(session: Session, *, person_id: int) -> None:
    """Mark everything as read that a person has been told so far: one row, not one for each notification."""
    session.execute(READ_ALL, {"person_id": person_id, "notify": NOTIFY})
    session.execute(TELL_STREAMS, {"channel": INBOX_CHANNEL, "person": str(person_id)})
