"""Listen for commits that made something due, look by oneself once a second, and ring.

The relay holds no state. Two of them are harmless; without NOTIFY it is a second late, never wrong;
without a relay everything stays due until one is back.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import psycopg
import structlog
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from config.crashpoints import reach
from config.queues import DELIVER, DUE_CHANNEL, IMPORT, RING
from hub.db.engine import connect
from hub.messaging.heartbeats import BROKER
from workers.relay.bell import Bell

if TYPE_CHECKING:
    import threading

    from celery import Celery

    from config.settings import Settings

log = structlog.get_logger(__name__)

LINGER_SECONDS = 0.02
"""Under load, rings stand at least this far apart: twice the events a second for a third of the CPU."""
HEARTBEAT_SECONDS = 5
RECONNECT_SECONDS = 0.5

DUE = """
    SELECT task FROM (VALUES
        (%(ring)s, EXISTS (SELECT FROM reactions WHERE state = 'due' AND due_at <= hub_now())),
        (%(deliver)s, EXISTS (SELECT FROM deliveries WHERE state = 'due' AND due_at <= hub_now())),
        (%(import)s, EXISTS (SELECT FROM imports WHERE due_at <= hub_now()))
    ) AS look(task, is_due) WHERE is_due
"""
BEAT = """
    INSERT INTO heartbeats (process) SELECT unnest(CAST(%(processes)s AS text[]))
    ON CONFLICT (process) DO UPDATE SET beat_at = clock_timestamp()
"""


class Relay:
    """One relay process: ``run`` returns when ``stopping`` is set."""

    def __init__(self, settings: Settings, app: Celery, stopping: threading.Event) -> None:
        self.settings = settings
        self.app = app
        self.stopping = stopping
        self.bell = Bell(settings)
        self.last_ring = dict.fromkeys((RING, DELIVER, IMPORT), 0.0)
        self.heard: dict[str, dict[str, None]] = {RING: {}, DELIVER: {}, IMPORT: {}}
        """For which correlation ids each task was asked since it was last rung: for the log only."""

    def run(self) -> None:
        """Listen and ring until told to stop; a lost database is waited for, not died of."""
        while not self.stopping.is_set():
            try:
                with self._connect() as connection:
                    self._serve(connection)
            except psycopg.OperationalError as error:
                log.warning("relay.database_away", error=str(error).strip())
                self.stopping.wait(RECONNECT_SECONDS)

    def _connect(self) -> psycopg.Connection:
        return connect(self.settings.database_urls["worker"], "worker", autocommit=True)

    def _serve(self, connection: psycopg.Connection) -> None:
        connection.execute(f"LISTEN {DUE_CHANNEL}")
        log.info("relay.listening", channel=DUE_CHANNEL)
        looked = beaten = 0.0
        while not self.stopping.is_set():
            now = time.monotonic()
            wanted: set[str] = set()
            if now - looked >= self.settings.relay_poll_seconds:
                looked = now
                wanted |= self._due(connection)
            if now - beaten >= HEARTBEAT_SECONDS:
                beaten = now
                self._beat(connection)
            if not wanted:
                wanted = self._listen(connection, self.settings.relay_poll_seconds)
            for task in wanted:
                self._ring(connection, task)

    def _due(self, connection: psycopg.Connection) -> set[str]:
        """Ask the tables themselves: this, not the notification, is the guarantee."""
        tasks = {"ring": RING, "deliver": DELIVER, "import": IMPORT}
        return {row[0] for row in connection.execute(DUE, tasks)}

    def _listen(self, connection: psycopg.Connection, seconds: float) -> set[str]:
        """Return the tasks asked for by the next notification and by those that came with it."""
        return {
            task
            for notice in connection.notifies(timeout=seconds, stop_after=1)
            if (task := self._hear(notice.payload)) in self.last_ring
        }

    def _hear(self, payload: str) -> str:
        """Return the task of a notification, ``ring 0189…``, and keep for whom it was asked."""
        task, _, correlation_id = payload.partition(" ")
        if correlation_id and task in self.heard:
            self.heard[task][correlation_id] = None
        return task

    def _beat(self, connection: psycopg.Connection) -> None:
        """Note that the relay lives, and whether it reaches the broker: the web process never asks it."""
        processes = ["relay"]
        try:
            self.bell.redis.ping()
            processes.append(BROKER)
        except RedisError as error:
            log.warning("relay.broker_away", error=str(error))
        connection.execute(BEAT, {"processes": processes})

    def _ring(self, connection: psycopg.Connection, task: str) -> None:
        wait = self.last_ring[task] + LINGER_SECONDS - time.monotonic()
        if wait > 0:
            # More commits arrive meanwhile; one ring serves them all.
            with contextlib.closing(connection.notifies(timeout=wait)) as more:
                for notice in more:
                    self._hear(notice.payload)
        self.last_ring[task] = time.monotonic()
        reach("before_ring")
        asked, self.heard[task] = list(self.heard[task]), {}
        try:
            was_sent = self.bell.ring(self.app, task)
            if asked:
                log.info("relay.rang", task=task, was_sent=was_sent, correlation_ids=asked)
        except (RedisError, BrokerError, OSError) as error:
            # What is due stays due; the next look rings again.
            log.warning("relay.broker_away", task=task, error=str(error))
