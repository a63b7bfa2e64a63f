"""F26: a deploy under load: web by SIGHUP, everybody else by SIGTERM and a new start. No request fails."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import psutil

from config.queues import QUEUES
from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck
from tests.support.fleet import wait_until

if TYPE_CHECKING:
    from tests.faults.rig import Rig

RATE = 24
CLIENTS = 6
REPLACED_SECONDS = 60


def run(rig: Rig, plan: Plan) -> Struck:
    """Restart all of it, round by round; every old process ends by itself."""
    rig.start_all()
    driver = Driver(rig)
    others = ("relay", *QUEUES, "beat")
    rounds = 10 if plan.is_full else 3
    unmet: list[str] = []
    with driver.running(clients=CLIENTS, rate=RATE):
        driver.wait_for(20)
        for number in range(rounds):
            rig.strike(lambda: _reload(rig))
            for name in others[number % len(others) :: rounds] if not plan.is_full else others:
                unmet += _restart(rig, name)
            time.sleep(0.5)
    failed = {answer: count for answer, count in driver.statuses.items() if not answer.startswith("2")}
    if failed:
        unmet.append(f"requests failed: {failed}")
    longest = max(driver.latencies)
    extra = {"rounds": rounds, "longest_answer_s": round(longest, 2)}
    return Struck(rig.weakest, driver, extra=extra, unmet=unmet, repeats=0)


def _reload(rig: Rig) -> None:
    """Have the web's processes replaced, and wait until the old ones have ended by themselves."""
    master = psutil.Process(rig.members["web"].process.pid)
    old = master.children()
    rig.send(rig.members["web"], signal.SIGHUP)
    wait_until(
        lambda: not any(_lives(child) for child in old),
        "the old web processes end",
        seconds=REPLACED_SECONDS,
    )


def _lives(process: psutil.Process) -> bool:
    """Return whether a process goes on; it may end while it is asked."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _restart(rig: Rig, name: str) -> list[str]:
    """End a member in order and start it again."""
    member = rig.members[name]
    rig.send(member, signal.SIGTERM)
    code = member.wait_for_end()
    starts = {"relay": rig.relay, "beat": rig.beat}
    starts[name]() if name in starts else rig.worker(name)
    return [f"{name} ended with {code}"] if code else []


FAULT = Fault("F26", "Rolling restart under load", bound_s=15, run=run)
