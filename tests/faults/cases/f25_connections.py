"""F25: more wish for a connection than PostgreSQL gives: 503, never 500, and soon over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from unittest.mock import patch

from config.embedded import postgres
from tests.faults.crowd import Crowd
from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck
from tests.faults.outage import BACK_SECONDS, answers_again, unmet_by
from tests.faults.small_disk import stop_postgres

if TYPE_CHECKING:
    from tests.faults.rig import Rig

MOST = "20"
READERS = 42
CLIENTS = 8
RATE = 40
WEB = {"503", "200"}


def run(rig: Rig, plan: Plan) -> Struck:
    """Let fifty ask where twenty connections are, those of workers and relay among them."""
    stop_postgres(rig)
    with patch.dict(postgres.SETTINGS, {"max_connections": MOST}):
        rig.servers.start_one("postgres")
    rig.unsettled()  # the rig's own connection is taken first, and kept
    members = rig.start_all()
    driver = Driver(rig)
    crowd = Crowd(rig, READERS)
    with driver.running(clients=CLIENTS, rate=RATE):
        driver.wait_for(20)
        first = len(driver.attempts)
        with crowd.reading():
            rig.strike(lambda: None)
            time.sleep(60 if plan.is_full else 8)
            rig.strike(lambda: None)
        took, unmet = answers_again(driver, CLIENTS, BACK_SECONDS)
    unmet += unmet_by(driver.attempts[first:])
    odd = {answer: count for answer, count in crowd.statuses.items() if answer not in WEB}
    if odd:
        unmet.append(f"readers were answered {odd}")
    if not crowd.statuses["503"] + driver.statuses["503"]:
        unmet.append("nobody was answered 503: the connections were not exhausted")
    unmet += [f"{name} ended" for name, member in members.items() if not member.is_alive]
    extra = {
        "answers_again_s": round(took, 1),
        "answers": dict(driver.statuses),
        "readers": dict(crowd.statuses),
        "longest_answer_s": round(max(crowd.longest, *driver.latencies), 1),
    }
    return Struck(rig.weakest, driver, extra=extra, unmet=unmet)


FAULT = Fault("F25", "Connections exhausted: twenty for fifty clients", bound_s=30, run=run)
