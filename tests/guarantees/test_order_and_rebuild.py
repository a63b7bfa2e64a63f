"""Order does not matter, and a rebuilt record equals the running one, row for row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.partners.rebuilding import rebuild
from tests.support.fleet import wait_until
from tests.support.ledger import is_settled, projections
from tests.support.publishing import World, publish_outcomes, shuffle_due
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from tests.support.fleet import Fleet

EVENTS = 25
AGAIN = text("UPDATE reactions SET state = 'due', done_at = NULL, attempts = 0")


def test_shuffled_events_give_equal_records(
    fleet: Fleet, owner: Database, app_database: Database, world: World
) -> None:
    publish_outcomes(app_database, world, EVENTS)
    assert drain(owner, LANES) == 3 * EVENTS
    ordered = projections(owner)
    assert len(ordered[1]) == 2 * EVENTS
    with owner.transaction() as session:
        session.execute(text("TRUNCATE partner_records, partner_timeline"))
        session.execute(AGAIN)
    shuffle_due(owner)
    fleet.worker()
    fleet.worker()
    fleet.relay()
    wait_until(lambda: is_settled(owner), "everything is answered again, in another order")
    assert projections(owner) == ordered


def test_rebuilt_records_equal_running_ones(owner: Database, app_database: Database, world: World) -> None:
    publish_outcomes(app_database, world, EVENTS)
    drain(owner, LANES)
    running = projections(owner)
    with owner.transaction() as session:
        rebuilt = rebuild(session, dry_run=False)
    assert rebuilt.is_clean
    assert projections(owner) == running
