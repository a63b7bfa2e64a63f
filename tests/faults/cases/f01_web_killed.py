"""F01: the web process is killed, a child or the master, while clients wait for answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck
from tests.support.fleet import wait_until

if TYPE_CHECKING:
    import psutil

    from tests.faults.rig import Rig
    from tests.support.fleet import Member

RATE = 60
POINTS = ("before_commit", "after_commit")
"""A request dies with nothing done, or with all of it done and nobody told."""
EVERY = 12
"""Each web worker dies at so many commits; its successor, too."""
DEATHS = 4
WORKERS = 2
BACK_SECONDS = 5


def run(rig: Rig, plan: Plan) -> Struck:
    """Kill a child, then the master, in turns; then let workers die around their commits."""
    members = rig.start_all()
    driver = Driver(rig)
    longest = 0.0
    with driver.running(clients=4, rate=RATE):
        driver.wait_for(20)
        for number in range(10 if plan.is_full else 4):
            time.sleep(rig.random.uniform(0.2, 0.8))
            master = rig.prove(members["web"].process.pid)
            while driver.rig.open_requests() == 0:
                time.sleep(0.001)
            if number % 2:
                rig.strike(lambda: rig.kill(members["web"]))
                members["web"] = rig.web()
            else:
                child = rig.random.choice(_children(master))
                rig.strike(child.kill)
            began = time.monotonic()
            driver.wait_for(len(driver.acknowledged) + 1)
            longest = max(longest, time.monotonic() - began)
        for point in POINTS:
            rig.strike(lambda: rig.kill(members["web"]))
            doomed = rig.launch("web", HUB_CRASH_AT=f"{point}:{EVERY}")
            wait_until(lambda doomed=doomed: _deaths(doomed) >= DEATHS, f"web workers died at {point}")  # type: ignore[misc]
            rig.strike(lambda doomed=doomed: rig.kill(doomed))  # type: ignore[misc]
            members["web"] = rig.web()
    slow = [f"the first answer after a kill took {longest:.1f} s"] if longest > BACK_SECONDS else []
    return Struck(rig.weakest, driver, extra={"answers_again_s": round(longest, 2)}, unmet=slow)


def _deaths(web: Member) -> int:
    """Return how many web workers had to be replaced."""
    return web.log.read_text(encoding="utf-8", errors="replace").count("Booting worker") - WORKERS


def _children(master: psutil.Process) -> list[psutil.Process]:
    """Return the web workers: children of a process that was proven to be the rig's own."""
    deadline = time.monotonic() + BACK_SECONDS
    while not (found := [each for each in master.children(recursive=True) if not each.children()]):
        assert time.monotonic() < deadline, "the web process has no worker"
        time.sleep(0.01)
    return found


FAULT = Fault("F01", "SIGKILL of the web process", bound_s=30, run=run, in_ci=True)
