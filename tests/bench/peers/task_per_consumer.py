"""The peer of most projects: a Celery task for each event and consumer, sent after the commit.

No frills, so that it is as fast as the design allows: plain psycopg on a connection kept open, one short
statement for each effect, and a row that keeps a repeat from doing it twice, in one transaction. It
leaves the same notices, tasks, reminders and timeline as the hub does; its partner records only count up.
The worker runs with the same options as the hub's.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import psycopg
from celery import Celery, signals
from sqlalchemy import text

from tests.bench import flow
from tests.support.fleet import WORKER, wait_until

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from tests.bench.stage import Hub
    from tests.support.fleet import Member

TABLE = """
    CREATE TABLE seen (event_id uuid, consumer text, PRIMARY KEY (event_id, consumer));
    GRANT SELECT ON seen TO hub_owner
"""
ALL_SEEN = "SELECT count(*) FROM seen"

SEEN = "INSERT INTO seen VALUES (%s, %s) ON CONFLICT DO NOTHING"
TELL = """
    INSERT INTO notifications (recipient_id, event_id)
    SELECT person_id, event_id FROM (
        SELECT a.person_id, e.id AS event_id, e.actor_id
        FROM events e JOIN parties p USING (collaboration_id)
        JOIN posts post ON post.facility_id = p.facility_id AND post.role = 'head'
        JOIN appointments a ON a.post_id = post.id WHERE e.id = %(id)s
        UNION
        SELECT a.person_id, e.id, e.actor_id
        FROM events e JOIN parties p USING (collaboration_id)
        JOIN appointments a ON a.post_id = p.follow_up_post_id WHERE e.id = %(id)s
        UNION
        SELECT a.person_id, e.id, e.actor_id
        FROM events e JOIN commitments c USING (collaboration_id)
        JOIN appointments a ON a.post_id = c.owner_post_id WHERE e.id = %(id)s
        UNION
        SELECT g.person_id, e.id, e.actor_id
        FROM events e JOIN parties p USING (collaboration_id) JOIN facilities f ON f.id = p.facility_id
        JOIN grants g ON g.scope_facility_id = f.region_id AND g.role = 'overseer' WHERE e.id = %(id)s
    ) AS audience WHERE person_id <> actor_id
"""
OPEN = """
    WITH opened AS (
        INSERT INTO tasks (event_id, collaboration_id, commitment_id, facility_id, owner_post_id,
                           accountable_post_id, title, due_on, source, source_key)
        SELECT e.id, c.collaboration_id, c.id, c.facility_id, c.owner_post_id, c.owner_post_id, c.text,
               c.due_on, 'commitment', CAST(c.id AS text)
        FROM events e JOIN commitments c USING (collaboration_id) WHERE e.id = %s
        RETURNING id, due_on
    )
    INSERT INTO reminders (task_id, kind, slot_on, due_at)
    SELECT id, kind, due_on + days, due_on + days + time '01:00'
    FROM opened, (VALUES ('before', -3), ('on', 0), ('after', 1)) AS slot (kind, days)
"""
COUNT_UP = """
    WITH pair AS (
        SELECT mine.facility_id, other.facility_id AS partner_id, e.id, e.collaboration_id, e.occurred_at
        FROM events e JOIN parties mine USING (collaboration_id)
        JOIN parties other USING (collaboration_id)
        WHERE e.id = %s AND mine.id <> other.id ORDER BY 1
    ), counted AS (
        INSERT INTO partner_records (facility_id, partner_id, open_follow_ups, themes)
        SELECT facility_id, partner_id, 1, '{}' FROM pair
        ON CONFLICT (facility_id, partner_id)
        DO UPDATE SET open_follow_ups = partner_records.open_follow_ups + 1
    )
    INSERT INTO partner_timeline (facility_id, partner_id, event_id, collaboration_id, occurred_at)
    SELECT facility_id, partner_id, id, collaboration_id, occurred_at FROM pair
"""
# As the hub's own, without what it owes.
APPEND = text(
    """
    INSERT INTO events (type, version, subject, collaboration_id, actor_kind, actor_id, actor_label,
                        correlation_id, data)
    VALUES ('outcome.published', 1, :subject, :id, 'person', :person, 'Kalapas', gen_random_uuid(), '{}')
    RETURNING CAST(id AS text)
    """
)


@lru_cache(maxsize=1)
def _connection() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def _once(consumer: str, event_id: str, effect: str) -> None:
    with _connection().transaction():
        if _connection().execute(SEEN, (event_id, consumer)).rowcount:
            arguments = {"id": event_id} if "%(id)s" in effect else (event_id,)
            _connection().execute(effect, arguments)


def notify(event_id: str) -> None:
    """Tell four people."""
    _once("notify", event_id, TELL)


def open_tasks(event_id: str) -> None:
    """Open one task with three reminders."""
    _once("open-tasks", event_id, OPEN)


def count_partners(event_id: str) -> None:
    """Count both records up and write both lines of the timeline."""
    _once("partner-record", event_id, COUNT_UP)


def nothing() -> None:
    """Do nothing: what a bare round trip costs."""


CONSUMERS = (notify, open_tasks, count_partners)


def celery_app(broker: str | None) -> Celery:
    """Return the peer's application on this broker."""
    made = Celery("peer", set_as_current=False)
    made.conf.update(
        broker_url=broker,
        result_backend=None,
        task_ignore_result=True,
        accept_content=["json"],
        task_serializer="json",
        task_default_queue="celery",
        worker_prefetch_multiplier=64,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
    )
    for task in (*CONSUMERS, nothing):
        made.task(name=f"peer.{task.__name__}")(task)
    return made


app = celery_app(os.environ.get("PEER_BROKER"))


def say_ready(**_: object) -> None:
    """Say so by oneself: at Celery's level "info" each task would cost two lines of the log."""
    print("ready.", flush=True)  # noqa: T201 -- its parent waits for this line


signals.worker_ready.connect(say_ready)


@dataclass
class Peer:
    """The peer on a hub's servers: its publisher and its worker."""

    hub: Hub
    app: Celery

    @classmethod
    def on(cls, hub: Hub) -> Peer:
        """Make the peer's table and return the peer."""
        with psycopg.connect(hub.settings.database_urls["owner"], autocommit=True) as connection:
            connection.execute(TABLE)
        return cls(hub, celery_app(broker(hub)))

    def worker(self) -> Member:
        """Start a worker with the options of the hub's."""
        command = (
            "tests.bench.peers.task_per_consumer" if part == "workers.app" else part for part in WORKER
        )
        member = self.hub.fleet.start("peer", (*command, "celery"), PEER_BROKER=broker(self.hub))
        wait_until(lambda: member.said("ready.") or not member.is_alive, "the peer's worker is ready")
        return member


def publish_one(database: Database, app: Celery, visit_id: int) -> None:
    """Publish one visit's outcome as the hub's command does, and send three tasks after the commit."""
    actor = flow.actor_of(visit_id)
    with database.transaction(actor) as session:
        event = flow.conclude(session, visit_id)
        session.flush()
        values = {"subject": event.subject, "id": event.collaboration_id, "person": actor.person_id}
        event_id = session.execute(APPEND, values).scalar_one()
    for task in CONSUMERS:
        app.tasks[f"peer.{task.__name__}"].delay(event_id)


def broker(hub: Hub) -> str:
    """Return kombu's address of the hub's Valkey."""
    return hub.settings.redis_url.replace("unix://", "redis+socket://", 1).replace(
        "?db=", "?virtual_host=", 1
    )
