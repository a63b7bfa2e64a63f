"""The broker may be paused, killed or emptied: publishing goes on, and nothing is lost."""

from __future__ import annotations

import dataclasses
import signal
import time
from typing import TYPE_CHECKING

import pytest
from redis import Redis

from config.queues import REACTIONS
from tests.support.fleet import Fleet, wait_until
from tests.support.ledger import counts, is_settled
from tests.support.publishing import PEOPLE, TASKS, World, publish_outcomes
from tests.support.services import Servers, private_servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from config.settings import Settings
    from hub.db.transaction import Database

EVENTS = 30
PUBLISHING_SECONDS = 5
"""Far more than thirty small transactions take; a wait for the broker would take longer."""


@pytest.fixture
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Yield a broker of the test's own: it is paused, killed and emptied here."""
    with private_servers(tmp_path_factory.mktemp("broker")) as started:
        yield started


@pytest.fixture
def fleet(settings: Settings, servers: Servers, tmp_path: Path) -> Iterator[Fleet]:
    """Yield a fleet on the test's database and on its own broker."""
    with Fleet(dataclasses.replace(settings, redis_url=servers.addresses().broker(0), home=tmp_path)) as made:
        yield made


def pause(servers: Servers) -> Callable[[], None]:
    """Pause the broker; return how to let it go on."""
    broker = servers.children["valkey"]
    broker.send_signal(signal.SIGSTOP)
    return lambda: broker.send_signal(signal.SIGCONT)


def kill(servers: Servers) -> Callable[[], None]:
    """Kill the broker; return how to bring it back, empty."""
    servers.children["valkey"].kill()
    servers.children["valkey"].wait()
    return lambda: servers.start_one("valkey")


def flush(servers: Servers) -> Callable[[], None]:
    """Empty the broker; there is nothing to bring back."""
    with Redis.from_url(servers.addresses().broker(0)) as client:
        client.flushall()
    return lambda: None


@pytest.mark.parametrize("strike", [pause, kill, flush])
def test_broker_struck_in_the_middle_loses_nothing(
    fleet: Fleet,
    servers: Servers,
    owner: Database,
    app_database: Database,
    world: World,
    strike: Callable[[Servers], Callable[[], None]],
) -> None:
    fleet.relay()
    worker = fleet.worker()
    # The worker sleeps until the strike is over: what is rung meanwhile lies in the broker.
    worker.send(signal.SIGSTOP)
    wait_until(lambda: worker.is_stopped, "the worker sleeps")
    publish_outcomes(app_database, world, EVENTS)
    with Redis.from_url(servers.addresses().broker(0)) as client:
        wait_until(lambda: client.llen(f"hub:{REACTIONS}"), "a ring waits in the broker")
    cure = strike(servers)
    started = time.monotonic()
    publish_outcomes(app_database, world, EVENTS)
    assert time.monotonic() - started < PUBLISHING_SECONDS, "publishing did not wait for the broker"
    assert counts(owner).due == 6 * EVENTS, "work was in flight"
    cure()
    worker.send(signal.SIGCONT)
    wait_until(lambda: is_settled(owner), "everything is answered")
    seen = counts(owner)
    assert (seen.done, seen.parked) == (6 * EVENTS, 0)
    assert seen.notifications == PEOPLE * 2 * EVENTS
    assert seen.tasks == TASKS * 2 * EVENTS
