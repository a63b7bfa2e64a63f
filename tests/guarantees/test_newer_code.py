"""New code beside old: an old worker leaves unknown work due; a new consumer gets what it missed."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.messaging import reactions
from tests.support.ledger import counts
from tests.support.publishing import World, publish_outcomes
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from tests.support.fleet import Fleet

EVENTS = 8
NEW = "count-visits"


def test_old_worker_leaves_an_unknown_consumer_due(
    fleet: Fleet, owner: Database, app_database: Database, world: World
) -> None:
    published = publish_outcomes(app_database, world, EVENTS)
    member = fleet.start(
        "old worker", (sys.executable, "-m", "tests.support.drainer", "notify", "unknown", str(published[0]))
    )
    assert member.wait_for_end() == 0
    seen = counts(owner)
    assert (seen.done, seen.due, seen.parked) == (2 * EVENTS, EVENTS, 0)
    drain(owner, LANES)
    assert counts(owner).done == 3 * EVENTS


def test_old_worker_leaves_an_unknown_version_due(
    owner: Database, app_database: Database, world: World
) -> None:
    published = publish_outcomes(app_database, world, EVENTS)
    with owner.transaction() as session:
        session.execute(text("UPDATE events SET version = 2 WHERE id = :id"), {"id": published[0]})
    drain(owner, LANES)
    seen = counts(owner)
    assert (seen.done, seen.due, seen.parked, seen.attempted) == (
        3 * (EVENTS - 1),
        3,
        0,
        3 * (EVENTS - 1),
    )


def test_new_consumer_is_backfilled_once(owner: Database, app_database: Database, world: World) -> None:
    published = publish_outcomes(app_database, world, EVENTS)
    drain(owner, LANES)
    since = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    for expected in (EVENTS, 0):
        with app_database.transaction() as session:
            added = reactions.backfill(session, consumer=NEW, types=["outcome.published"], since=since)
        assert added == expected
    answered: list[object] = []

    def count_visits(_session: object, event_ids: object) -> dict[object, dict[str, int]]:
        ids = list(event_ids)  # type: ignore[call-overload]
        answered.extend(ids)
        return {event_id: {"visits": 1} for event_id in ids}

    assert drain(owner, {**LANES, NEW: count_visits}) == EVENTS  # type: ignore[dict-item]
    assert sorted(answered, key=str) == sorted(published, key=str)
