"""A worker that sleeps past its lease and wakes up late does nothing a second time."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.support.fleet import wait_until
from tests.support.ledger import counts, is_settled, let_leases_end
from tests.support.publishing import PEOPLE, TASKS, World, publish_outcomes

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from tests.support.fleet import Fleet

EVENTS = 10


def test_paused_worker_that_wakes_late_does_nothing_twice(
    fleet: Fleet, owner: Database, app_database: Database, world: World
) -> None:
    fleet.relay()
    sleeper = fleet.worker(HUB_CRASH_AT="after_claim:1:STOP")
    publish_outcomes(app_database, world, EVENTS)
    wait_until(lambda: sleeper.is_stopped, "the worker sleeps with claims in its hand")
    assert counts(owner).attempted > 0, "work was in flight"

    fleet.worker()
    let_leases_end(owner)
    wait_until(lambda: is_settled(owner), "another worker does it all")
    before = counts(owner)
    sleeper.send(signal.SIGCONT)
    wait_until(lambda: sleeper.answered("ring"), "the sleeper has finished its ring")
    assert counts(owner) == before
    assert (before.done, before.parked) == (3 * EVENTS, 0)
    assert before.notifications == PEOPLE * EVENTS
    assert before.tasks == TASKS * EVENTS
