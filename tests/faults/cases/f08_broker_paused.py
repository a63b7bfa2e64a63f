"""F08: the broker is paused: it holds its connections and says nothing. No request may wait for it."""

from __future__ import annotations

import math
import signal
import statistics
import time
from typing import TYPE_CHECKING

from config.celery import SOCKET_SECONDS
from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck

if TYPE_CHECKING:
    from tests.faults.rig import Rig

RATE = 60
CLIENTS = 4
MOST_SLOWER = 1.2
NOISE_SECONDS = 0.02
"""Two quiet stretches differ by so much at their slowest hundredth on a busy machine."""


def run(rig: Rig, plan: Plan) -> Struck:
    """Measure stretches with and without the broker in turns, and compare their slowest hundredths."""
    rig.start_all()
    driver = Driver(rig)
    quiet: list[float] = []
    paused: list[float] = []
    longest = 0.0
    with driver.running(clients=CLIENTS, rate=RATE):
        driver.wait_for(60)
        for _ in range(3):
            stretch = 30.0 if plan.is_full else 3.5
            quiet.append(_p99(driver, stretch)[0])
            pid = rig.server_pid("valkey")
            rig.strike(lambda pid=pid: rig.send(pid, signal.SIGSTOP))  # type: ignore[misc]
            try:
                slow, slowest = _p99(driver, stretch)
            finally:
                rig.send(pid, signal.SIGCONT)
            paused.append(slow)
            longest = max(longest, slowest)
            time.sleep(0.5)
    before, during = statistics.median(quiet), statistics.median(paused)
    failed = {answer: count for answer, count in driver.statuses.items() if not answer.startswith("2")}
    unmet = [f"requests failed while the broker was paused: {failed}"] if failed else []
    if longest >= SOCKET_SECONDS:
        unmet.append(f"a request took {longest:.1f} s: as long as one that waits for the broker")
    if during > MOST_SLOWER * before + NOISE_SECONDS:
        unmet.append(f"p99 rose from {before * 1000:.0f} to {during * 1000:.0f} ms")
    extra = {"p99_ms": round(before * 1000, 1), "p99_paused_ms": round(during * 1000, 1)}
    return Struck(rig.weakest, driver, extra=extra, unmet=unmet)


def _p99(driver: Driver, seconds: float) -> tuple[float, float]:
    """Return the 99th percentile of what is answered in the coming seconds, and the longest."""
    first = len(driver.attempts)
    time.sleep(seconds)
    taken = sorted(attempt.seconds for attempt in driver.attempts[first:])
    assert taken, "nothing was answered"
    return taken[math.ceil(0.99 * len(taken)) - 1], taken[-1]


# What was published meanwhile is worked off then: in the long form thirty seconds at RATE, three times.
FAULT = Fault("F08", "SIGSTOP of the broker", bound_s=30, run=run)
