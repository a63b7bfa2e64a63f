"""Claim, settle, retry, park, replay and backfill reactions: every statement that changes one.

The life of a reaction: *due* → claimed (still due, attempts + 1, due again after the lease) →
*done* with its summary in the transaction of the effect, or due again later, or *parked* with its
reason after the fifth attempt. The number of attempts is the fencing token: whoever wakes up late
finds another number and settles nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import ARRAY, Integer, Interval, Text, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from config.pace import paced
from config.queues import DUE_CHANNEL, RING

if TYPE_CHECKING:
    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session

LEASE = paced(dt.timedelta(seconds=10))
"""A claim that is not settled by then is due again. Longer than any statement of a worker may take."""
LAST_ATTEMPT = 5
"""After this many attempts a reaction is parked."""
BACKOFF = (1, 5, 30, 120)
"""Seconds to wait after the first, second, third and fourth failed attempt."""
ABANDONED = "the worker ended during every attempt"
"""Reason given when nobody lived to write one: the event ends the process that answers it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claimed reaction; ``attempts`` proves the claim when it is settled."""

    event_id: uuid.UUID
    attempts: int
    correlation_id: uuid.UUID | None = None
    lag: float = 0.0
    """Seconds from the event until the claim, both by the database's own clock."""


# One probe of the index for each lane. What was tried before can only be found by reading everything due,
# so in a backlog it is asked for seldom.
LANES_DUE = text(
    """
    SELECT lanes.consumer, has_fresh, has_tried
    FROM unnest(:consumers) AS lanes (consumer)
    CROSS JOIN (SELECT hub_now() AS moment OFFSET 0) AS clock
    CROSS JOIN LATERAL (SELECT EXISTS (
        SELECT FROM reactions r
        WHERE r.consumer = lanes.consumer AND r.state = 'due' AND r.due_at <= moment AND r.attempts = 0
    ) AS has_fresh OFFSET 0) AS fresh
    CROSS JOIN LATERAL (SELECT (:look OR NOT has_fresh) AND EXISTS (
        SELECT FROM reactions r
        WHERE r.consumer = lanes.consumer AND r.state = 'due' AND r.due_at <= moment AND r.attempts > 0
    ) AS has_tried OFFSET 0) AS tried
    WHERE has_fresh OR has_tried
    """
).bindparams(bindparam("consumers", type_=ARRAY(Text)))

PARK_ABANDONED = text(
    """
    UPDATE reactions SET state = 'parked', reason = coalesce(reason, :abandoned)
    WHERE consumer = :consumer AND state = 'due' AND due_at <= (SELECT hub_now()) AND attempts >= :last
    """
)

# Fresh reactions are claimed by the batch. One that was tried before is claimed alone, so that an
# event that ends its process costs nobody else an attempt. A crash of the database may lose the claim, for
# then it is made again: so its transaction need not wait for the disk, and says so by itself.
CLAIM = """
    WITH picked AS (
        SELECT r.event_id, e.correlation_id FROM reactions r JOIN events e ON e.id = r.event_id
        WHERE r.consumer = :consumer AND r.state = 'due' AND r.due_at <= (SELECT hub_now())
          AND {tried} AND (e.type, e.version) IN (SELECT * FROM unnest(:types, :versions))
        ORDER BY r.due_at LIMIT :size
        FOR UPDATE OF r SKIP LOCKED
    )
    UPDATE reactions r SET attempts = r.attempts + 1, due_at = (SELECT hub_now()) + :lease
    FROM picked WHERE r.event_id = picked.event_id AND r.consumer = :consumer
    RETURNING r.event_id, r.attempts, picked.correlation_id,
              coalesce(extract(epoch FROM clock_timestamp() - uuid_extract_timestamp(r.event_id)), 0) AS lag,
              set_config('synchronous_commit', 'off', true)
"""
CLAIM_TYPES = (
    bindparam("types", type_=ARRAY(Text)),
    bindparam("versions", type_=ARRAY(Integer)),
    bindparam("lease", type_=Interval),
)
CLAIM_FRESH = text(CLAIM.format(tried="r.attempts = 0")).bindparams(*CLAIM_TYPES)
CLAIM_TRIED = text(CLAIM.format(tried="r.attempts > 0")).bindparams(*CLAIM_TYPES)

# Each row is found by its key, whatever the planner believes. It would guess that next to nothing is due,
# as on most days, and read everything that is due in a backlog; the CASE hides the state from it.
HOLD = text(
    """
    SELECT event_id FROM reactions
    WHERE event_id = ANY (:ids) AND consumer = :consumer AND attempts = :attempts
      AND CASE WHEN state = 'due' THEN true ELSE false END
    ORDER BY event_id FOR UPDATE
    """
).bindparams(bindparam("ids", type_=ARRAY(UUID)))

# hub_now() stands still within a transaction; the receipt wants to know when the effect was done.
DONE = text(
    """
    UPDATE reactions
    SET state = 'done', done_at = (SELECT hub_now() + (clock_timestamp() - now())),
        took_ms = :took_ms, summary = CAST(:summaries AS jsonb) -> CAST(event_id AS text)
    WHERE event_id = ANY (:ids) AND consumer = :consumer
    """
).bindparams(bindparam("ids", type_=ARRAY(UUID)), bindparam("summaries", type_=JSONB))

FAILED = text(
    """
    UPDATE reactions
    SET state = CASE WHEN attempts >= :last THEN 'parked' ELSE 'due' END,
        due_at = hub_now() + :wait, reason = :reason
    WHERE event_id = :event_id AND consumer = :consumer AND attempts = :attempts AND state = 'due'
    """
).bindparams(bindparam("wait", type_=Interval))


@dataclass(frozen=True, slots=True)
class LaneDue:
    """What a lane has due; only looked for what was tried before if asked to, or if nothing is fresh."""

    has_fresh: bool
    has_tried: bool


def lanes_due(session: Session, *, consumers: Sequence[str], look: bool) -> dict[str, LaneDue]:
    """Return what is due, for each lane that has anything; of whatever version."""
    rows = session.execute(LANES_DUE, {"consumers": list(consumers), "look": look})
    return {row.consumer: LaneDue(row.has_fresh, row.has_tried) for row in rows}


def claim(
    session: Session, *, consumer: str, known: Sequence[tuple[str, int]], size: int, tried: bool
) -> list[Claim]:
    """Claim due reactions of one lane: up to ``size`` fresh ones, or (``tried``) one tried before.

    Only events whose (type, version) is ``known`` are claimed: what newer code wrote stays due.
    Commit before working: the attempt must be counted even if the work ends the process. The transaction
    is committed without waiting for the disk.
    """
    rows = session.execute(
        CLAIM_TRIED if tried else CLAIM_FRESH,
        {
            "consumer": consumer,
            "types": [name for name, _ in known],
            "versions": [version for _, version in known],
            "size": 1 if tried else size,
            "lease": LEASE,
        },
    )
    return [Claim(row.event_id, row.attempts, row.correlation_id, float(row.lag)) for row in rows]


def park_abandoned(session: Session, *, consumer: str) -> int:
    """Park what was claimed five times and never settled; return how many."""
    return _count(
        session, PARK_ABANDONED, {"consumer": consumer, "abandoned": ABANDONED, "last": LAST_ATTEMPT}
    )


def hold(session: Session, *, consumer: str, claims: Iterable[Claim]) -> list[Claim]:
    """Lock the claims that are still ours until the transaction ends; return those."""
    mine = {claim.event_id: claim for claim in claims}
    by_attempts: dict[int, list[uuid.UUID]] = {}
    for claimed in mine.values():  # of one batch all have the same number
        by_attempts.setdefault(claimed.attempts, []).append(claimed.event_id)
    return [
        mine[row.event_id]
        for attempts, ids in by_attempts.items()
        for row in session.execute(HOLD, {"consumer": consumer, "ids": ids, "attempts": attempts})
    ]


def settle(
    session: Session, *, consumer: str, summaries: Mapping[uuid.UUID, Mapping[str, Any]], took_ms: int
) -> None:
    """Mark held reactions done with what they did; in the transaction of the effect."""
    session.execute(
        DONE,
        {
            "consumer": consumer,
            "ids": list(summaries),
            "summaries": {str(event_id): dict(summary) for event_id, summary in summaries.items()},
            "took_ms": took_ms,
        },
    )


def fail(session: Session, *, consumer: str, claimed: Claim, reason: str) -> None:
    """Write down why an attempt failed, and wait longer or park; nothing if the claim is not ours."""
    wait = paced(BACKOFF[min(claimed.attempts, len(BACKOFF)) - 1])
    session.execute(
        FAILED,
        {
            "consumer": consumer,
            "event_id": claimed.event_id,
            "attempts": claimed.attempts,
            "reason": reason,
            "wait": dt.timedelta(seconds=wait),
            "last": LAST_ATTEMPT,
        },
    )


PARKED = text(
    """
    SELECT event_id, consumer, reason FROM reactions
    WHERE state = 'parked' AND (CAST(:event_id AS uuid) IS NULL OR event_id = :event_id)
      AND (CAST(:consumer AS text) IS NULL OR consumer = :consumer)
    ORDER BY event_id, consumer FOR UPDATE
    """
).bindparams(bindparam("event_id", type_=UUID), bindparam("consumer", type_=Text))

REPLAY = text(
    """
    WITH again AS (
        UPDATE reactions SET state = 'due', attempts = 0, due_at = hub_now()
        WHERE state = 'parked' AND (CAST(:event_id AS uuid) IS NULL OR event_id = :event_id)
          AND (CAST(:consumer AS text) IS NULL OR consumer = :consumer)
        RETURNING event_id, consumer
    )
    SELECT event_id, consumer, pg_notify(:channel, :ring) FROM again ORDER BY event_id, consumer
    """
).bindparams(bindparam("event_id", type_=UUID), bindparam("consumer", type_=Text))

BACKFILL = text(
    """
    WITH added AS (
        INSERT INTO reactions (event_id, consumer)
        SELECT id, :consumer FROM events WHERE type = ANY (:types) AND occurred_at >= :since
        ON CONFLICT DO NOTHING RETURNING event_id
    )
    SELECT count(*), max(CAST(pg_notify(:channel, :ring) AS text)) FROM added
    """
).bindparams(bindparam("types", type_=ARRAY(Text)))


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked reaction and why it is."""

    event_id: uuid.UUID
    consumer: str
    reason: str


def parked(
    session: Session, *, event_id: uuid.UUID | None = None, consumer: str | None = None
) -> list[Parked]:
    """Return the parked reactions, locked until the transaction ends."""
    rows = session.execute(PARKED, {"event_id": event_id, "consumer": consumer})
    return [Parked(row.event_id, row.consumer, row.reason) for row in rows]


def replay(
    session: Session, *, event_id: uuid.UUID | None = None, consumer: str | None = None
) -> list[tuple[uuid.UUID, str]]:
    """Make parked reactions due again with a fresh count of attempts; return which."""
    rows = session.execute(
        REPLAY, {"event_id": event_id, "consumer": consumer, "channel": DUE_CHANNEL, "ring": RING}
    )
    return [(row.event_id, row.consumer) for row in rows]


def backfill(session: Session, *, consumer: str, types: Sequence[str], since: dt.datetime) -> int:
    """Add the reactions that ``consumer`` is owed for past events of ``types``; return how many."""
    row = session.execute(
        BACKFILL,
        {
            "consumer": consumer,
            "types": list(types),
            "since": since,
            "channel": DUE_CHANNEL,
            "ring": RING,
        },
    ).one()
    return cast("int", row[0])


def _count(session: Session, statement: Any, values: dict[str, Any]) -> int:
    result = cast("CursorResult[Any]", session.execute(statement, values))
    return result.rowcount
