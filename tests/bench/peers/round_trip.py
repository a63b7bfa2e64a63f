"""A bare Celery round trip: a task that does nothing but tell its client that it was done.

The client waits in a blocking read for one push of the task, which costs the worker one command; Celery's own
result backend would take several. Application and worker have the options of ``task_per_consumer``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from redis import Redis

from tests.bench.peers import task_per_consumer
from tests.support.fleet import WORKER, wait_until

if TYPE_CHECKING:
    from celery import Celery

    from tests.bench.stage import Hub

QUEUE = "celery"
ANSWERS = "peer:answers"
PATIENCE_SECONDS = 60


@lru_cache(maxsize=1)
def _client() -> Redis:
    return Redis.from_url(os.environ["REDIS_URL"])


def answer(number: int) -> None:
    """Tell the client that this message was answered."""
    _client().rpush(ANSWERS, number)


def celery_app(broker: str | None) -> Celery:
    """Return the application on this broker, with the one task."""
    made = task_per_consumer.celery_app(broker)
    made.task(name="peer.answer")(answer)
    return made


app = celery_app(os.environ.get("PEER_BROKER"))


@dataclass
class RoundTrip:
    """A client whose worker is ready."""

    app: Celery
    redis: Redis

    @classmethod
    def on(cls, hub: Hub) -> RoundTrip:
        """Start a worker on the hub's broker, with the options of the hub's; return its client."""
        broker = task_per_consumer.broker(hub)
        command = ("tests.bench.peers.round_trip" if part == "workers.app" else part for part in WORKER)
        member = hub.fleet.start("peer", (*command, QUEUE), PEER_BROKER=broker)
        wait_until(lambda: member.said("ready.") or not member.is_alive, "the peer's worker is ready")
        client = Redis.from_url(hub.settings.redis_url, socket_timeout=2 * PATIENCE_SECONDS)
        return cls(celery_app(broker), client)

    def make(self, number: int) -> None:
        """Send a task and return when it was done. Raises TimeoutError, AssertionError for a stray answer."""
        self.app.tasks["peer.answer"].delay(number)
        heard = self.redis.blpop([ANSWERS], timeout=PATIENCE_SECONDS)
        if heard is None:
            raise TimeoutError(f"no answer within {PATIENCE_SECONDS} s")
        assert int(heard[1]) == number, f"{heard[1]!r} was answered instead of {number}"
