"""F02 with production's own leases and waits: how long a worker's death delays what it had claimed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import text

from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck

if TYPE_CHECKING:
    from tests.faults.rig import Rig

RATE = 30
REACTIONS_SECONDS = 30
MAIL_SECONDS = 90
BLOWS = (("reactions", "after_claim"), ("mail", "before_send"))
LEFT = {
    "reactions": text("SELECT count(*) FROM reactions WHERE state = 'due'"),
    "mail": text("SELECT count(*) FROM deliveries WHERE state = 'due'"),
}
BOUNDS = {"reactions": REACTIONS_SECONDS, "mail": MAIL_SECONDS}


def run(rig: Rig, _plan: Plan) -> Struck:
    """Let a worker of each kind die with a full hand, start another, and wait for what it held."""
    members = rig.start_all()
    driver = Driver(rig)
    took: dict[str, float] = {}
    for queue, point in BLOWS:
        with driver.running(clients=4, rate=RATE):
            driver.wait_for(len(driver.acknowledged) + RATE)
            rig.strike(lambda queue=queue: rig.kill(members[queue]))  # type: ignore[misc]
            time.sleep(1)
            doomed = rig.launch(queue, HUB_CRASH_AT=f"{point}:1")
            assert doomed.wait_for_end() == -9
            died = time.monotonic()
            rig.strike(lambda queue=queue: rig.worker(queue))  # type: ignore[misc]
        took[queue] = _wait(rig, queue, died)
    unmet = [f"{queue} recovered after {s:.0f} s" for queue, s in took.items() if s > BOUNDS[queue]]
    return Struck(
        rig.weakest,
        driver,
        extra={"recovered_s": {queue: round(seconds, 1) for queue, seconds in took.items()}},
        unmet=unmet,
        settled_s=max(took.values()),
    )


def _wait(rig: Rig, queue: str, died: float) -> float:
    """Wait until nothing of this kind is due; return how long after the death that was."""
    while True:
        with rig.owner.transaction() as session:
            left = session.scalar(LEFT[queue])
        passed = time.monotonic() - died
        if not left or passed > 2 * BOUNDS[queue]:
            return passed
        time.sleep(0.1)


FAULT = Fault(
    "F02P",
    "SIGKILL of workers, production's leases",
    bound_s=MAIL_SECONDS,
    run=run,
    in_short=False,
    bound_note="production's own pace: 30 s for reactions, 90 s for mail",
    rig={"pace": 1},
)
