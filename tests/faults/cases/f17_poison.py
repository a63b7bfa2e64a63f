"""F17: events that raise, kill, hoard, never end or cannot be read are parked, and their neighbours pass."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from config.processes import worker
from hub.cli.checks import examine
from hub.messaging.reactions import LAST_ATTEMPT, LEASE, replay
from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck
from tests.faults.mails import Newsroom
from tests.faults.paces import Span, moment, p95
from tests.faults.sabotage.poisoned import HOWS, LANE

if TYPE_CHECKING:
    import uuid

    from tests.faults.rig import Rig

UNREADABLE = "unreadable"
RATE = 40
QUIET_SECONDS = {False: 4, True: 10}
POISONED_SECONDS = {False: 8, True: 25}
EACH = {False: 1, True: 4}
"""How many events of each kind are poisoned."""
PARK_SECONDS = 60
RESTART_SECONDS = 2
"""How long a pool takes to put another process in the place of one that was killed; no pace shortens it. Who
shares a batch with a killer waits so long and until the claim's lease ends: 95 of 100 neighbours are answered
at most that much later than usual."""

TABLE = "CREATE TABLE poison (event_id uuid PRIMARY KEY, how text NOT NULL)"
GRANT = "GRANT SELECT ON poison TO hub_worker"
SPOIL = text("INSERT INTO poison (event_id, how) VALUES (:id, :how)")
# No release ever wrote such a date; it stands for a payload that the consumer cannot read.
GARBLE = text('UPDATE events SET data = data || \'{"starts_at": "never"}\' WHERE id = :id')
MEND = text("UPDATE events SET data = data - 'starts_at' WHERE id = ANY(:ids)")
STATES = text(
    "SELECT event_id, consumer, state, attempts, reason FROM reactions WHERE event_id = ANY(:ids)"
    " ORDER BY event_id, consumer"
)


@dataclass(slots=True)
class Poisoner:
    """Publishes events of which one consumer falls ill."""

    rig: Rig
    newsroom: Newsroom
    made: dict[uuid.UUID, str] = field(default_factory=dict)

    def publish(self, how: str) -> None:
        """Publish one, whole with its poison."""
        with self.rig.owner.transaction() as session:
            event_id = self.newsroom.publish(session)
            if how == UNREADABLE:
                session.execute(GARBLE, {"id": event_id})
            session.execute(SPOIL, {"id": event_id, "how": how})
        self.made[event_id] = how

    def reactions(self) -> list[Any]:
        """Return every reaction to a poisoned event."""
        with self.rig.owner.transaction() as session:
            return list(session.execute(STATES, {"ids": list(self.made)}).all())

    def wait_until_parked(self) -> float:
        """Wait until each one's poisoned lane is parked; return how many seconds that took."""
        began = time.monotonic()
        while any(row.state == "due" for row in self.reactions()):
            assert time.monotonic() - began < PARK_SECONDS, self.reactions()
            time.sleep(0.05)
        return time.monotonic() - began


def poisoned_worker() -> tuple[str, ...]:
    """Return the command of the worker that falls ill: in a pool of two, as containers start it."""
    command = list(worker("reactions").command)
    command[command.index("workers.app")] = "tests.faults.sabotage.poisoned"
    command[command.index("solo")] = "prefork"
    return (*command, "--concurrency", "2")


def run(rig: Rig, plan: Plan) -> Struck:
    """Measure the usual, add poison, let it be parked, heal, replay."""
    with rig.owner.transaction() as session:
        for statement in (TABLE, GRANT):
            session.execute(text(statement))
        newsroom = Newsroom(session, readers=3)
    shipped, rig.commands["reactions"] = rig.commands["reactions"], poisoned_worker()
    members = rig.start_all()
    poisoner = Poisoner(rig, newsroom)
    driver = Driver(rig)
    with driver.running(clients=4, rate=RATE):
        driver.wait_for(2 * RATE)
        began = moment(rig)
        time.sleep(QUIET_SECONDS[plan.is_full])
        struck = moment(rig)
        hows = [*HOWS, UNREADABLE] * EACH[plan.is_full]
        for how in hows:
            rig.strike(lambda how=how: poisoner.publish(how))  # type: ignore[misc]
            time.sleep(POISONED_SECONDS[plan.is_full] / len(hows))
        ended = moment(rig)
    parked_after = poisoner.wait_until_parked()
    unmet = [*_unmet(poisoner), *_invisible(rig, len(poisoner.made))]
    usual, usual_count = p95(rig, Span(began, struck), consumer=LANE)
    with_poison, count = p95(rig, Span(struck, ended), consumer=LANE, without=poisoner.made)
    if with_poison > usual + LEASE.total_seconds() / rig.pace + RESTART_SECONDS:
        unmet.append(f"neighbours' p95 {with_poison:.3f} s, {usual:.3f} s without poison")

    rig.send(members["reactions"], signal.SIGTERM)
    members["reactions"].wait_for_end()
    rig.commands["reactions"] = shipped
    rig.worker("reactions")
    with rig.owner.transaction() as session:
        session.execute(MEND, {"ids": [e for e, how in poisoner.made.items() if how == UNREADABLE]})
        replayed = replay(session, consumer=LANE)
    if len(replayed) != len(poisoner.made):
        unmet.append(f"{len(replayed)} of {len(poisoner.made)} replayed")
    return Struck(
        rig.weakest,
        driver,
        extra={
            "poisoned": len(poisoner.made),
            "parked_after_s": round(parked_after, 1),
            "neighbours": count,
            "p95_s": {"usual": round(usual, 3), "of": usual_count, "with_poison": round(with_poison, 3)},
        },
        unmet=unmet,
    )


def _unmet(poisoner: Poisoner) -> list[str]:
    """Return which poisoned event did not end as it must: five attempts, parked, its other lanes done."""
    wrong = []
    for row in poisoner.reactions():
        how = poisoner.made[row.event_id]
        wanted = ("parked", LAST_ATTEMPT) if row.consumer == LANE else ("done", row.attempts)
        if (row.state, row.attempts) != wanted or (row.state == "parked" and not row.reason):
            wrong.append(f"{how}: {row.consumer} is {row.state} after {row.attempts}: {row.reason}")
    return wrong


def _invisible(rig: Rig, parked: int) -> list[str]:
    """Return what ``hub doctor`` fails to say about parked reactions."""
    said = [f"{finding.status} {finding.says}" for finding in examine(rig.settings, ("lag",))]
    return [] if any(str(parked) in line and "parked" in line for line in said) else [f"doctor: {said}"]


FAULT = Fault("F17", "Poison: raises, kills, hoards, never ends, unreadable", bound_s=30, run=run, in_ci=True)
