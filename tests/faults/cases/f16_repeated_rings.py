"""F16: each ring comes three times, to two workers at once, and what is due is shuffled all the time."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import text

from hub.db.transaction import Database
from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck
from tests.support.ledger import projections
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.rig import Rig

RATE = 40
ENOUGH = {False: 300, True: 2000}
SHUFFLE_SECONDS = 0.05
SETTLE_SECONDS = 20
ORDERED = "ordered"
SHUFFLE = (
    text(
        "UPDATE reactions SET due_at = hub_now() + (random() - 0.3) * interval '0.5 s'"
        " WHERE state = 'due' AND attempts = 0"
    ),
    text(
        "UPDATE deliveries SET due_at = hub_now() + (random() - 0.3) * interval '0.5 s'"
        " WHERE state = 'due' AND attempts = 0"
    ),
)
FORGET = text("TRUNCATE partner_records, partner_timeline, tasks, reminders CASCADE")
# In the order in which it all happened, and all of it due now.
AGAIN = text(
    """
    UPDATE reactions SET state = 'due', attempts = 0, done_at = NULL, summary = NULL, took_ms = NULL,
                         due_at = hub_now() - interval '1 day' + place.number * interval '1 ms'
    FROM (SELECT id, row_number() OVER (ORDER BY occurred_at, id) AS number FROM events) AS place
    WHERE place.id = event_id AND consumer IN ('open-tasks', 'partner-record')
    """
)
# Whatever a task is but for its number, and every reminder.
TASKS = text(
    """
    SELECT to_jsonb(t) - 'id' - 'opened_at' || jsonb_build_object('reminders', (
        SELECT jsonb_agg(to_jsonb(r) - 'id' - 'task_id' ORDER BY r.slot_on, r.kind)
        FROM reminders r WHERE r.task_id = t.id))
    FROM tasks t ORDER BY commitment_id
    """
)


def run(rig: Rig, plan: Plan) -> Struck:
    """Let the storm rage until enough was asked for; then do it all once more, in order, and compare."""
    rig.commands["relay"] = (sys.executable, "-m", "tests.faults.sabotage.repeating")
    rig.start_all()
    for queue in ("reactions", "mail"):
        rig.worker(queue)
    driver = Driver(rig)
    with _shuffling(rig), driver.running(clients=8, rate=RATE, at_most=ENOUGH[plan.is_full]):
        while driver.is_busy:
            rig.strike(lambda: None)
            threading.Event().wait(0.5)
    settled = rig.settle(SETTLE_SECONDS)
    shuffled = _everything(rig.owner)
    return Struck(
        rig.weakest,
        driver,
        extra={"rows": len(shuffled)},
        unmet=_differences(shuffled, _in_order(rig)),
        settled_s=settled,
        # Two workers never hold the same mail, however often both are rung for.
        repeats=0,
    )


@contextlib.contextmanager
def _shuffling(rig: Rig) -> Iterator[None]:
    """Give everything that nobody has tried yet another turn, again and again."""
    enough = threading.Event()

    def shuffle() -> None:
        while not enough.wait(SHUFFLE_SECONDS):
            for statement in SHUFFLE:
                with rig.owner.transaction() as session:
                    session.execute(statement)

    thread = threading.Thread(target=shuffle)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def _everything(database: Database) -> list[object]:
    """Return every row that does not depend on the order in which numbers were given."""
    with database.transaction() as session:
        tasks = list(session.scalars(TASKS))
    records, timeline = projections(database)
    return [*records, *timeline, *tasks]


def _in_order(rig: Rig) -> list[object]:
    """Return the same rows of a copy of the database, answered one by one in the order of the events."""
    for member in rig.fleet.members:
        if member.is_alive and member.name != "sink":
            rig.send(member, signal.SIGTERM)
            member.wait_for_end()
    rig.owner.dispose()
    rig.app.dispose()
    addresses = rig.servers.addresses()
    with psycopg.connect(addresses.database("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{ORDERED}" TEMPLATE "rig"')
    copy = rig.with_database(ORDERED)
    owner, worker = Database.connect(copy, "owner"), Database.connect(copy, "worker")
    try:
        with owner.transaction() as session:
            session.execute(FORGET)
            session.execute(AGAIN)
        while drain(worker, LANES, batch=1):
            pass
        return _everything(owner)
    finally:
        owner.dispose()
        worker.dispose()


def _differences(shuffled: list[object], ordered: list[object]) -> list[str]:
    if shuffled == ordered:
        return []
    differing = [
        {name: (one.get(name), other.get(name)) for name in one.keys() | other.keys()}
        for one, other in zip(shuffled, ordered, strict=False)
        if one != other and isinstance(one, dict) and isinstance(other, dict)
    ]
    told = [{name: pair for name, pair in row.items() if pair[0] != pair[1]} for row in differing]
    return [f"{len(shuffled)} rows, {len(ordered)} in order, {len(told)} differ", *map(str, told[:3])]


FAULT = Fault("F16", "Each ring three times, due rows shuffled", bound_s=10, run=run, in_ci=True)
