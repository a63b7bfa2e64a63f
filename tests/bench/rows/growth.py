"""What a longer history costs who looks at the newest page: ten thousand rows against ten million."""

from __future__ import annotations

import contextlib
import statistics
import time
from typing import TYPE_CHECKING

from tests.bench.history import QUICK_SIZES, SIZES, grow
from tests.bench.questions import QUESTIONS
from tests.bench.stage import stage

if TYPE_CHECKING:
    from tests.bench.harness import Bench
    from tests.bench.history import Grown
    from tests.bench.questions import Question, Who

TITLE = "Growth"
REPETITIONS = 20
"""A round's; sixty in three rounds."""
GOAL = 1.5


def rows(bench: Bench) -> None:
    """Build a hub of each size and put every question to all of them in turns."""
    with stage() as servers, contextlib.ExitStack() as open_:
        grown = [
            grow(open_.enter_context(servers.hub()), size)
            for size in (QUICK_SIZES if bench.is_quick else SIZES)
        ]
        for question in QUESTIONS:
            for who in question.who:
                _row(bench, grown, question, who)


def _row(bench: Bench, grown: list[Grown], question: Question, who: Who) -> None:
    taken: list[list[float]] = [[] for _ in grown]
    for number in range(bench.rounds):
        turns = list(zip(taken, grown, strict=True))
        for figures, one in turns if number % 2 == 0 else reversed(turns):
            figures.append(_ask(one, question, who, bench.size(REPETITIONS, 5)))
    first, *between, last = grown
    middle = [
        f"{statistics.median(figures):.3g} ms at {one.size.rows:,}"
        for one, figures in zip(between, taken[1:-1], strict=True)
    ]
    bench.compare_taken(
        f"{question.name} ({who})",
        taken[-1],
        taken[0],
        against=f"{first.size.rows:,} rows",
        unit=f"ms at {last.size.rows:,}",
        better="lower",
        goal=GOAL if question.has_goal else None,
        note=", ".join(middle),
    )


def _ask(grown: Grown, question: Question, who: Who, times: int) -> float:
    """Return the p50 in ms of one question, put as the actor in a READ ONLY transaction, as pages do."""
    taken = []
    for _ in range(times):
        with grown.looked_at_by(who) as (session, actor):
            began = time.perf_counter()
            found = question.ask(session, grown, actor)
            taken.append((time.perf_counter() - began) * 1000)
        if not found and not question.finds_nothing:
            raise AssertionError(f"{question.name} found nothing for {who} at {grown.size.rows:,} rows")
    return statistics.median(taken)
