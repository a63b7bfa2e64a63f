"""F10: PostgreSQL is stopped at once or killed; commits whose answer never came are asked for again."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck
from tests.faults.outage import unmet_by

if TYPE_CHECKING:
    from tests.faults.rig import Rig

RATE = 60
CLIENTS = 8
BACK_SECONDS = 10


def run(rig: Rig, plan: Plan) -> Struck:
    """Strike in turns with SIGQUIT (an immediate stop) and SIGKILL; nobody else is started again."""
    members = rig.start_all()
    driver = Driver(rig)
    longest = 0.0
    with driver.running(clients=CLIENTS, rate=RATE):
        driver.wait_for(20)
        for number in range(5 if plan.is_full else 3):
            time.sleep(rig.random.uniform(0.5, 1.5))
            server = rig.server_pid("postgres")
            rig.strike(lambda pid=server, kill=number % 2: _stop(rig, pid, kill))  # type: ignore[misc]
            rig.servers.start_one("postgres")
            began = time.monotonic()
            driver.wait_for(len(driver.acknowledged) + CLIENTS)
            longest = max(longest, time.monotonic() - began)
    unmet = [f"{name} ended" for name, member in members.items() if not member.is_alive]
    unmet += unmet_by(driver.attempts)
    if longest > BACK_SECONDS:
        unmet.append(f"requests were answered again only {longest:.1f} s after the database was back")
    errors = {answer: count for answer, count in driver.statuses.items() if not answer.startswith("2")}
    return Struck(
        rig.weakest, driver, extra={"answers_again_s": round(longest, 1), "answers": errors}, unmet=unmet
    )


def _stop(rig: Rig, pid: int, kill: int) -> None:
    """End the server, which was proven to be the rig's own, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL if kill else signal.SIGQUIT)
    rig.servers.children["postgres"].wait()


FAULT = Fault("F10", "Immediate stop and SIGKILL of PostgreSQL", bound_s=30, run=run, in_ci=True)
