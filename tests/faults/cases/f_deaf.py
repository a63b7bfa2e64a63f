"""C4: a worker that lives and hears nothing is ended by its watchdog, and its successor does the work."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck
from workers.watchdog import EXIT_CODE

if TYPE_CHECKING:
    from tests.faults.rig import Rig

RATE = 20
BEFORE = 40


def run(rig: Rig, _plan: Plan) -> Struck:
    """Put a deaf worker in the place of the one that drains; start another when it has ended."""
    healthy = rig.commands["reactions"]
    deaf = tuple("tests.support.deaf" if word == "workers.app" else word for word in healthy)
    members = rig.start_all()
    driver = Driver(rig)
    with driver.running(clients=4, rate=RATE):
        driver.wait_for(BEFORE)
        rig.strike(lambda: rig.kill(members["reactions"]))
        rig.commands["reactions"] = deaf
        worker = rig.worker("reactions")
        began = time.monotonic()
        code = worker.wait_for_end()
        noticed = time.monotonic() - began
        rig.commands["reactions"] = healthy
        waited = rig.in_flight()
        rig.worker("reactions")
    return Struck(
        rig.weakest,
        driver,
        extra={"noticed_s": round(noticed, 1), "waited_for_the_deaf": waited},
        unmet=[f"the deaf worker ended with {code}"] if code != EXIT_CODE else [],
    )


FAULT = Fault(
    "C4",
    "A worker goes deaf while it stays connected",
    bound_s=30,
    run=run,
    bound_note="noticed within 45 s in production: three heartbeats of 10 s, looked at every 5 s",
)
