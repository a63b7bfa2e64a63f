"""A worker may be killed at any point: nothing is lost and nothing takes effect twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.fleet import wait_until
from tests.support.ledger import counts, is_settled, let_leases_end, projections
from tests.support.publishing import PEOPLE, RECORDS, TASKS, World, publish_outcomes

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from tests.support.fleet import Fleet

EVENTS = 5


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("point", ["after_claim", "before_effect_commit", "after_effect_commit"])
def test_worker_killed_loses_and_doubles_nothing(
    fleet: Fleet, owner: Database, app_database: Database, world: World, point: str, at: int
) -> None:
    fleet.relay()
    doomed = fleet.worker(HUB_CRASH_AT=f"{point}:{at}")
    publish_outcomes(app_database, world, EVENTS)
    assert doomed.wait_for_end() == -9
    struck = counts(owner)
    assert struck.attempted > 0, "work was in flight"
    assert struck.due > 0, "and not all of it was done"

    fleet.worker()
    let_leases_end(owner)
    wait_until(lambda: is_settled(owner), "everything is answered")
    seen = counts(owner)
    assert (seen.done, seen.parked) == (3 * EVENTS, 0)
    assert seen.notifications == PEOPLE * EVENTS
    assert seen.tasks == TASKS * EVENTS
    assert seen.records == RECORDS
    assert seen.timeline == RECORDS * EVENTS
    records, _ = projections(owner)
    assert {record["open_follow_ups"] for record in records} == {TASKS * EVENTS}  # type: ignore[index]
