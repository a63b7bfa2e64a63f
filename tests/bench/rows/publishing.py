"""What publishing costs the request that publishes, and what it costs while the broker is away."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import text

from tests.bench import flow, load, scene
from tests.bench.quantiles import quantile
from tests.bench.stage import stage
from tests.bench.undoing import Undoing, open_tasks, paced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.harness import Bench
    from tests.bench.stage import Hub, Stage

TITLE = "A request that publishes"
SILENCED = "tests.bench.peers.silenced:app"
ACT = "a task closed or reopened over HTTP"
PAIRS_A_SECOND = 8
"""So far apart that the reactions of one request have ended before the next request of either begins."""
ALONE_A_SECOND = 16
AT_A_TIME = 32
"""Requests of a pause of two seconds."""
WARM = 10
EVENTS = text("SELECT count(*) FROM events WHERE type IN ('task.closed', 'task.reopened')")
DUE = "SELECT count(*) FROM reactions WHERE state = 'due'"


@dataclass
class Round:
    """What one round took, milliseconds."""

    first: list[float] = field(default_factory=list)
    second: list[float] = field(default_factory=list)


def rows(bench: Bench) -> None:
    """Measure with relay and worker at work, as it is shipped."""
    with stage() as servers, servers.hub() as hub:
        shown = scene.build(hub, own=bench.size(60, 4), others=bench.size(300, 4))
        hub.fleet.relay()
        hub.fleet.worker()
        with load.server(hub.fleet, load.HUB) as port:
            tasks = open_tasks(port, shown.bearer)
            ours = Undoing(port, shown.bearer, tasks[0])
            with load.server(hub.fleet, SILENCED) as silenced:
                other = Undoing(silenced, shown.bearer, tasks[1])
                _say_cost(bench, list(_in_turns(hub, bench.rounds, bench.size(100, 10), ours, other)))
            _say_pause(bench, list(_paused(hub, servers, bench.rounds, bench.size(160, AT_A_TIME), ours)))
        _demand_events(hub, ours.acts)


def _say_cost(bench: Bench, rounds: list[Round]) -> None:
    for share, goal in ((0.5, 1.3), (0.99, None)):
        bench.compare_taken(
            f"{ACT}: p{share * 100:g}",
            [quantile(taken.first, share) for taken in rounds],
            [quantile(taken.second, share) for taken in rounds],
            against="the same server and request with append silenced",
            unit="ms",
            better="lower",
            goal=goal,
            note=f"{len(rounds[0].first)} of each a round",
        )


def _say_pause(bench: Bench, rounds: list[Round]) -> None:
    for share, goal in ((0.5, None), (0.99, 1.2)):
        bench.compare_taken(
            f"{ACT}, Redis paused: p{share * 100:g}",
            [quantile(taken.first, share) for taken in rounds],
            [quantile(taken.second, share) for taken in rounds],
            against="the same server and request with Redis running",
            unit="ms",
            better="lower",
            goal=goal,
            note=f"{len(rounds[0].first)} of each a round",
        )


def _in_turns(hub: Hub, rounds: int, count: int, ours: Undoing, other: Undoing) -> Iterator[Round]:
    """Yield rounds of pairs, of which each is once first and once second."""
    for number in range(rounds + 1):
        taken = Round()
        turns = [(taken.first, ours), (taken.second, other)]
        for step in paced(2 * PAIRS_A_SECOND, 2 * (count if number else WARM)):
            # ours, other, other, ours: what one leaves behind for the next is the same for both.
            figures, who = turns[(step + step // 2) % 2]
            figures.append(who.act())
        if number:
            yield taken
    flow.wait_for(hub.owner, flow.NOTHING_DUE, 0, "the reactions")


def _paused(hub: Hub, servers: Stage, rounds: int, count: int, ours: Undoing) -> Iterator[Round]:
    """Yield rounds of as many requests with the broker paused as with it running, in turns.

    A pause is short of what makes a worker connect anew: that it hears again then is not what is measured.
    """
    for number in range(rounds):
        taken = Round()
        for turn in range(2 * max(1, count // AT_A_TIME)):
            if (number + turn) % 2 == 0:
                with _broker_paused(servers):
                    taken.first += [ours.act() for _ in paced(ALONE_A_SECOND, AT_A_TIME)]
                    _demand_nothing_answered(hub, AT_A_TIME)
            else:
                taken.second += [ours.act() for _ in paced(ALONE_A_SECOND, AT_A_TIME)]
            flow.wait_for(hub.owner, flow.NOTHING_DUE, 0, "the reactions")
        yield taken


@contextmanager
def _broker_paused(servers: Stage) -> Iterator[None]:
    child = servers.servers.children["valkey"]
    child.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        child.send_signal(signal.SIGCONT)


def _demand_nothing_answered(hub: Hub, count: int) -> None:
    """Raise AssertionError unless every event of the pause still waits for its two consumers."""
    with hub.owner.transaction() as session:
        due = session.execute(text(DUE)).scalar_one()
    assert due == 2 * count, f"{due} reactions are due after {count} events without a broker"


def _demand_events(hub: Hub, acts: int) -> None:
    """Raise AssertionError unless each of our requests, and none of the silenced, appended its event."""
    with hub.owner.transaction() as session:
        events = session.execute(EVENTS).scalar_one()
    assert events == acts, f"{acts} requests appended {events} events"
