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
    from collections.abc import Callable

    from tests.bench.harness import Bench
    from tests.bench.stage import Hub

TITLE = "Rows a second in a full table"
LAYOUTS = ((50_000, 40), (10_000, 200))
"""(people, events told to all of them before): a leaf of the inbox index holds several people, or one."""
ROWS_A_TURN = 200_000

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
    """Measure both layouts, each in a database of its own."""
    with stage() as servers:
        for people, before in LAYOUTS:
            with servers.hub() as hub:
                _rows(bench, hub, bench.size(people, 500), bench.size(before, 5))


def _rows(bench: Bench, hub: Hub, people: int, before: int) -> None:
    """Fill both tables event by event, then insert in turns."""
    crowd = Crowd.in_hub(hub, people)
    make_tables(hub)
    events_a_turn = bench.size(ROWS_A_TURN, people) // people
    with psycopg.connect(hub.settings.database_urls["owner"], autocommit=True) as owner:
        events = sorted(row[0] for row in owner.execute(EVENTS, {"events": before}))
        for statement in (LEAN, BOOK):
            for event_id in events:
                owner.execute(statement, {"id": event_id, "post": crowd.post_id})
        owner.execute("VACUUM ANALYZE")

        def fresh(turn: Callable[[Crowd, int], float]) -> float:
            # Whoever comes second would write the first one's pages; so each begins with clean ones, and
            # pays for whole pages in the log where it first touches them, as after any checkpoint.
            owner.execute("CHECKPOINT")
            return turn(crowd, events_a_turn)

        mine, theirs, limit = list[float](), list[float](), list[float]()
        turns = [(mine, _ours), (theirs, _book), (limit, _lean)]
        for number in range(bench.rounds):
            for figures, turn in turns if number % 2 == 0 else reversed(turns):
                figures.append(fresh(turn))
        what = f"rows a second at {before * people:,} rows, {people:,} people"
        book = "textbook table: surrogate key, unique constraint, inbox index, ON CONFLICT"
        bench.compare_taken(
            what,
            mine,
            theirs,
            against=book,
            unit="rows/s",
            better="higher",
            goal=2.0,
            note="ours with the audience found and the inbox's streams told",
        )
        bench.compare_taken(
            f"the limit: a bare INSERT … SELECT into our table, {people:,} people",
            limit,
            theirs,
            against=book,
            unit="rows/s",
            better="higher",
            goal=None,
        )
        small, large = (
            float(owner.execute(BYTES.format(table), (table,)).fetchone()[0])  # type: ignore[index]
            for table in ("notifications", "book_notifications")
        )
        bench.compare_taken(
            f"bytes a row, indexes included, {people:,} people",
            [small],
            [large],
            against="the textbook table",
            unit="bytes",
            better="lower",
            goal=None,
        )


def _ours(crowd: Crowd, count: int) -> float:
    """Return rows a second of the consumer's effect, committed: events are appended before."""
    events = [crowd.publish()[0] for _ in range(count)]
    began = time.perf_counter()
    for event_id in events:
        with crowd.hub.worker.transaction() as session:
            told = tell(session, [event_id])
        assert told == {event_id: {"notices": crowd.size, "mails": 0}}
    return count * crowd.size / (time.perf_counter() - began)


def _book(crowd: Crowd, count: int) -> float:
    """Return rows a second of the textbook's statement, committed."""
    began = time.perf_counter()
    for _ in range(count):
        with crowd.looker.transaction():
            crowd.looker.execute(BOOK, {"id": uuid.uuid4(), "post": crowd.post_id})
    return count * crowd.size / (time.perf_counter() - began)


def _lean(crowd: Crowd, count: int) -> float:
    """Return rows a second of the bare statement into our table, committed: what no way of ours can pass."""
    began = time.perf_counter()
    for _ in range(count):
        with crowd.looker.transaction():
            found = crowd.looker.execute("SELECT uuidv7()").fetchone()
            assert found is not None
            crowd.looker.execute(LEAN, {"id": found[0], "post": crowd.post_id})
    return count * crowd.size / (time.perf_counter() - began)
