"""One published outcome that concerns a crowd: the host's follow-up belongs to a pool they all serve in.

The people and their appointments are written in bulk, past the commands. What is measured is the event: it
is committed by ``append`` as a command does, and answered by the shipped relay and worker. It owes a notice
(and, to who wants one, a mail) to everybody in the pool, three tasks with their reminders, and two partner
records with their lines of the timeline.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import text

from hub.db.engine import connect_arguments
from tests.support import world

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.accounts.models import Person
    from tests.bench.stage import Hub
    from tests.support.world import Story

TASKS = 3
RECORDS = 2
CONSUMERS = 3
PATIENCE_SECONDS = 300

PEOPLE = text(
    """
    WITH made AS (
        INSERT INTO people (name, email, wants_mail)
        SELECT 'Orang ' || n, 'warga' || n || '@lapas.test', :wants_mail FROM generate_series(1, :size) AS n
        RETURNING id
    )
    INSERT INTO appointments (post_id, person_id, is_in_pool) SELECT :post_id, id, true FROM made
    """
)
# A look at three rows by their key, so that looking often costs those looked at nothing.
ANSWERED = "SELECT count(*) FROM reactions WHERE event_id = %s AND state = 'done'"
EFFECTS = """
    SELECT (SELECT count(*) FROM notifications WHERE event_id = %(id)s),
           (SELECT count(*) FROM deliveries WHERE event_id = %(id)s),
           (SELECT count(*) FROM tasks WHERE event_id = %(id)s),
           (SELECT count(*) FROM partner_timeline WHERE event_id = %(id)s)
"""

# Who writes this statement for this one case needs no other audience than the pool.
POOL = (
    " FROM appointments a JOIN people p ON p.id = a.person_id"
    " WHERE a.post_id = %(post)s AND a.during @> now() AND p.is_active ORDER BY p.id"
)
BARE_NOTICES = "INSERT INTO notifications (recipient_id, event_id) SELECT p.id, %(id)s" + POOL
BARE_MAILS = (
    "INSERT INTO deliveries (event_id, kind, occurrence, address, person_id)"
    " SELECT %(id)s, 'notification', 'event:' || %(id)s, p.email, p.id" + POOL
)
BARE_TELLING = "INSERT INTO tellings VALUES (%(id)s, CAST(CAST(pg_current_xact_id() AS text) AS bigint))"
BARE_TASKS = """
    WITH opened AS (
        INSERT INTO tasks (event_id, collaboration_id, commitment_id, facility_id, owner_post_id,
                           accountable_post_id, title, due_on, source, source_key)
        SELECT %(id)s, c.collaboration_id, c.id, c.facility_id, c.owner_post_id, c.owner_post_id, c.text,
               c.due_on, 'commitment', CAST(c.id AS text)
        FROM commitments c WHERE c.visit_id = %(visit)s
        RETURNING id, due_on
    )
    INSERT INTO reminders (task_id, kind, slot_on, due_at)
    SELECT id, kind, due_on + days, due_on + days + time '01:00'
    FROM opened, (VALUES ('before', -3), ('on', 0), ('after', 1)) AS slot (kind, days)
"""
BARE_RECORDS = """
    WITH pair AS (
        SELECT mine.facility_id, other.facility_id AS partner_id
        FROM parties mine JOIN parties other USING (collaboration_id)
        WHERE mine.collaboration_id = %(collaboration)s AND mine.id <> other.id ORDER BY 1
    ), counted AS (
        INSERT INTO partner_records (facility_id, partner_id) SELECT facility_id, partner_id FROM pair
        ON CONFLICT (facility_id, partner_id)
        DO UPDATE SET open_follow_ups = partner_records.open_follow_ups + 3
    )
    INSERT INTO partner_timeline (facility_id, partner_id, event_id, collaboration_id, occurred_at)
    SELECT facility_id, partner_id, %(id)s, %(collaboration)s, now() FROM pair
"""
BARE_EVENT = """
    INSERT INTO events (type, version, subject, collaboration_id, actor_kind, actor_id, actor_label,
                        correlation_id, data)
    VALUES ('outcome.published', 1, 'collaborations/' || %(collaboration)s, %(collaboration)s, 'person',
            %(actor)s, 'Kalapas', gen_random_uuid(), jsonb_build_object('visit_id', %(visit)s::bigint))
    RETURNING id
"""


def plain_connection(hub: Hub) -> psycopg.Connection:
    """Return a connection of psycopg's own, as the worker's role."""
    return psycopg.connect(
        hub.settings.database_urls["worker"], autocommit=True, **connect_arguments("worker")
    )


def wait_for(connection: psycopg.Connection, query: str, event_id: object, wanted: int) -> float:
    """Return the moment at which ``query`` first gave ``wanted``. Raises TimeoutError.

    It looks more seldom the longer it waits, so that looking takes no more than a small share of the time.
    """
    began = time.perf_counter()
    while (found := connection.execute(query, (event_id,)).fetchone()) != (wanted,):
        waited = time.perf_counter() - began
        if waited > PATIENCE_SECONDS:
            raise TimeoutError(f"still {found}, not {wanted}, after {PATIENCE_SECONDS} s")
        time.sleep(max(0.001, waited / 100))
    return time.perf_counter()


@dataclass
class Crowd:
    """A pool of ``size`` people and the collaboration's units, on one hub."""

    hub: Hub
    size: int
    wants_mail: bool
    post_id: int
    new_story: Callable[[], tuple[Story, Person]]
    looker: psycopg.Connection

    @classmethod
    def in_hub(cls, hub: Hub, size: int, *, wants_mail: bool = False) -> Crowd:
        """Write the crowd and let the planner know of it, as autovacuum would within a minute."""
        with hub.app.transaction() as session:
            guest, host = world.facility(session), world.facility(session)
            head, seat = world.holder(session, guest, role="head", wants_mail=False)
            pool = world.post(session, host, role="pool")
            session.execute(PEOPLE, {"size": size, "post_id": pool.id, "wants_mail": wants_mail})

        def new_story() -> tuple[Story, Person]:
            with hub.app.transaction() as session:
                story = world.story(session, guest, host, opened_by=head)
                story.host_party.follow_up_post_id = pool.id
                world.commit_to(session, story, [(guest, seat)] * TASKS)
            return story, head

        with psycopg.connect(hub.settings.database_urls["owner"], autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        return cls(hub, size, wants_mail, pool.id, new_story, plain_connection(hub))

    @property
    def rows(self) -> int:
        """Return how many notices and mails an event makes."""
        return self.size * (1 + self.wants_mail)

    def publish(self) -> tuple[uuid.UUID, float]:
        """Append the event of one outcome; return its id and the moment just before the commit."""
        story, head = self.new_story()
        with self.hub.app.transaction() as session:
            session.add(story.visit)
            event_id = world.published(session, story, by=head, commitments=TASKS)
            moment = time.perf_counter()
        return event_id, moment

    def ours(self) -> float:
        """Return rows a second from the commit to the last row visible: relay, Celery, worker, rows."""
        event_id, began = self.publish()
        ended = wait_for(self.looker, ANSWERED, event_id, CONSUMERS)
        self.demand(event_id)
        return self.rows / (ended - began)

    def bare(self) -> float:
        """Return rows a second of plain INSERT … SELECT statements in one transaction of a waiting client."""
        story, head = self.new_story()
        values = {
            "post": self.post_id,
            "visit": story.visit.id,
            "collaboration": story.collaboration.id,
            "actor": head.id,
        }
        found = self.looker.execute(BARE_EVENT, values).fetchone()
        assert found is not None
        (values["id"],) = found
        statements = [BARE_NOTICES, BARE_TELLING, BARE_TASKS, BARE_RECORDS]
        if self.wants_mail:
            statements.append(BARE_MAILS)
        began = time.perf_counter()
        with self.looker.transaction():
            for statement in statements:
                self.looker.execute(statement, values)
        taken = time.perf_counter() - began
        self.demand(values["id"])
        return self.rows / taken

    def demand(self, event_id: object) -> None:
        """Raise AssertionError unless the event had each of its effects."""
        seen = self.looker.execute(EFFECTS, {"id": event_id}).fetchone()
        mails = self.size if self.wants_mail else 0
        assert seen == (self.size, mails, TASKS, RECORDS), f"{event_id} left {seen}"

    def recipients(self) -> list[tuple[int, str]]:
        """Return the pool's people and their addresses, for peers that are told whom to tell."""
        return self.looker.execute("SELECT p.id, p.email" + POOL, {"post": self.post_id}).fetchall()
