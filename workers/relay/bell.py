"""The bell: one Celery message per need, however many commits asked for it.

A flag with a time to live says that a ring is under way. The task clears it before it reads what is
due, so nothing that becomes due later is missed; if a ring is lost, the flag ends by itself and the
relay's next look rings again.

A ring is one command of the broker: the flag and the message together. The message is what Celery itself
would send, asked of it once (decision 0039).
"""

from __future__ import annotations

import json
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING, Any

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
# If enough rings wait, the next of them clears the flag, too.
RING_ONCE = f"""
    if redis.call('LLEN', KEYS[1]) >= {ENOUGH_WAITING} then return 0 end
    if not redis.call('SET', KEYS[2], 1, 'NX', 'PX', {FLAG_MS}) then return 0 end
    redis.call('LPUSH', KEYS[1], ARGV[1])
    return 1
"""


class Bell:
    """Rings a task by name, coalesced over a flag in Redis."""

    def __init__(self, settings: Settings) -> None:
        self.redis = _client(settings.redis_url)
        self._ring_once = self.redis.register_script(RING_ONCE)

    def ring(self, app: Celery, task: str) -> bool:
        """Send the task unless a ring is under way; return whether it was sent.

        Raises redis' errors when the broker is away: the caller looks again in a second.
        """
        keys = [f"hub:{ROUTES[task]}", _flag(task)]
        return bool(self._ring_once(keys=keys, args=[message(app, task)]))

    def clear(self, task: str) -> None:
        """Say that the ring was heard; call it before reading what is due."""
        self.redis.delete(_flag(task))


def message(app: Celery, task: str) -> str:
    """Return a message that asks for the task, with an id of its own, as kombu writes it for Redis."""
    sample = _sample(app, task)
    own_id = str(uuid.uuid4())
    headers = {**sample["headers"], "id": own_id, "root_id": own_id}
    properties = {**sample["properties"], "correlation_id": own_id, "delivery_tag": str(uuid.uuid4())}
    return json.dumps({**sample, "headers": headers, "properties": properties})


@lru_cache(maxsize=4)
def _sample(app: Celery, task: str) -> dict[str, Any]:
    """Let Celery send the task once to a broker in this process's own memory; return what arrived there."""
    with app.connection_for_write("memory://") as connection:
        app.send_task(task, connection=connection, ignore_result=True)
        received = connection.default_channel.basic_get(ROUTES[task], no_ack=True)
        sample: dict[str, Any] = received.serializable()
    return sample


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
