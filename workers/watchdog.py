"""Ends a worker that has gone deaf: its broker answers, messages wait for it, and it hears none of them.

Beat sends each queue a heartbeat, so a worker that listens hears something every ten seconds. A worker whose
consumer was lost in a reconnection looks alive and does nothing until somebody restarts it; what is due
stays due, so ending it loses nothing. The supervisor, or compose, starts it again.

Not deaf is one whose broker is away, one whose queue is empty, and one that is at work (a solo worker hears
nothing meanwhile); only work that takes far longer than any may is taken for a stuck worker.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import psutil
import structlog
from celery.worker import state
from redis.exceptions import RedisError

from config.pace import paced
from workers.upkeep.schedule import HEARTBEAT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis import Redis

log = structlog.get_logger(__name__)

EXIT_CODE: Final = 75
"""EX_TEMPFAIL: whoever started the worker shall start it again."""
PROBE: Final = "hub:watched"
DEAF_SECONDS: Final = 3 * HEARTBEAT_SECONDS
SLOW_SECONDS: Final = HEARTBEAT_SECONDS / 2
"""A broker that takes so long to answer was away, as one that does not answer is."""
STUCK_SECONDS: Final = paced(300.0)
"""Work is bounded to well under a minute (drain and delivery); this is no work any more."""


@dataclass(slots=True)
class Watch:
    """What is known of one worker's hearing; ``look`` judges it."""

    waiting: Callable[[], int]
    """Returns how many messages wait in the worker's queues. Raises RedisError where the broker is away."""
    is_busy: Callable[[], bool]
    now: Callable[[], float] = time.monotonic
    heard: float = field(init=False)
    """When it last heard a message, or could not have: the broker was away, or nothing waited."""
    idle: float = field(init=False)
    """When it last was seen without work in its hand, or heard something."""

    def __post_init__(self) -> None:
        self.heard = self.idle = self.now()

    def hear(self) -> None:
        """Say that a message has come from the broker."""
        self.heard = self.idle = self.now()

    def look(self) -> str | None:
        """Return what is wrong ("deaf", "stuck"), or None."""
        asked = self.now()
        try:
            waiting = self.waiting()
        except RedisError:
            waiting = 0
        moment = self.now()
        if moment - asked > SLOW_SECONDS:
            # It has just come back: the worker has had no time to connect again.
            waiting = 0
        busy = self.is_busy()
        if busy or not waiting:
            self.heard = moment
        if not busy or not waiting:
            self.idle = moment
        if moment - self.idle > STUCK_SECONDS:
            return "stuck"
        return "deaf" if moment - self.heard > DEAF_SECONDS else None


def watch(broker: Redis, queues: Sequence[str]) -> Watch:
    """Start to watch this worker in a thread of its own; its ``hear`` is to be called for each message."""
    watched = Watch(
        waiting=lambda: _waiting(broker, queues),
        is_busy=lambda: bool(state.reserved_requests),
    )
    threading.Thread(target=_keep_watch, args=(watched, queues), name="watchdog", daemon=True).start()
    return watched


def _waiting(broker: Redis, queues: Sequence[str]) -> int:
    """Return how many messages wait. Raises RedisError for a full or read-only broker: nobody hears it."""
    broker.set(PROBE, 1, px=1000)
    return sum(int(str(broker.llen(f"hub:{queue}"))) for queue in queues)


def _keep_watch(watched: Watch, queues: Sequence[str]) -> None:
    while True:
        time.sleep(HEARTBEAT_SECONDS / 2)
        if (wrong := watched.look()) is not None:
            log.critical(
                "watchdog.ends_worker",
                wrong=wrong,
                queues=list(queues),
                silent_for=round(watched.now() - watched.heard, 1),
                exit_code=EXIT_CODE,
            )
            for child in psutil.Process().children():
                child.terminate()
            os._exit(EXIT_CODE)  # an orderly end would wait for the very loop that does not turn
