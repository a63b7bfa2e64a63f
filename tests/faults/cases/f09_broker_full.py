"""F09: the broker is full, then read-only: it answers, but takes no ring. The doctor says so."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import redis

from hub.cli.checks import examine
from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck

if TYPE_CHECKING:
    from tests.faults.rig import Rig

RATE = 40
ALERT_SECONDS = 60
FULL = {"maxmemory-policy": "noeviction", "maxmemory": "1"}
ROOMY = {"maxmemory": "0"}


def run(rig: Rig, plan: Plan) -> Struck:
    """Fill it and free it; make it a copy of nobody, which takes no writes, and make it its own again."""
    members = rig.start_all()
    driver = Driver(rig)
    broker = redis.Redis.from_url(rig.settings.redis_url)
    unmet: list[str] = []
    alerts: list[float] = []

    def be_full() -> None:
        for name, value in FULL.items():
            broker.config_set(name, value)

    def be_roomy() -> None:
        for name, value in ROOMY.items():
            broker.config_set(name, value)

    def be_read_only() -> None:
        broker.replicaof("127.0.0.1", "1")

    def be_its_own() -> None:
        broker.replicaof("NO", "ONE")

    with driver.running(clients=4, rate=RATE):
        driver.wait_for(20)
        for spoil, mend in ((be_full, be_roomy), (be_read_only, be_its_own)):
            rig.server_pid("valkey")
            rig.strike(spoil)
            began = time.monotonic()
            try:
                alerts.append(_alerted(rig, began))
                time.sleep(max(0, (30 if plan.is_full else 4) - (time.monotonic() - began)))
                _raises_again(rig)
            finally:
                mend()
            time.sleep(1)
    broker.close()
    failed = {answer: count for answer, count in driver.statuses.items() if not answer.startswith("2")}
    if failed:
        unmet.append(f"requests failed while the broker took nothing: {failed}")
    unmet += [f"{name} ended" for name, member in members.items() if not member.is_alive]
    return Struck(rig.weakest, driver, extra={"alert_s": round(max(alerts), 1)}, unmet=unmet)


def _alerted(rig: Rig, began: float) -> float:
    """Return after how many seconds the doctor raised the alarm."""
    while not _raises_again(rig):
        assert time.monotonic() - began < ALERT_SECONDS, "no alert"
        time.sleep(0.2)
    return time.monotonic() - began


def _raises_again(rig: Rig) -> bool:
    return any(finding.status == "fail" for finding in examine(rig.settings, ("broker",)))


FAULT = Fault("F09", "Broker full, then read-only", bound_s=10, run=run)
