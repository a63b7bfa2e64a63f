"""The backlog of small events again, with workers on one further host and on two."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redis import Redis

from config.queues import RING
from tests.bench import flow
from tests.bench.hosts import site
from tests.support import services
from tests.support.fleet import wait_until

if TYPE_CHECKING:
    from tests.bench.harness import Bench
    from tests.bench.hosts import Site
    from tests.bench.stage import Hub

TITLE = "Workers on further hosts"
EVENTS = 4800
QUICK_EVENTS = 200
ROUND_TRIP_MS = 10
GOAL = 1.5
"""Of the events a second of one worker, for the second host: what shows that it adds."""
RUNG = f"hub:rung:{RING}"

ALONE = (0,)
PAIR = (0, 0)
APART = (0, 1)
TWO_EACH = (0, 0, 1, 1)
Plan = tuple[int, ...]
"""On which host each worker runs."""
NAMES = {
    PAIR: "two workers on one host",
    APART: "a worker on each of two hosts",
    TWO_EACH: "two workers on each of two hosts",
}
NOTES = {
    True: "all hosts share this machine's cores",
    False: "all hosts share this machine's cores, but a worker mostly waits for the network",
}


@dataclass
class Ground:
    """The hosts, and the database in which a backlog has been laid once for all turns."""

    place: Site
    laid: str
    events: int
    taken: dict[tuple[Plan, int], list[float]] = field(default_factory=dict)

    def turn(self, plan: Plan, round_trip: int) -> None:
        """Let these workers drain a copy of the backlog; note the events a second."""
        with self.place.stage.hub(template=self.laid) as hub:
            crew = self.place.workers(hub, plan, round_trip)
            with flow.asleep(crew):
                self.place.relay(hub)
                _wait_for_rings(hub, min(len(plan), 2))
            began = time.monotonic()
            ended = flow.wait_for(hub.owner, flow.NOTHING_DUE, 0, "the backlog")
            flow.demand_effects(hub.owner, self.events)
            idle = [member.name for member in crew if not member.said("drain.answered")]
        if idle and self.events >= EVENTS:
            raise AssertionError(f"{len(idle)} of {len(crew)} workers had nothing to do")
        self.taken.setdefault((plan, round_trip), []).append(self.events / (ended - began))


def rows(bench: Bench) -> None:
    """Measure every plan near the servers and at a distance. Raises SkippedError without namespaces."""
    events = bench.size(EVENTS, QUICK_EVENTS)
    far = (ALONE, APART) if bench.is_quick else (ALONE, PAIR, APART, TWO_EACH)
    turns = [(plan, 0) for plan in (ALONE, PAIR, APART)] + [(plan, ROUND_TRIP_MS) for plan in far]
    with site() as place:
        ground = Ground(place, _lay(place, events), events)
        for number in range(bench.rounds):
            for plan, round_trip in turns if number % 2 == 0 else reversed(turns):
                ground.turn(plan, round_trip)
    for plan, round_trip in turns:
        if plan == ALONE:
            continue
        near = "the servers a cable away" if not round_trip else f"{round_trip} ms from the servers and back"
        bench.compare_taken(
            f"backlog drained by {NAMES[plan]}, {near}",
            ground.taken[plan, round_trip],
            ground.taken[ALONE, round_trip],
            against="one worker on one host",
            unit="events/s",
            better="higher",
            goal=GOAL if plan == APART else None,
            note=NOTES[round_trip == 0],
        )


def _lay(place: Site, events: int) -> str:
    """Publish the events in a database of their own; return its copy, to which nobody is connected."""
    with place.stage.hub() as hub:
        flow.seed(hub.owner, events)
        flow.publish_in_bulk(hub.app, range(1, events + 1))
        name = hub.owner.engine.url.database
        for database in (hub.owner, hub.app, hub.worker):
            database.dispose()
        return services.clone_database(place.stage.servers.addresses(), str(name))


def _wait_for_rings(hub: Hub, count: int) -> None:
    """Wait until the relay has rung so often, while nobody can answer.

    A backlog is there before its workers are: a ring a second then wakes one sleeper after another. What is
    measured is all of them at work.
    """
    left, rung = -1, 0
    with Redis.from_url(hub.settings.redis_url) as redis:

        def have_rung() -> bool:
            nonlocal left, rung
            now = int(redis.pttl(RUNG))
            rung += now > left
            left = now
            return rung >= count

        wait_until(have_rung, f"the relay rings {count} times")
