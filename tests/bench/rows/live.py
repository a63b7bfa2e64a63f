"""The same stream live: events answered while they are published, and what one costs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench import flow
from tests.bench.peers import bare, task_per_consumer
from tests.bench.peers.task_per_consumer import ALL_SEEN, Peer
from tests.bench.publisher import Publishers
from tests.bench.spending import spending
from tests.bench.stage import Stage, stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.harness import Bench, Better

TITLE = "Live stream of small events"
CONSUMERS = 3
PEER_SECONDS = 3.0
"""The peer's publishers stop earlier: its worker needs several times as long to catch up."""
AGAINST = "a Celery task for each event and consumer"
AGAINST_LIMIT = "the limit: the same rows by bare SQL"
LIMIT = "the limit: the same rows by bare SQL, a process that publishes and one that drains"


@dataclass
class Live:
    """What one run came to, for each event."""

    per_second: float
    cpu_ms: float
    postgres_ms: float
    transactions: float


def rows(bench: Bench) -> None:
    """Measure one and four publishers at full speed, in turns; with one, also what is possible."""
    seconds, short = (0.5, 0.25) if bench.is_quick else (10.0, PEER_SECONDS)
    with stage() as servers:
        for count, name in ((1, "one publisher"), (4, "four publishers")):
            mine: list[Live] = []
            theirs: list[Live] = []
            least: list[Live] = []
            for _ in range(bench.rounds):
                mine.append(ours(servers, publishers=count, seconds=seconds))
                theirs.append(peer(servers, publishers=count, seconds=short))
                if count == 1:
                    least.append(limit(servers, seconds=short))
            _say(bench, name, mine, theirs, is_judged=count == 1)
            if least:
                _say_limit(bench, name, mine, least, AGAINST_LIMIT)
                _say_limit(bench, LIMIT, least, theirs, AGAINST)


def _say(bench: Bench, name: str, mine: list[Live], theirs: list[Live], *, is_judged: bool) -> None:
    bench.compare_taken(
        f"{name}: events answered a second",
        [run.per_second for run in mine],
        [run.per_second for run in theirs],
        against=AGAINST,
        unit="events/s",
        better="higher",
        goal=4.0,
    )
    bench.compare_taken(
        f"{name}: CPU an event",
        [run.cpu_ms for run in mine],
        [run.cpu_ms for run in theirs],
        against=AGAINST,
        unit="ms",
        better="lower",
        goal=0.25 if is_judged else None,
        note="publisher, relay and worker; without PostgreSQL",
    )
    bench.compare_taken(
        f"{name}: CPU of PostgreSQL an event",
        [run.postgres_ms for run in mine],
        [run.postgres_ms for run in theirs],
        against=AGAINST,
        unit="ms",
        better="lower",
        goal=None,
    )
    bench.compare_taken(
        f"{name}: write transactions an event",
        [run.transactions for run in mine],
        [run.transactions for run in theirs],
        against=AGAINST,
        unit="",
        better="lower",
        goal=None,
        note="every transaction of the server that was given a number, the publisher's own 1.0 included",
    )
    figures = sorted(run.transactions for run in mine)
    bench.say(
        f"{name}: write transactions an event, absolute",
        figures[len(figures) // 2],
        unit="",
        better="lower",
        goal=1.5,
        spread=(figures[0], figures[-1]),
    )


def _say_limit(bench: Bench, name: str, mine: list[Live], theirs: list[Live], against: str) -> None:
    figures: tuple[tuple[str, str, Better, Callable[[Live], float]], ...] = (
        ("events answered a second", "events/s", "higher", lambda run: run.per_second),
        ("CPU an event", "ms", "lower", lambda run: run.cpu_ms),
        ("CPU of PostgreSQL an event", "ms", "lower", lambda run: run.postgres_ms),
    )
    for what, unit, better, figure in figures:
        bench.compare_taken(
            f"{name}: {what}",
            [figure(run) for run in mine],
            [figure(run) for run in theirs],
            against=against,
            unit=unit,
            better=better,
            goal=None,
        )


def ours(servers: Stage, *, publishers: int, seconds: float) -> Live:
    """Run the shipped relay and worker under publishers at full speed, until the last reaction is done."""
    events = int(2500 * seconds)
    with servers.hub() as hub:
        flow.seed(hub.owner, events)
        hub.fleet.relay()
        hub.fleet.worker()
        crew = Publishers.ready(hub, "hub", events=events, count=publishers, seconds=seconds)
        began = time.monotonic()
        with spending(hub, servers) as spent:
            published, cpu = crew.go()
            ended = flow.wait_for(hub.owner, flow.NOTHING_DUE, 0, "the stream")
        flow.demand_effects(hub.owner, published)
    return _live(published, ended - began, spent.cpu + cpu, spent.postgres_cpu, spent.transactions)


def peer(servers: Stage, *, publishers: int, seconds: float) -> Live:
    """Run the peer's worker under its publishers at full speed, until its last task is done."""
    events = int(1500 * seconds)
    with servers.hub() as hub:
        flow.seed(hub.owner, events)
        theirs = Peer.on(hub)
        theirs.worker()
        broker = task_per_consumer.broker(hub)
        crew = Publishers.ready(hub, "peer", events=events, count=publishers, seconds=seconds, broker=broker)
        began = time.monotonic()
        with spending(hub, servers) as spent:
            published, cpu = crew.go()
            ended = flow.wait_for(hub.owner, ALL_SEEN, CONSUMERS * published, "the peer's stream")
        flow.demand_effects(hub.owner, published)
    return _live(published, ended - began, spent.cpu + cpu, spent.postgres_cpu, spent.transactions)


def limit(servers: Stage, *, seconds: float) -> Live:
    """Let bare SQL publish at full speed and answer, until nothing is due."""
    events = int(5000 * seconds)
    with servers.hub() as hub:
        flow.seed(hub.owner, events)
        bare.start(hub, "live")
        crew = Publishers.ready(hub, "bare", events=events, count=1, seconds=seconds)
        began = time.monotonic()
        with spending(hub, servers) as spent:
            published, cpu = crew.go()
            ended = flow.wait_for(hub.owner, flow.NOTHING_DUE, 0, "the bare stream")
        flow.demand_effects(hub.owner, published)
    return _live(published, ended - began, spent.cpu + cpu, spent.postgres_cpu, spent.transactions)


def _live(published: int, seconds: float, cpu: float, postgres: float, transactions: int) -> Live:
    return Live(
        per_second=published / seconds,
        cpu_ms=cpu * 1000 / published,
        postgres_ms=postgres * 1000 / published,
        transactions=transactions / published,
    )
