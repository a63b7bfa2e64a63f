"""F02: workers are killed at every named point in the lane of every consumer, and at random moments."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hub.messaging.subscriptions import consumers
from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck

if TYPE_CHECKING:
    from tests.faults.rig import Rig
    from tests.support.fleet import Member

RATE = 20
POINTS = ("after_claim", "before_effect_commit", "after_effect_commit")
TOGETHER = 4
"""Doomed workers at a time: more would only wait for the processor."""
MAIL_POINTS = ("before_send", "after_send", "after_settle")
COMMIT_POINTS = ("before_commit", "after_commit")
"""Passed with every transaction of a worker, its first look at the clock included."""


def run(rig: Rig, plan: Plan) -> Struck:
    """Let workers die where they are told to, then both kinds at random moments."""
    members = rig.start_all()
    driver = Driver(rig)
    with driver.running(clients=4, rate=RATE):
        driver.wait_for(20)
        rig.strike(lambda: rig.kill(members["reactions"]))
        doomed = [(point, name) for name in consumers() for point in POINTS]
        _die(rig, "reactions", [_crash(point, rig) | {"RIG_LANE": name} for point, name in doomed])
        _die(rig, "reactions", [_crash(point, rig, most=9) for point in COMMIT_POINTS])
        members["reactions"] = rig.worker("reactions")
        rig.strike(lambda: rig.kill(members["mail"]))
        _die(rig, "mail", [_crash(point, rig) for point in (*MAIL_POINTS, *COMMIT_POINTS)])
        members["mail"] = rig.worker("mail")
        for _ in range(10 if plan.is_full else 3):
            for queue in ("reactions", "mail"):
                time.sleep(rig.random.uniform(0.05, 0.4))
                rig.strike(lambda queue=queue: rig.kill(members[queue]))  # type: ignore[misc]
                members[queue] = rig.worker(queue)
    return Struck(
        rig.weakest,
        driver,
        extra={"kills": len(rig.strikes), "points": len(doomed) + len(MAIL_POINTS) + 2 * len(COMMIT_POINTS)},
        repeats=len(rig.strikes),
    )


def _crash(point: str, rig: Rig, most: int = 2) -> dict[str, str]:
    """Return the variable that ends a worker when it comes to this point the first, second, … time."""
    return {"HUB_CRASH_AT": f"{point}:{rig.random.randint(1, most)}"}


def _die(rig: Rig, queue: str, doomed: list[dict[str, str]]) -> None:
    """Start them, a few at a time, and wait until each has met its end: each a blow of its own."""
    for first in range(0, len(doomed), TOGETHER):
        started = [_doomed(rig, queue, extra) for extra in doomed[first : first + TOGETHER]]
        for member in started:
            assert member.wait_for_end() == -9, "a worker did not come to its point"
            rig.strike(lambda: None)  # it died with what it had claimed, and more is waiting


def _doomed(rig: Rig, queue: str, extra: dict[str, str]) -> Member:
    """Start one, in its lane if it has one, and do not wait: it may be dead before it is ready."""
    if "RIG_LANE" not in extra:
        return rig.launch(queue, **extra)
    command = list(rig.commands[queue])
    place = command.index("--app") + 1
    extra = extra | {"RIG_APP": command[place]}
    command[place] = "tests.faults.sabotage.one_lane"
    return rig.launch(queue, tuple(command), **extra)


FAULT = Fault(
    "F02",
    "SIGKILL of workers, at every named point of every consumer and at random",
    bound_s=15,
    run=run,
    in_ci=True,
    bound_note="90 s for mail and 30 s for reactions in production; leases are a tenth here, starting is not",
)
