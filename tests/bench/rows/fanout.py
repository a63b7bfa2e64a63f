"""One outcome told to a crowd, opened as tasks and recorded: from the commit to the last row visible."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.bench.crowd import Crowd
from tests.bench.peers.textbook import CHUNK, Textbook
from tests.bench.stage import stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.harness import Bench
    from tests.bench.stage import Stage

TITLE = "One event to a crowd"
JUDGED = 10_000
"""The goals are set for this size; the others are shown beside it."""
SIZES = (1_000, JUDGED, 50_000)
ONE_BY_ONE_ROUNDS = {1_000: 3, JUDGED: 1}
"""A task per recipient takes half a minute at 10,000: once there, and not at all at 50,000."""
GOALS = {"bare": 0.7, "chunks": 4.0, "one": 250.0}
QUICK_SIZE = 200


@dataclass
class Taken:
    """The figures of one size, a list for each way, as long as there were rounds."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    chunks: list[float] = field(default_factory=list)
    one: list[float] = field(default_factory=list)


def rows(bench: Bench) -> None:
    """Measure each size, without mails and with them."""
    with stage() as servers:
        for size in (QUICK_SIZE,) if bench.is_quick else SIZES:
            _say(bench, size, _measure(bench, servers, size, wants_mail=False), wants_mail=False)
        for size in (QUICK_SIZE,) if bench.is_quick else SIZES[1:]:
            _say(bench, size, _measure(bench, servers, size, wants_mail=True), wants_mail=True)


def _measure(bench: Bench, servers: Stage, size: int, *, wants_mail: bool) -> Taken:
    """Take every figure in turns on one hub; the first turn of each is not counted."""
    taken = Taken()
    one_by_one = 0 if wants_mail else 1 if bench.is_quick else ONE_BY_ONE_ROUNDS.get(size, 0)
    with servers.hub() as hub:
        crowd = Crowd.in_hub(hub, size, wants_mail=wants_mail)
        hub.fleet.relay()
        hub.fleet.worker()
        book = Textbook.beside(crowd)
        turns: list[tuple[list[float], Callable[[], float]]] = [
            (taken.ours, crowd.ours),
            (taken.bare, crowd.bare),
            (taken.chunks, book.in_chunks),
        ]
        for _, turn in turns:
            turn()
        for number in range(bench.rounds):
            for figures, turn in turns if number % 2 == 0 else reversed(turns):
                figures.append(turn())
        taken.one = [book.one_by_one() for _ in range(one_by_one)]
    return taken


def _say(bench: Bench, size: int, taken: Taken, *, wants_mail: bool) -> None:
    what = f"one event to {size:,} people" + (", with a mail for each" if wants_mail else "")
    goals = GOALS if size == JUDGED else {}
    for way, figures, against in (
        ("bare", taken.bare, "bare INSERT … SELECT of the same rows, one transaction"),
        ("chunks", taken.chunks, f"Celery tasks of {CHUNK} recipients, ORM bulk insert"),
        ("one", taken.one, "a Celery task per recipient"),
    ):
        if not figures:
            continue
        # One turn of a slow peer stands against each of ours.
        theirs = figures if len(figures) == len(taken.ours) else figures * len(taken.ours)
        bench.compare_taken(
            what,
            taken.ours,
            theirs,
            against=against,
            unit="rows/s",
            better="higher",
            goal=goals.get(way),
            note="the peer once" if len(figures) < len(taken.ours) else "",
        )
