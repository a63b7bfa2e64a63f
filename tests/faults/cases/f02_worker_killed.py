"""F02: workers are killed at every named point and at random moments."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck

if TYPE_CHECKING:
    from tests.faults.rig import Rig

RATE = 40
POINTS = {
    "reactions": ("after_claim", "before_effect_commit", "after_effect_commit"),
    "mail": ("before_send", "after_send", "after_settle"),
}


def run(rig: Rig, plan: Plan) -> Struck:
    """Kill each kind of worker at each of its points, then both at random moments."""
    members = rig.start_all()
    driver = Driver(rig)
    points = {queue: iter(names) for queue, names in POINTS.items()}
    with driver.running(clients=4, rate=RATE):
        driver.wait_for(20)
        for _ in POINTS["reactions"]:
            for queue, names in points.items():
                at = rig.random.randint(1, 3)
                rig.strike(lambda queue=queue: rig.kill(members[queue]))  # type: ignore[misc]
                doomed = rig.worker(queue, HUB_CRASH_AT=f"{next(names)}:{at}")
                before = rig.in_flight()
                assert doomed.wait_for_end() == -9
                rig.strikes.append(max(before, rig.in_flight()))
                members[queue] = rig.worker(queue)
        for _ in range(10 if plan.is_full else 3):
            for queue in POINTS:
                time.sleep(rig.random.uniform(0.05, 0.4))
                rig.strike(lambda queue=queue: rig.kill(members[queue]))  # type: ignore[misc]
                members[queue] = rig.worker(queue)
    return Struck(rig.weakest, driver, extra={"kills": len(rig.strikes)}, repeats=len(rig.strikes))


FAULT = Fault(
    "F02",
    "SIGKILL of workers, at named points and at random",
    bound_s=15,
    run=run,
    in_ci=True,
    bound_note="90 s for mail and 30 s for reactions in production; leases are a tenth here, starting is not",
)
