"""What policies on rows cost: the same pages and questions of two hubs, one of which has taken them off."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

from hub.db import engine
from hub.factory import create_app
from tests.bench import scene
from tests.bench.history import Size, grow
from tests.bench.questions import QUESTIONS
from tests.bench.stage import stage
from tests.matrix.layers import open_rows
from tests.support.client import HubClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.harness import Bench
    from tests.bench.history import Grown
    from tests.bench.questions import Question, Who
    from tests.bench.stage import Hub, Stage

TITLE = "Row-level security"
GOAL: Final = 1.1
AGAINST: Final = "the same without policies"
OWN_CONNECT_SECONDS: Final = engine.CONNECT_SECONDS
WARM: Final = 10
"""Requests before any is timed: PostgreSQL keeps a plan from a text's sixth time on."""
TIMES: Final = 200
REPETITIONS: Final = 30
HISTORY: Final = Size(10**6, 10_000)
QUICK_HISTORY: Final = Size(10**3, 100)
PAGES: Final = (
    ("home", "/home"),
    ("collaborations", "/collaborations"),
    ("a collaboration", "/collaborations/{0.collaboration_id}"),
    ("its visit", "/visits/{0.visit_id}"),
    ("tasks of the unit", "/tasks?scope=unit"),
    ("inbox", "/inbox"),
    ("a receipt", "/events/{0.event_id}"),
    ("collaborations as JSON", "/api/v1/collaborations"),
    ("tasks as JSON", "/api/v1/tasks?scope=unit"),
)


class Shown:
    """A hub with what its pages show, asked within this process."""

    def __init__(self, hub: Hub, *, own: int, others: int) -> None:
        self.scene = scene.build(hub, own=own, others=others)
        self.app = create_app(hub.settings)
        self.client = HubClient(self.app)

    def ask(self, path: str) -> float:
        """Return how many milliseconds an answer takes. Raises RuntimeError for any but 200."""
        address = path.format(self.scene)
        if address.startswith("/api/"):
            self.client.bearer = self.scene.bearer
        else:
            self.client.bearer = None
            self.client.inner.set_cookie("__Host-hub", self.scene.cookie, secure=True)
        began = time.perf_counter()
        answer = self.client.send("GET", address)
        took = (time.perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
        return took


def rows(bench: Bench) -> None:
    """Compare pages and lists, request by request in turns, then every question of a long history."""
    with stage() as servers:
        _pages(bench, servers)
        _questions(bench, servers)


@contextlib.contextmanager
def both(servers: Stage) -> Iterator[tuple[Hub, Hub]]:
    """Yield two hubs on databases of their own."""
    with servers.hub() as hub, servers.hub() as open_hub:
        yield hub, open_hub


def _pages(bench: Bench, servers: Stage) -> None:
    with both(servers) as hubs:
        sizes = {"own": bench.size(60, 5), "others": bench.size(300, 5)}
        ours, other = (Shown(hub, **sizes) for hub in hubs)
        if not open_rows(hubs[1].owner):
            raise AssertionError("there are no policies to take off")
        for name, path in PAGES:
            # A request has no time for the bench's own patience with new connections (tests.bench.stage).
            with patch.object(engine, "CONNECT_SECONDS", OWN_CONNECT_SECONDS):
                for _ in range(WARM):
                    ours.ask(path), other.ask(path)
                taken = [_in_turns(ours, other, path, bench.size(TIMES, 20)) for _ in range(bench.rounds)]
            for figure, part, goal in (("p50", 0.5, None), ("p95", 0.95, GOAL)):
                mine, theirs = (
                    [sorted(figures[side])[int(len(figures[side]) * part)] for figures in taken]
                    for side in (0, 1)
                )
                bench.compare_taken(
                    f"{name}: {figure}",
                    mine,
                    theirs,
                    against=AGAINST,
                    unit="ms",
                    better="lower",
                    goal=goal,
                )
        for shown in (ours, other):
            shown.app.database.dispose()


def _in_turns(ours: Shown, other: Shown, path: str, times: int) -> tuple[list[float], list[float]]:
    """Return the figures of both, one request of each after the other; who is first changes each time."""
    mine: list[float] = []
    theirs: list[float] = []
    for number in range(times):
        turns = [(mine, ours), (theirs, other)]
        for taken, shown in turns if number % 2 == 0 else reversed(turns):
            taken.append(shown.ask(path))
    return mine, theirs


def _questions(bench: Bench, servers: Stage) -> None:
    """Put the questions of a long history to both: which of them pays most is shown, not judged."""
    size = QUICK_HISTORY if bench.is_quick else HISTORY
    with both(servers) as hubs:
        ours, other = (grow(hub, size) for hub in hubs)
        open_rows(hubs[1].owner)
        for question in QUESTIONS:
            for who in question.who:
                _question(bench, ours, other, question, who)


def _question(bench: Bench, ours: Grown, other: Grown, question: Question, who: Who) -> None:
    mine: list[float] = []
    theirs: list[float] = []
    for number in range(bench.rounds):
        turns = [(mine, ours), (theirs, other)]
        for taken, grown in turns if number % 2 == 0 else reversed(turns):
            figures = sorted(_answer(grown, question, who) for _ in range(bench.size(REPETITIONS, 3)))
            taken.append(figures[len(figures) // 2])
    bench.compare_taken(
        f"{question.name} ({who})",
        mine,
        theirs,
        against=AGAINST,
        unit=f"ms at {ours.size.rows:,} rows",
        better="lower",
        goal=None,
    )


def _answer(grown: Grown, question: Question, who: Who) -> float:
    with grown.looked_at_by(who) as (session, actor):
        began = time.perf_counter()
        question.ask(session, grown, actor)
        return (time.perf_counter() - began) * 1000
