"""A stream of small events that three consumers answer, and what came of it.

Each event is an ``outcome.published``: the visit is concluded and the event appended in one
transaction. It owes four notices, one task with three reminders, two partner records and their two
lines of the timeline. The world is made in bulk, past the commands, which are not what is measured.
"""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.actor import Actor
from hub.clock import now
from hub.messaging.append import append
from hub.visits.models import Visit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from hub.db.transaction import Database
    from hub.visits.events import OutcomePublished
    from tests.support.fleet import Member

UNITS = 200
COLLABORATIONS_OF_A_PAIR = 5
PATIENCE_SECONDS = 240

NOTICES = 4
TASKS = 1
REMINDERS = 3
TIMELINE = 2

# Ids are written out, so that each statement knows the others' rows: unit n has the head 2n-1 and the
# section 2n, served by the people of the same numbers.
SEED = """
    INSERT INTO facilities (id, name, name_key, search_text, kind, iana_zone) OVERRIDING SYSTEM VALUE
    VALUES (1000, 'Kanwil', 'kanwil', ' kanwil', 'kanwil', 'Asia/Jakarta');
    INSERT INTO facilities (id, name, name_key, search_text, kind, iana_zone, region_id) OVERRIDING SYSTEM
    VALUE
    SELECT n, 'Lapas ' || n, 'lapas ' || n, ' lapas ' || n, 'lapas', 'Asia/Jakarta', 1000
    FROM generate_series(1, :units) AS n;
    INSERT INTO people (id, name, email, wants_mail) OVERRIDING SYSTEM VALUE
    SELECT n, 'Orang ' || n, 'orang' || n || '@lapas.test', false
    FROM generate_series(1, 2 * :units + 1) AS n;
    INSERT INTO grants (person_id, role, scope_facility_id)
    VALUES (2 * :units + 1, 'overseer', 1000);
    INSERT INTO posts (id, facility_id, title, role) OVERRIDING SYSTEM VALUE
    SELECT n, (n + 1) / 2, CASE n % 2 WHEN 1 THEN 'Kepala' ELSE 'Kasi' END, CASE n % 2 WHEN 1 THEN 'head'
    ELSE 'section' END
    FROM generate_series(1, 2 * :units) AS n;
    INSERT INTO appointments (post_id, person_id)
    SELECT n, n
    FROM generate_series(1, 2 * :units) AS n;
    CREATE TEMPORARY TABLE plan ON COMMIT DROP AS
    SELECT n, g AS guest, (g + d - 1) % :units + 1 AS host
    FROM (
    SELECT n, ((n - 1) / :shared) % :units + 1 AS g, ((n - 1) / :shared) / :units + 1 AS d
    FROM generate_series(1, :events) AS n) AS spread;
    INSERT INTO collaborations (id, title, kind, themes, opened_by_id) OVERRIDING SYSTEM VALUE
    SELECT n, 'Studi tiru ' || n, 'studi_tiru', '{rehabilitation}', 2 * guest - 1
    FROM plan;
    INSERT INTO proposals (collaboration_id, urgency, form, subject, duration, state, submitted_at)
    SELECT n, 'Mendesak', 'Kunjungan', 'Belajar', 'Satu hari', 'accepted', now() - interval '20 days'
    FROM plan;
    INSERT INTO parties (id, collaboration_id, facility_id, role, follow_up_post_id) OVERRIDING SYSTEM VALUE
    SELECT 2 * n, n, host, 'host', 2 * host
    FROM plan
    UNION ALL
    SELECT 2 * n + 1, n, guest, 'guest', NULL
    FROM plan;
    INSERT INTO visits (id, collaboration_id, host_party_id, state, held_at) OVERRIDING SYSTEM VALUE
    SELECT n, n, 2 * n, 'held', now() - interval '1 day'
    FROM plan;
    INSERT INTO arrangements (visit_id, number, starts_at, ends_at, iana_zone, place)
    SELECT n, 1, now() - interval '27 hours', now() - interval '1 day', 'Asia/Jakarta', 'Aula'
    FROM plan;
    INSERT INTO agenda_items (visit_id, number, position, title, minutes)
    SELECT n, 1, 1, 'Pemaparan', 60
    FROM plan;
    INSERT INTO outcomes (id, visit_id, theme, seen, will_try) OVERRIDING SYSTEM VALUE
    SELECT n, n, 'rehabilitation', 'Terlihat', 'Dicoba'
    FROM plan;
    INSERT INTO commitments (collaboration_id, visit_id, outcome_id, position, facility_id, owner_post_id,
    text, working_days, due_on)
    SELECT n, n, n, 1, guest, 2 * guest, 'Janji', 10, CAST(now() AS date) + 14
    FROM plan;
"""

EFFECTS = text(
    """
    SELECT (SELECT count(*) FROM notifications) AS notices, (SELECT count(*) FROM tasks) AS tasks,
           (SELECT count(*) FROM reminders) AS reminders, (SELECT count(*) FROM partner_timeline) AS timeline
    """
)


def seed(owner: Database, events: int) -> None:
    """Write a world in which ``events`` visits have been held and wait to be concluded."""
    values = {"units": UNITS, "shared": COLLABORATIONS_OF_A_PAIR, "events": events}
    with owner.transaction() as session:
        for statement in SEED.split(";")[:-1]:
            session.execute(text(statement), values)
    with owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def actor_of(visit_id: int) -> Actor:
    """Return the guest's head, who publishes."""
    guest = ((visit_id - 1) // COLLABORATIONS_OF_A_PAIR) % UNITS + 1
    return Actor(kind="person", label="Kalapas", person_id=2 * guest - 1, unit_ids=(guest,))


def conclude(session: Session, visit_id: int) -> OutcomePublished:
    """Conclude one visit, as the command does without the page around it; return its event."""
    visit = session.get_one(Visit, visit_id)
    return visit.conclude(at=now(session), themes=["rehabilitation"], commitments=TASKS)


def publish_one(database: Database, visit_id: int) -> None:
    """Publish one visit's outcome."""
    actor = actor_of(visit_id)
    with database.transaction(actor) as session:
        append(session, conclude(session, visit_id), actor=actor)


def publish_in_bulk(app: Database, visits: range, size: int = 500) -> None:
    """Publish these visits' outcomes, many in a transaction: how a backlog is laid quickly."""
    for start in range(visits.start, visits.stop, size):
        with app.transaction() as session:
            for visit_id in range(start, min(start + size, visits.stop)):
                append(session, conclude(session, visit_id), actor=actor_of(visit_id))


def wait_for(database: Database, statement: str, wanted: int, what: str) -> float:
    """Return the moment at which ``statement`` first gave ``wanted``. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    asked = text(statement)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.execute(asked).scalar_one() != wanted:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: still not {wanted} after {PATIENCE_SECONDS} s")
            time.sleep(0.01)
    return time.monotonic()


@contextmanager
def asleep(members: Sequence[Member]) -> Iterator[None]:
    """Hold these processes while a backlog is laid; the block's end wakes them."""
    for member in members:
        member.send(signal.SIGSTOP)
    try:
        yield
    finally:
        for member in members:
            member.send(signal.SIGCONT)


NOTHING_DUE = "SELECT CAST(EXISTS (SELECT FROM reactions WHERE state = 'due') AS int)"


def demand_effects(database: Database, events: int) -> None:
    """Raise AssertionError unless each of ``events`` events had each of its effects once."""
    with database.transaction() as session:
        seen = dict(session.execute(EFFECTS).mappings().one())
    expected = {
        "notices": NOTICES * events,
        "tasks": TASKS * events,
        "reminders": REMINDERS * events,
        "timeline": TIMELINE * events,
    }
    assert seen == expected, f"{events} events left {seen}, not {expected}"
