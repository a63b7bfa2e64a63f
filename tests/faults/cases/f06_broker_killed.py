"""F06: the broker is killed and stays away for a while; the web process must not notice."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck

if TYPE_CHECKING:
    from tests.faults.rig import Rig

RATE = 40


def run(rig: Rig, plan: Plan) -> Struck:
    """Kill it, leave it away, bring it back; no request may fail meanwhile."""
    rig.start_all()
    driver = Driver(rig)
    with driver.running(clients=4, rate=RATE):
        driver.wait_for(20)
        for away in (1, 8, 30) if plan.is_full else (1, 4):
            rig.strike(lambda: rig.kill_server("valkey"))
            time.sleep(away)
            rig.servers.start_one("valkey")
            time.sleep(1)
    failed = {answer: count for answer, count in driver.statuses.items() if not answer.startswith("2")}
    unmet = [f"requests failed while the broker was away: {failed}"] if failed else []
    return Struck(rig.weakest, driver, unmet=unmet)


FAULT = Fault("F06", "SIGKILL of the broker", bound_s=10, run=run, in_ci=True)
