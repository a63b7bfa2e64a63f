"""A backlog of small events with three consumers each, woken once and drained."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.bench import flow
from tests.bench.peers.task_per_consumer import ALL_SEEN, Peer, publish_one
from tests.bench.stage import Stage, stage
from tests.support.fleet import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.harness import Bench

TITLE = "Backlog of small events"
CONSUMERS = 3
SHARE_OF_PEER = 8
"""The peer gets so much less work, since it takes so much longer for each piece."""
LEAST_FOR_PEER = 200
"""But never so little that its first connection and tasks decide its rate."""

PLAIN = """
import time
from config.logs import configure_logs
from workers import process
from workers.drain.drain import drain
from workers.drain.lanes import LANES
configure_logs(process.settings(), "worker")
database = process.database()
print("ready", flush=True)
input()
began = time.monotonic()
answered = drain(database, LANES)
print(answered, time.monotonic() - began)
"""
"""The hub's own drain in a process without Celery, relay or broker."""
BARE = ("-m", "tests.bench.peers.bare", "drain")
"""The same rows by bare SQL."""
A_TASK_EACH = "a Celery task for each event and consumer"
THE_ROWS = "the same rows by bare SQL in the same transactions"


def rows(bench: Bench) -> None:
    """Measure the shipped worker, the peer's, the bare drain and the bare rows, in turns."""
    events = bench.size(6000, 400)
    fewer = max(events // SHARE_OF_PEER, LEAST_FOR_PEER)
    with stage() as servers:
        mine, theirs, drained, least = list[float](), list[float](), list[float](), list[float]()
        measures: list[tuple[list[float], Callable[[], float]]] = [
            (mine, lambda: ours(servers, events)),
            (theirs, lambda: peer(servers, fewer)),
            (drained, lambda: plain(servers, events, ("-c", PLAIN))),
            (least, lambda: plain(servers, events, BARE)),
        ]
        for number in range(bench.rounds):
            turn = number % len(measures)
            for taken, measure in (*measures[turn:], *measures[:turn]):
                taken.append(measure())
    note = f"{events} events, {CONSUMERS} consumers; the peer: {fewer} events"
    for name, taken, others, against, goal in (
        ("backlog drained, events a second", mine, theirs, A_TASK_EACH, 30),
        ("the same, without Celery", mine, drained, "the hub's drain called in a plain process", 0.7),
        ("the same, of what is possible", mine, least, f"the limit: {THE_ROWS}", None),
        (f"the limit: {THE_ROWS}; how far any drain can be ahead", least, theirs, A_TASK_EACH, None),
    ):
        bench.compare_taken(
            name,
            taken,
            others,
            against=against,
            unit="events/s",
            better="higher",
            goal=goal,
            note=note if others is theirs else "",
        )


def ours(servers: Stage, events: int, *, workers: int = 1) -> float:
    """Return events a second of shipped workers, from their waking to the last reaction done."""
    with servers.hub() as hub:
        flow.seed(hub.owner, events)
        hub.fleet.relay()
        crew = [hub.fleet.worker() for _ in range(workers)]
        with flow.asleep(crew):
            flow.publish_in_bulk(hub.app, range(1, events + 1))
        began = time.monotonic()
        ended = flow.wait_for(hub.owner, flow.NOTHING_DUE, 0, "the backlog")
        flow.demand_effects(hub.owner, events)
    return events / (ended - began)


def peer(servers: Stage, events: int) -> float:
    """Return events a second of the peer's worker, from its waking to its last task done."""
    with servers.hub() as hub:
        flow.seed(hub.owner, events)
        theirs = Peer.on(hub)
        with flow.asleep([theirs.worker()]):
            for visit_id in range(1, events + 1):
                publish_one(hub.app, theirs.app, visit_id)
        began = time.monotonic()
        ended = flow.wait_for(hub.owner, ALL_SEEN, CONSUMERS * events, "the peer's backlog")
        flow.demand_effects(hub.owner, events)
    return events / (ended - began)


def plain(servers: Stage, events: int, program: tuple[str, ...]) -> float:
    """Return events a second of a drain that is called in a process of its own."""
    with servers.hub() as hub:
        flow.seed(hub.owner, events)
        flow.publish_in_bulk(hub.app, range(1, events + 1))
        with subprocess.Popen(
            [sys.executable, *program],
            cwd=ROOT,
            env=environment(hub.settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
            said, _ = process.communicate("\n", timeout=flow.PATIENCE_SECONDS)
        answered, seconds = said.split()
        assert int(answered) == CONSUMERS * events
        flow.demand_effects(hub.owner, events)
    return events / float(seconds)
