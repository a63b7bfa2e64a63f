"""F12: the disk under PostgreSQL is full; then only the one under its log. 503, an alert, nothing lost.

The log keeps its old pieces and writes into them again, so for the second the case makes PostgreSQL begin new
pieces until there is no room for one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from typing import TYPE_CHECKING

import psycopg

from hub.cli.checks import examine
from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck
from tests.faults.outage import answers_again, unmet_by, wait_for_503
from tests.faults.small_disk import small_disk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.rig import Rig
    from tests.faults.small_disk import SmallDisk

RATE = 40
CLIENTS = 4
DISK_MEGABYTES = 400
LARGER_MEGABYTES = 800
LEFT_KILOBYTES = 64
FULL_SECONDS = 60


def run(rig: Rig, plan: Plan) -> Struck:
    """Fill the disk under load, look whether the alarm is raised, enlarge it, and see requests pass again."""
    data = rig.servers.postgres.data
    driver = Driver(rig)
    extra: dict[str, object] = {}
    unmet: list[str] = []
    is_started = False
    for name, folder in (("data", data), ("log", data / "pg_wal"))[: 2 if plan.is_full else 1]:
        with small_disk(rig, folder, megabytes=DISK_MEGABYTES) as disk:
            if not is_started:
                rig.start_all()
                is_started = True
            told, broken = _fill(rig, driver, disk, seconds=15 if plan.is_full else 4, is_log=name == "log")
            extra[name] = told
            unmet += broken
            rig.settle(60)
    extra["answers"] = dict(driver.statuses)
    return Struck(rig.weakest, driver, extra=extra, unmet=unmet)


def _fill(
    rig: Rig, driver: Driver, disk: SmallDisk, *, seconds: float, is_log: bool
) -> tuple[dict[str, object], list[str]]:
    with driver.running(clients=CLIENTS, rate=RATE):
        driver.wait_for(len(driver.acknowledged) + 20)
        first = len(driver.attempts)
        rig.strike(lambda: disk.fill(leave_kilobytes=LEFT_KILOBYTES))
        if is_log:
            _use_up_the_log(rig, driver)
        else:
            wait_for_503(driver, seconds=FULL_SECONDS)
        time.sleep(seconds)
        alerts = _alerts(rig, disk.folder)
        disk.enlarge(LARGER_MEGABYTES)
        ended = rig.servers.children["postgres"].poll() is not None
        if ended:  # as its supervisor would
            rig.servers.start_one("postgres")
        took, unmet = answers_again(driver, CLIENTS)
        unmet += unmet_by(driver.attempts[first:])
    if not alerts:
        unmet.append("the doctor raised no alarm")
    return {"answers_again_s": round(took, 1), "server_ended": ended, "alert": alerts}, unmet


def _use_up_the_log(rig: Rig, driver: Driver) -> None:
    """Let PostgreSQL begin one piece of its log after the other until somebody is answered 503."""
    login = rig.servers.addresses().database("postgres")
    before = driver.statuses["503"]
    deadline = time.monotonic() + FULL_SECONDS
    while driver.statuses["503"] == before:
        assert time.monotonic() < deadline, "nobody was answered 503"
        # It refuses, or has ended; and only the login itself may ask for a new piece.
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(login, connect_timeout=2) as asking,
        ):
            asking.execute("SELECT pg_switch_wal()")
        time.sleep(0.2)


def _alerts(rig: Rig, place: Path) -> str:
    """Return what the doctor says of the full disk, asked where the embedded server lies."""
    at_home = dataclasses.replace(rig.settings, home=rig.folder)
    return "; ".join(
        finding.says.replace(str(rig.folder), "…")
        for finding in examine(at_home, ("disk",))
        if finding.status == "fail" and str(place) in finding.says
    )


FAULT = Fault("F12", "Disk full", bound_s=30, run=run)
