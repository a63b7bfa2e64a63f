"""Tell what has been added to people's inboxes since a position, exactly once: the position is a snapshot.

Notifications are inserted out of order: an event's id is given when it is published, its notices may come
seconds or weeks later. So "ids greater than the last one seen" would miss some, and so would any counter
taken before the commit. A snapshot (``pg_current_snapshot()``) names the transactions whose work had been
committed when it was taken; whatever was told in a transaction that it does not include is new. Decision 14
has the reasons.
"""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import ARRAY, BigInteger, Text, bindparam, text

from hub.notifications.queries import MOST_COUNTED, Unread, unread

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

MOST_TELLINGS: Final = 500
"""Whoever is further behind than so many events reads the list anew instead."""
LONGEST_POSITION: Final = 2000
SHAPE = re.compile(r"(\d{1,18}):(\d{1,18}):((?:\d{1,18}(?:,\d{1,18})*)?)", re.ASCII)
GREATEST: Final = 2**62

NEWS = """
    SELECT j.number, n.event_id,
           n.read_at IS NULL AND (m.read_through IS NULL OR n.event_id > m.read_through) AS is_unread
    FROM unnest(:numbers, :people, :positions) AS j(number, person_id, position)
    CROSS JOIN LATERAL (
        SELECT event_id FROM tellings
        WHERE told_in >= CAST(CAST(pg_snapshot_xmin(CAST(j.position AS pg_snapshot)) AS text) AS bigint)
          AND NOT pg_visible_in_snapshot(CAST(CAST(told_in AS text) AS xid8), CAST(j.position AS pg_snapshot))
    ) AS told
    JOIN notifications n ON n.recipient_id = j.person_id AND n.event_id = told.event_id
    LEFT JOIN inbox_marks m ON m.person_id = j.person_id
    ORDER BY j.number, n.event_id
"""
NEWS_OF_STREAMS = text(NEWS).bindparams(
    bindparam("numbers", type_=ARRAY(BigInteger)),
    bindparam("people", type_=ARRAY(BigInteger)),
    bindparam("positions", type_=ARRAY(Text)),
)

# One position for everybody: the events are found first, and then who of them was told.
NEWS_OF_ALL = text(
    """
    WITH told AS MATERIALIZED (
        SELECT event_id FROM tellings
        WHERE told_in >= CAST(CAST(pg_snapshot_xmin(CAST(:position AS pg_snapshot)) AS text) AS bigint)
          AND NOT pg_visible_in_snapshot(CAST(CAST(told_in AS text) AS xid8), CAST(:position AS pg_snapshot))
    )
    SELECT n.recipient_id, n.event_id,
           n.read_at IS NULL AND (m.read_through IS NULL OR n.event_id > m.read_through) AS is_unread
    FROM told JOIN notifications n USING (event_id)
    LEFT JOIN inbox_marks m ON m.person_id = n.recipient_id
    WHERE n.recipient_id = ANY (:people)
    ORDER BY n.recipient_id, n.event_id
    """
).bindparams(bindparam("people", type_=ARRAY(BigInteger)), bindparam("position", type_=Text))

# A position beyond this database's own (from before a restore into another one) is too far as well.
TOO_FAR = text(
    """
    SELECT p.position FROM (SELECT DISTINCT unnest(:positions) AS position) AS p
    WHERE pg_snapshot_xmin(CAST(p.position AS pg_snapshot)) > pg_snapshot_xmax(pg_current_snapshot())
       OR (SELECT count(*) FROM (
               SELECT FROM tellings WHERE told_in
                   >= CAST(CAST(pg_snapshot_xmin(CAST(p.position AS pg_snapshot)) AS text) AS bigint)
               LIMIT :most + 1
           ) AS since) > :most
    """
).bindparams(bindparam("positions", type_=ARRAY(Text)))

COUNTS = text(
    """
    SELECT p.person_id, (
        SELECT count(*) FROM (
            SELECT FROM notifications n
            WHERE n.recipient_id = p.person_id AND n.read_at IS NULL
              AND n.event_id > coalesce(m.read_through, '00000000-0000-0000-0000-000000000000')
            LIMIT :most
        ) AS unread
    ) AS count
    FROM unnest(:people) AS p(person_id) LEFT JOIN inbox_marks m USING (person_id)
    """
).bindparams(bindparam("people", type_=ARRAY(BigInteger)))


@dataclass(frozen=True, slots=True)
class News:
    """One notification that was added."""

    event_id: uuid.UUID
    is_unread: bool


def is_position(given: str) -> bool:
    """Return whether this is a snapshot that the database will read without an error."""
    if len(given) > LONGEST_POSITION or not (found := SHAPE.fullmatch(given)):
        return False
    lowest, highest = int(found[1]), int(found[2])
    running = [int(part) for part in found[3].split(",")] if found[3] else []
    if running != sorted(set(running)) or not 0 < lowest <= highest < GREATEST:
        return False
    return not running or (lowest <= running[0] and running[-1] < highest)


def too_far(session: Session, positions: Collection[str]) -> set[str]:
    """Return those of the positions from which too much has happened to be told one by one."""
    if not positions:
        return set()
    rows = session.execute(TOO_FAR, {"positions": sorted(set(positions)), "most": MOST_TELLINGS})
    return {row.position for row in rows}


def news_since(session: Session, position: str, people: Collection[int]) -> dict[int, list[News]]:
    """Return what was added to the inboxes of these people since one position, oldest event first."""
    found: dict[int, list[News]] = defaultdict(list)
    if people:
        values = {"position": position, "people": sorted(people)}
        for person_id, event_id, is_unread in session.execute(NEWS_OF_ALL, values):
            found[person_id].append(News(event_id, is_unread))
    return found


def news_of_each(session: Session, asked: Sequence[tuple[int, str]]) -> list[list[News]]:
    """Return, for each (person, position), what was added since: in one query for all."""
    found: list[list[News]] = [[] for _ in asked]
    if asked:
        values = {
            "numbers": list(range(len(asked))),
            "people": [person_id for person_id, _ in asked],
            "positions": [position for _, position in asked],
        }
        for number, event_id, is_unread in session.execute(NEWS_OF_STREAMS, values):
            found[number].append(News(event_id, is_unread))
    return found


def counts_of(session: Session, people: Iterable[int]) -> Mapping[int, Unread]:
    """Return how many notifications each of these people has not read, counting no further than needed."""
    rows = session.execute(COUNTS, {"people": sorted(set(people)), "most": MOST_COUNTED})
    return {person_id: unread(count) for person_id, count in rows}
