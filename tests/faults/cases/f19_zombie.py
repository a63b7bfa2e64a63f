"""F19: a worker sleeps beyond its lease, another does its work, and the sleeper wakes up."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from sqlalchemy import text

from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck
from tests.faults.paces import moment
from tests.support.fleet import wait_until

if TYPE_CHECKING:
    from typing import Any

    from tests.faults.rig import Rig
    from tests.support.fleet import Member

RATE = 20
SLEEPERS = (
    ("reactions", "after_claim"),
    ("reactions", "before_effect_commit"),
    ("mail", "before_send"),
    ("mail", "after_send"),
)
"""Which worker falls asleep where."""
BOUND_SECONDS = 35
"""A sleeper within a transaction holds its rows until the server ends that, which no pace shortens."""
SETTLED = text(
    "SELECT event_id::text || ' ' || consumer AS what, attempts, done_at FROM reactions WHERE state <> 'due'"
    " UNION ALL SELECT id::text, attempts, settled_at FROM deliveries WHERE state <> 'due'"
)
DUE_BEFORE = text(
    "SELECT (SELECT count(*) FROM reactions JOIN events ON id = event_id"
    " WHERE state = 'due' AND occurred_at < :moment)"
    " + (SELECT count(*) FROM deliveries WHERE state = 'due' AND created_at < :moment)"
)


def run(rig: Rig, plan: Plan) -> Struck:
    """Let one worker after the other sleep in the worst moment; wake it when all its work is done."""
    members = rig.start_all(with_beat=False)
    driver = Driver(rig)
    unmet = []
    taken_over = []
    sleepers = SLEEPERS * (3 if plan.is_full else 1)
    with driver.running(clients=4, rate=RATE):
        driver.wait_for(RATE)
        for queue, point in sleepers:
            rig.strike(lambda queue=queue: rig.kill(members[queue]))  # type: ignore[misc]
            sleeper = rig.worker(queue, HUB_CRASH_AT=f"{point}:1:STOP")
            wait_until(lambda sleeper=sleeper: sleeper.is_stopped, f"{queue} sleeps at {point}")  # type: ignore[misc]
            rig.strikes.append(rig.in_flight())
            members[queue] = rig.worker(queue)
            taken_over.append(_wait_for_successor(rig))
            before = _settled(rig)
            _wake(rig, sleeper)
            after = _settled(rig)
            changed = [what for what, how in before.items() if after.get(what) != how]
            if changed:
                unmet.append(f"{queue} that slept at {point} changed {changed[:3]}")
    return Struck(
        rig.weakest,
        driver,
        extra={"sleepers": len(sleepers), "taken_over_s": [round(seconds, 1) for seconds in taken_over]},
        unmet=unmet,
        # Who slept with a mail in its hand may still hand it over: with the same Message-ID.
        repeats=sum(queue == "mail" for queue, _ in sleepers),
    )


def _wait_for_successor(rig: Rig) -> float:
    """Wait until all that is due now, the sleeper's claims among it, is done; return how long that took."""
    began, struck = time.monotonic(), moment(rig)
    while True:
        with rig.owner.transaction() as session:
            left = session.scalar(DUE_BEFORE, {"moment": struck})
        if not left:
            return time.monotonic() - began
        assert time.monotonic() - began < BOUND_SECONDS, f"{left} still wait for the sleeper"
        time.sleep(0.05)


def _settled(rig: Rig) -> dict[str, Any]:
    with rig.owner.transaction() as session:
        return {what: tuple(how) for what, *how in session.execute(SETTLED)}


def _wake(rig: Rig, sleeper: Member) -> None:
    """Let it finish what it was at, then end it."""
    rig.send(sleeper, signal.SIGCONT)
    wait_until(
        lambda: sleeper.said("succeeded in") or sleeper.said("raised unexpected"), "the sleeper ends its ring"
    )
    rig.send(sleeper, signal.SIGTERM)
    sleeper.wait_for_end()


FAULT = Fault("F19", "A worker wakes up after its lease", bound_s=10, run=run)
