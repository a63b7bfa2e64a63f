"""One bad event stops nobody: it is tried five times, parked with its reason, and can be replayed."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from hub.messaging import reactions
from tests.support.drainer import spoiled
from tests.support.ledger import counts, let_leases_end
from tests.support.publishing import PEOPLE, World, publish_outcomes
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    import uuid

    from hub.db.transaction import Database
    from tests.support.fleet import Fleet

EVENTS = 12
LANE = "notify"


def reaction(database: Database, event_id: uuid.UUID) -> dict[str, Any]:
    with database.transaction() as session:
        row = session.execute(
            text("SELECT state, attempts, reason FROM reactions WHERE event_id = :id AND consumer = :lane"),
            {"id": event_id, "lane": LANE},
        )
        return dict(row.mappings().one())


def drain_once(fleet: Fleet, owner: Database, how: str, event_id: uuid.UUID) -> int:
    """Drain with a bad consumer; return how the process ended. Only a killer needs one of its own."""
    if how == "raises":
        drain(owner, {**LANES, LANE: spoiled(LANES[LANE], how, event_id)})
        return 0
    member = fleet.start("drainer", (sys.executable, "-m", "tests.support.drainer", LANE, how, str(event_id)))
    return member.wait_for_end()


@pytest.mark.parametrize(("how", "code"), [("raises", 0), ("kills", -9)])
def test_bad_event_parks_while_its_neighbours_pass_and_replays(
    monkeypatch: pytest.MonkeyPatch,
    fleet: Fleet,
    owner: Database,
    app_database: Database,
    world: World,
    how: str,
    code: int,
) -> None:
    # On a busy machine a drain lasts longer than the first wait of a second, and would try again by itself.
    monkeypatch.setattr(reactions, "BACKOFF", (300,))
    published = publish_outcomes(app_database, world, EVENTS)
    bad = published[EVENTS // 2]
    for attempt in range(1, reactions.LAST_ATTEMPT + 1):
        assert drain_once(fleet, owner, how, bad) == code, f"attempt {attempt}"
        assert reaction(owner, bad)["attempts"] == attempt
        let_leases_end(owner, 600)
    if how == "kills":
        # Nobody lived to park it: the next drain does, without touching it.
        assert drain_once(fleet, owner, how, bad) == 0
    parked = reaction(owner, bad)
    assert parked["state"] == "parked"
    assert parked["reason"] == (reactions.ABANDONED if how == "kills" else f"ValueError: cannot digest {bad}")
    seen = counts(owner)
    assert (seen.done, seen.parked, seen.due) == (3 * EVENTS - 1, 1, 0)
    assert seen.notifications == PEOPLE * (EVENTS - 1), "the neighbours passed"

    with app_database.transaction() as session:
        assert reactions.replay(session, event_id=bad) == [(bad, LANE)]
    assert drain(owner, LANES) == 1
    seen = counts(owner)
    assert (seen.done, seen.parked) == (3 * EVENTS, 0)
    assert seen.notifications == PEOPLE * EVENTS


@pytest.mark.parametrize("how", ["loops", "waits"])
def test_event_that_never_comes_to_an_end_is_interrupted(
    monkeypatch: pytest.MonkeyPatch, owner: Database, app_database: Database, world: World, how: str
) -> None:
    monkeypatch.setattr(reactions, "LEASE", dt.timedelta(seconds=2))
    bad, good = publish_outcomes(app_database, world, 2)
    drain(owner, {LANE: spoiled(LANES[LANE], how, bad)})  # a second together, a fifth alone
    seen = reaction(owner, bad)
    assert (seen["state"], seen["attempts"]) == ("due", 1)
    assert seen["reason"] == "TookTooLongError: took longer than 0.2 seconds"
    assert reaction(owner, good)["state"] == "done", "its neighbour passed"


def test_killer_costs_its_neighbours_one_attempt_at_most(
    fleet: Fleet, owner: Database, app_database: Database, world: World
) -> None:
    published = publish_outcomes(app_database, world, EVENTS)
    bad = published[0]
    while reaction(owner, bad)["state"] == "due":
        drain_once(fleet, owner, "kills", bad)
        let_leases_end(owner, 600)
    with owner.transaction() as session:
        most = session.scalars(
            text("SELECT max(attempts) FROM reactions WHERE event_id <> :bad"), {"bad": bad}
        ).one()
    assert most == 2, "once in the batch that the killer ended, once alone"
