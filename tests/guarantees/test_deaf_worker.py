"""A worker that lives and hears nothing is ended by its watchdog, so that its supervisor starts it anew."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from celery import Celery
from redis import Redis
from redis.exceptions import ConnectionError as BrokerAwayError

from config.celery import celery_config
from config.queues import KEEP
from tests.support.fleet import WORKER, wait_until
from workers.upkeep.schedule import HEARTBEAT_SECONDS
from workers.watchdog import DEAF_SECONDS, EXIT_CODE, STUCK_SECONDS, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from tests.support.fleet import Fleet

FAST = "20"
DEAF = tuple("tests.support.deaf" if word == "workers.app" else word for word in WORKER)
PREFORK = tuple("prefork" if word == "solo" else word for word in DEAF)


def send(settings: Settings, count: int) -> None:
    """Put heartbeats into the queue, as beat does."""
    with Celery(set_as_current=False) as beat:
        beat.conf.update(celery_config(settings.redis_url))
        for _ in range(count):
            beat.send_task(KEEP, ("heartbeat",), {"process": "worker-upkeep"}, queue="upkeep")


@pytest.mark.parametrize("command", [DEAF, (*PREFORK[:-1], "-c", "1", "-Q")], ids=["solo", "prefork"])
def test_deaf_worker_ends_with_a_status_of_its_own(
    fleet: Fleet, settings: Settings, broker: Redis, command: tuple[str, ...]
) -> None:
    deaf = fleet.start("deaf", (*command, "upkeep"), HUB_PACE=FAST)
    wait_until(lambda: deaf.said("ready.") or not deaf.is_alive, "the worker is ready")
    send(settings, 2)
    assert deaf.wait_for_end() == EXIT_CODE
    assert deaf.said("watchdog.ends_worker")
    assert broker.llen("hub:upkeep") >= 2, "what waited is there for its successor"


@pytest.fixture
def broker(settings: Settings) -> Iterator[Redis]:
    """Yield this test's broker, with an empty queue before and after."""
    with Redis.from_url(settings.redis_url) as client:
        client.delete("hub:upkeep")
        yield client
        client.delete("hub:upkeep")


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.moment = 1000.0

    def __call__(self) -> float:
        """Return the moment."""
        return self.moment


@pytest.mark.parametrize(
    ("waiting", "busy", "verdict"),
    [(0, False, None), (3, False, "deaf"), (3, True, None), (None, False, None)],
    ids=["nothing waits", "deaf", "at work", "broker away"],
)
def test_only_who_hears_nothing_of_what_waits_is_deaf(
    waiting: int | None, *, busy: bool, verdict: str | None
) -> None:
    def ask() -> int:
        if waiting is None:
            raise BrokerAwayError
        return waiting

    clock = Clock()
    watch = Watch(waiting=ask, is_busy=lambda: busy, now=clock)
    verdicts = []
    for _ in range(8):
        clock.moment += HEARTBEAT_SECONDS / 2
        verdicts.append(watch.look())
    assert verdicts[:6] == [None] * 6, "three beats are allowed"
    assert verdicts[-1] == verdict


def test_a_broker_that_comes_back_gives_the_worker_its_time_anew() -> None:
    clock = Clock()
    answers = itertools.chain([None] * 20, itertools.repeat(5))

    def ask() -> int:
        answer = next(answers)
        if answer is None:
            raise BrokerAwayError
        return answer

    watch = Watch(waiting=ask, is_busy=lambda: False, now=clock)
    for _ in range(20):
        clock.moment += 5
        assert watch.look() is None
    clock.moment += DEAF_SECONDS - 1
    assert watch.look() is None
    watch.hear()
    clock.moment += DEAF_SECONDS
    assert watch.look() is None
    clock.moment += 1
    assert watch.look() == "deaf"


def test_a_broker_that_held_its_answer_back_was_away() -> None:
    clock = Clock()
    held_back = [0.0]

    def ask() -> int:
        clock.moment += held_back[0]
        return 5

    watch = Watch(waiting=ask, is_busy=lambda: False, now=clock)
    held_back[0] = DEAF_SECONDS + 1
    assert watch.look() is None, "the worker has had no time to connect again"
    held_back[0] = 0.0
    clock.moment += DEAF_SECONDS
    assert watch.look() is None
    clock.moment += 1
    assert watch.look() == "deaf"


def test_work_without_an_end_is_stuck() -> None:
    clock = Clock()
    watch = Watch(waiting=lambda: 1, is_busy=lambda: True, now=clock)
    clock.moment += STUCK_SECONDS
    assert watch.look() is None
    clock.moment += 1
    assert watch.look() == "stuck"
