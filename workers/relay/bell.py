"""The bell: one Celery message per need, however many commits asked for it.

A flag with a time to live says that a ring is under way. The task clears it before it reads what is
due, so nothing that becomes due later is missed; if a ring is lost, the flag ends by itself and the
relay's next look rings again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.celery import SOCKET_SECONDS
from config.pace import paced
from config.queues import ROUTES

if TYPE_CHECKING:
    from celery import Celery

    from config.settings import Settings

FLAG_MS = round(paced(2000.0))
"""A ring that nobody answered by then may be repeated."""
ENOUGH_WAITING = 2
"""With this many rings in the queue another one adds nothing: no worker is there to hear it."""


class Bell:
    """Rings a task by name, coalesced over a flag in Redis."""

    def __init__(self, settings: Settings) -> None:
        self.redis = _client(settings.redis_url)

    def ring(self, app: Celery, task: str) -> bool:
        """Send the task unless a ring is under way; return whether it was sent.

        Raises redis or kombu errors when the broker is away: the caller looks again in a second.
        """
        # One round trip for both. If enough rings wait, the next of them clears the flag, too.
        with self.redis.pipeline(transaction=False) as asked:
            asked.llen(f"hub:{ROUTES[task]}")
            asked.set(_flag(task), 1, nx=True, px=FLAG_MS)
            waiting, is_first = asked.execute()
        if waiting >= ENOUGH_WAITING or not is_first:
            return False
        app.send_task(task, ignore_result=True)
        return True

    def clear(self, task: str) -> None:
        """Say that the ring was heard; call it before reading what is due."""
        self.redis.delete(_flag(task))


def _flag(task: str) -> str:
    return f"hub:rung:{task}"


@lru_cache(maxsize=1)
def _client(redis_url: str) -> Redis:
    return Redis.from_url(
        redis_url,
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )
