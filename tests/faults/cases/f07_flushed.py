"""F07: everything in the broker is deleted while work is under way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import redis

from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck

if TYPE_CHECKING:
    from tests.faults.rig import Rig

RATE = 60


def run(rig: Rig, plan: Plan) -> Struck:
    """Flush again and again; the server was proven to be the rig's own."""
    rig.start_all()
    driver = Driver(rig)
    broker = redis.Redis.from_url(rig.settings.redis_url)
    with driver.running(clients=4, rate=RATE):
        driver.wait_for(20)
        for _ in range(20 if plan.is_full else 6):
            time.sleep(rig.random.uniform(0.3, 1.0))
            rig.server_pid("valkey")
            rig.strike(broker.flushall)
    broker.close()
    return Struck(rig.weakest, driver, extra={"flushes": len(rig.strikes)})


FAULT = Fault("F07", "FLUSHALL of the broker", bound_s=30, run=run, in_ci=True)
