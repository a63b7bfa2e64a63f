"""Rows a second at two million notifications already there: the shipped statement, the textbook's table."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import psycopg

from hub.notifications.telling import tell
from tests.bench.crowd import POOL, Crowd
from tests.bench.peers.textbook import make_tables
from tests.bench.stage import stage

if TYPE_CHECKING:
    from tests.bench.harness import Bench

TITLE = "Rows a second in a full table"
PEOPLE = 10_000
EVENTS_BEFORE = 200
EVENTS_A_ROUND = 4

# As they come in a year: event after event, each told to everybody.
EVENTS = """
    INSERT INTO events (id, type, version, subject, actor_kind, actor_label, correlation_id, data)
    SELECT uuidv7(interval '1 hour' * (n - %(events)s)), 'visit.held', 1, 'bench', 'system', 'bench',
           gen_random_uuid(), '{}' FROM generate_series(0, %(events)s - 1) AS n
    RETURNING id
"""
LEAN = "INSERT INTO notifications (recipient_id, event_id) SELECT p.id, %(id)s" + POOL
BOOK = (
    "INSERT INTO book_notifications (event_id, recipient_id) SELECT %(id)s, p.id"
    + POOL
    + " ON CONFLICT (event_id, recipient_id) DO NOTHING"
)
BYTES = "SELECT pg_total_relation_size(%s) / CAST((SELECT count(*) FROM {}) AS float)"


def rows(bench: Bench) -> None:
    """Fill both tables event by event, then insert in turns."""
    before = bench.size(EVENTS_BEFORE, 5)
    people = bench.size(PEOPLE, 500)
    with stage() as servers, servers.hub() as hub:
        crowd = Crowd.in_hub(hub, people)
        make_tables(hub)
        with psycopg.connect(hub.settings.database_urls["owner"], autocommit=True) as owner:
            events = [row[0] for row in owner.execute(EVENTS, {"events": before})]
            for statement in (LEAN, BOOK):
                for event_id in sorted(events):
                    owner.execute(statement, {"id": event_id, "post": crowd.post_id})
            owner.execute("VACUUM ANALYZE")
            owner.execute("CHECKPOINT")
            bench.compare(
                f"rows a second at {before * people:,} rows",
                ours=lambda: _ours(crowd),
                other=lambda: _book(crowd),
                against="textbook table: surrogate key, unique constraint, inbox index, ON CONFLICT",
                unit="rows/s",
                better="higher",
                goal=2.0,
                rounds=None if bench.is_quick else 5,
                note="ours with the audience found and the inbox's streams told",
            )
            mine, theirs = (
                float(owner.execute(BYTES.format(table), (table,)).fetchone()[0])  # type: ignore[index]
                for table in ("notifications", "book_notifications")
            )
            bench.compare_taken(
                "bytes a row, indexes included",
                [mine],
                [theirs],
                against="the textbook table",
                unit="bytes",
                better="lower",
                goal=None,
            )


def _ours(crowd: Crowd) -> float:
    """Return rows a second of the consumer's effect, committed: events are appended before."""
    events = [crowd.publish()[0] for _ in range(EVENTS_A_ROUND)]
    began = time.perf_counter()
    for event_id in events:
        with crowd.hub.worker.transaction() as session:
            told = tell(session, [event_id])
        assert told == {event_id: {"notices": crowd.size, "mails": 0}}
    return EVENTS_A_ROUND * crowd.size / (time.perf_counter() - began)


def _book(crowd: Crowd) -> float:
    """Return rows a second of the textbook's statement, committed."""
    began = time.perf_counter()
    for _ in range(EVENTS_A_ROUND):
        with crowd.looker.transaction():
            crowd.looker.execute(BOOK, {"id": uuid.uuid4(), "post": crowd.post_id})
    return EVENTS_A_ROUND * crowd.size / (time.perf_counter() - began)
