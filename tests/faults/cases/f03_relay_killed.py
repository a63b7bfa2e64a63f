"""F03: the relay is killed, before it rings and at random moments."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck

if TYPE_CHECKING:
    from tests.faults.rig import Rig

RATE = 60
ALONE = 40
"""Requests while there is no relay, after which nothing more happens."""
QUIET_SECONDS = 1.0


def run(rig: Rig, plan: Plan) -> Struck:
    """Kill it again and again; every second one dies before its ring. Beat stays away: nobody else rings."""
    members = rig.start_all(with_beat=False)
    driver = Driver(rig)
    relay = members["relay"]
    with driver.running(clients=4, rate=RATE):
        driver.wait_for(20)
        for number in range(10 if plan.is_full else 6):
            time.sleep(rig.random.uniform(0.1, 0.5))
            rig.strike(lambda relay=relay: rig.kill(relay))  # type: ignore[misc]
            if number % 2:
                relay = rig.relay(HUB_CRASH_AT=f"before_ring:{rig.random.randint(1, 3)}")
                assert relay.wait_for_end() == -9
                rig.strike(lambda: None)  # it died with what it was to ring for
            relay = rig.relay()
        rig.strike(lambda: rig.kill(relay))
    _wait_for_quiet(rig)
    with driver.running(clients=4, rate=RATE, at_most=ALONE):
        while driver.is_busy:
            time.sleep(0.05)
    # What was committed while nobody listened: nothing will happen any more that would be rung for.
    missed = rig.strike(rig.relay)
    return Struck(rig.weakest, driver, extra={"kills": len(rig.strikes), "missed": missed})


def _wait_for_quiet(rig: Rig) -> None:
    """Wait until no worker finds more to do: a ring that was heard is served as long as there is work."""
    before = -1
    while (left := rig.unsettled()) != before:
        before = left
        time.sleep(QUIET_SECONDS)


FAULT = Fault("F03", "SIGKILL of the relay", bound_s=5, run=run, in_ci=True)
