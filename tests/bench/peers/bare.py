"""The limit: the same rows, written by bare SQL in the same transactions, with nothing of the hub around it.

What PostgreSQL and a client that waits for it need by themselves: a claim and an effect with ``done`` for
each lane and batch, set-based, by psycopg. No retries, fencing, isolation of a bad event, summaries, logs or
figures, and partner records are only counted up. ``python -m tests.bench.peers.bare PART`` runs

- ``drain``: says "ready", waits for a line, empties the lanes and prints how many it answered in which time;
- ``live``: hears of commits and empties the lanes, as relay and worker do, in one process;
- ``relay`` and ``worker``: the same as two processes with a push through Redis between them.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import psycopg
from redis import Redis

from config.queues import DUE_CHANNEL
from hub.db.engine import connect_arguments
from hub.notifications.channel import INBOX_CHANNEL
from tests.bench import flow
from tests.bench.peers.task_per_consumer import OPEN, TELL
from tests.support.fleet import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from config.settings import Role
    from tests.bench.stage import Hub
    from tests.support.fleet import Member

BATCH = 200
LINGER_SECONDS = 0.02
"""As the relay: under load wakings stand so far apart."""
RINGS = "bare:rings"
PATIENCE_SECONDS = 5
READY = "ready."

MANY = "e.id = ANY (%(ids)s)"
CLAIM = """
    WITH picked AS (
        SELECT event_id FROM reactions
        WHERE consumer = %(consumer)s AND state = 'due' AND due_at <= now() AND attempts = 0
        ORDER BY due_at LIMIT %(size)s FOR UPDATE SKIP LOCKED
    )
    UPDATE reactions r SET attempts = 1, due_at = now() + interval '10 seconds'
    FROM picked WHERE r.event_id = picked.event_id AND r.consumer = %(consumer)s
    RETURNING r.event_id, set_config('synchronous_commit', 'off', true)
"""
DONE = """
    UPDATE reactions SET state = 'done', done_at = now(), took_ms = 1, summary = '{}'
    WHERE event_id = ANY (%(ids)s) AND consumer = %(consumer)s
"""
NOTICES = f"""
    WITH told AS ({TELL.replace("e.id = %(id)s", MANY)} ORDER BY 1, 2), position AS (
        INSERT INTO tellings (event_id, told_in)
        SELECT id, CAST(CAST(pg_current_xact_id() AS text) AS bigint)
        FROM unnest(CAST(%(ids)s AS uuid[])) AS id
    )
    SELECT pg_notify('{INBOX_CHANNEL}', '')
"""  # noqa: S608 -- put together from these modules' own texts
TASKS = OPEN.replace("e.id = %s", MANY)
RECORDS = f"""
    WITH pair AS MATERIALIZED (
        SELECT mine.facility_id, other.facility_id AS partner_id, e.id, e.collaboration_id, e.occurred_at
        FROM events e JOIN parties mine USING (collaboration_id)
        JOIN parties other USING (collaboration_id)
        WHERE {MANY} AND mine.id <> other.id
    ), counted AS (
        INSERT INTO partner_records (facility_id, partner_id, open_follow_ups, themes)
        SELECT facility_id, partner_id, count(*), '{{}}' FROM pair GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (facility_id, partner_id)
        DO UPDATE SET open_follow_ups = partner_records.open_follow_ups + excluded.open_follow_ups
    )
    INSERT INTO partner_timeline (facility_id, partner_id, event_id, collaboration_id, occurred_at)
    SELECT facility_id, partner_id, id, collaboration_id, occurred_at FROM pair
"""  # noqa: S608 -- as above
EFFECTS = {"notify": NOTICES, "open-tasks": TASKS, "partner-record": RECORDS}

# One statement, and so one transaction: the visit is concluded, its event appended, its reactions are owed.
PUBLISH = f"""
    WITH concluded AS (
        UPDATE visits SET state = 'concluded', version = version + 1, published_at = now()
        WHERE id = %(visit)s AND state = 'held' RETURNING id, collaboration_id
    ), appended AS (
        INSERT INTO events (type, version, subject, collaboration_id, actor_kind, actor_id, actor_label,
                            correlation_id, data)
        SELECT 'outcome.published', 1, 'collaborations/' || collaboration_id, collaboration_id, 'person',
               CAST(%(person)s AS bigint), 'Kalapas', gen_random_uuid(), jsonb_build_object('visit_id', id)
        FROM concluded RETURNING id, occurred_at
    ), owed AS (
        INSERT INTO reactions (event_id, consumer, due_at)
        SELECT id, consumer, occurred_at FROM appended, unnest(CAST(%(consumers)s AS text[])) AS consumer
    )
    SELECT pg_notify('{DUE_CHANNEL}', 'ring') FROM appended
"""  # noqa: S608 -- as above


def connect(address: str, role: Role = "worker") -> psycopg.Connection[Any]:
    """Return a connection in which each statement is a transaction, unless one is opened.

    Nobody acts here, so the rows' policies are told once for all that everything may be seen.
    """
    arguments = connect_arguments(role)
    arguments["options"] += " -c app.sees=everything"
    return psycopg.connect(address, autocommit=True, **arguments)


def publish_one(connection: psycopg.Connection[Any], visit_id: int) -> None:
    """Publish one visit's outcome by one statement; the connection is the app's."""
    person = flow.actor_of(visit_id).person_id
    connection.execute(PUBLISH, {"visit": visit_id, "person": person, "consumers": list(EFFECTS)})


def drain(connection: psycopg.Connection[Any]) -> int:
    """Answer what is due, lane by lane, until nothing is left; return how many reactions were answered."""
    answered = 0
    found = True
    while found:
        found = False
        for consumer, effect in EFFECTS.items():
            claimed = connection.execute(CLAIM, {"consumer": consumer, "size": BATCH}).fetchall()
            if claimed:
                found = True
                answered += _answer(connection, consumer, effect, [row[0] for row in claimed])
    return answered


def _answer(connection: psycopg.Connection[Any], consumer: str, effect: str, ids: list[UUID]) -> int:
    values = {"ids": ids, "consumer": consumer}
    with connection.transaction():
        connection.execute(effect, values)
        connection.execute(DONE, values)
    return len(ids)


def start(hub: Hub, part: str) -> Member:
    """Start ``live``, ``relay`` or ``worker`` in this hub's fleet and wait until it is ready."""
    member = hub.fleet.start(f"bare-{part}", (sys.executable, "-m", __name__, part))
    wait_until(lambda: member.said(READY) or not member.is_alive, f"the bare {part} is ready")
    return member


def _drain_once(connection: psycopg.Connection[Any]) -> None:
    _say("ready")
    sys.stdin.readline()
    began = time.monotonic()
    answered = drain(connection)
    _say(f"{answered} {time.monotonic() - began}")


def _live(connection: psycopg.Connection[Any]) -> None:
    with connect(os.environ["DATABASE_URL"]) as listening:
        for _ in _wakings(listening):
            drain(connection)


def _relay(connection: psycopg.Connection[Any]) -> None:
    broker = Redis.from_url(os.environ["REDIS_URL"])
    for _ in _wakings(connection):
        broker.rpush(RINGS, 1)


def _worker(connection: psycopg.Connection[Any]) -> None:
    broker = Redis.from_url(os.environ["REDIS_URL"], socket_timeout=2 * PATIENCE_SECONDS)
    _say(READY)
    while True:
        if broker.blpop([RINGS], timeout=PATIENCE_SECONDS):
            drain(connection)


def _wakings(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Yield whenever a commit made something due, at most every 20 ms."""
    connection.execute(f"LISTEN {DUE_CHANNEL}")
    _say(READY)
    last = 0.0
    while True:
        if not list(connection.notifies(timeout=PATIENCE_SECONDS, stop_after=1)):
            continue
        if (wait := last + LINGER_SECONDS - time.monotonic()) > 0:
            list(connection.notifies(timeout=wait))
        last = time.monotonic()
        yield


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 -- its parent waits for this line


PARTS = {"drain": _drain_once, "live": _live, "relay": _relay, "worker": _worker}

if __name__ == "__main__":
    with connect(os.environ["DATABASE_URL"]) as own:
        PARTS[sys.argv[1]](own)
