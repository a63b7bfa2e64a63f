"""What every row of ``make bench`` shares: measured in turns, judged against its goal, written down.

A group is a module of ``tests.bench.rows`` with ``TITLE`` and ``def rows(bench: Bench) -> None``. It
measures with ``bench.compare`` (two figures in turns) or reports with ``bench.say``, and every row comes
out as one JSON line. Figures are medians of rounds; ``low`` and ``high`` are the spread over the rounds: of
the ratio, or of the figure where there is no other. A row without them was counted, not timed.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

import click

Measure = Callable[[], float]
Better = Literal["higher", "lower"]

ROUNDS = 3


class SkippedError(Exception):
    """This machine cannot measure a group; the message says why. No figure takes its place."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``ratio`` is ours / other; ``met`` is None when nothing was judged."""

    bench: str
    ours: float
    other: float | None
    ratio: float | None
    low: float | None
    high: float | None
    unit: str
    better: Better
    goal: float | None
    met: bool | None
    against: str
    note: str = ""

    def line(self) -> str:
        """Return the row as a JSON line."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass
class Bench:
    """One run: what it may cost, and the rows that came of it."""

    is_quick: bool = False
    """Few rounds of little work, and no judging: that everything still runs."""
    rows: list[Row] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        """Return how often each figure is taken."""
        return 1 if self.is_quick else ROUNDS

    def size(self, full: int, quick: int) -> int:
        """Return how much work a measurement gets."""
        return quick if self.is_quick else full

    def compare(
        self,
        bench: str,
        *,
        ours: Measure,
        other: Measure,
        against: str,
        unit: str,
        better: Better,
        goal: float | None,
        rounds: int | None = None,
        note: str = "",
    ) -> Row:
        """Take both figures in turns and judge ours / other against ``goal``.

        ``goal`` is the least ratio where higher is better and the greatest where lower is; None only
        shows the row. Whoever goes first changes with each round, so that neither always finds the
        machine warm.
        """
        mine: list[float] = []
        theirs: list[float] = []
        for number in range(rounds or self.rounds):
            turns = [(mine, ours), (theirs, other)]
            for taken, measure in turns if number % 2 == 0 else reversed(turns):
                taken.append(measure())
        return self.compare_taken(
            bench, mine, theirs, against=against, unit=unit, better=better, goal=goal, note=note
        )

    def compare_taken(
        self,
        bench: str,
        mine: list[float],
        theirs: list[float],
        *,
        against: str,
        unit: str,
        better: Better,
        goal: float | None,
        note: str = "",
    ) -> Row:
        """Judge figures that were taken round for round by the caller, each list as long as the other."""
        a, b = statistics.median(mine), statistics.median(theirs)
        if self.is_quick and not all(theirs):
            # A process's CPU is told in hundredths of a second: little work may take none.
            return self.say(bench, a, unit=unit, better=better, note=note)
        each = [one / other for one, other in zip(mine, theirs, strict=True)]
        row = Row(
            bench,
            ours=_short(a),
            other=_short(b),
            ratio=_short(a / b),
            low=_short(min(each)),
            high=_short(max(each)),
            unit=unit,
            better=better,
            goal=goal,
            met=self._judge(a / b, better, goal),
            against=against,
            note=note,
        )
        return self._add(row)

    def say(
        self,
        bench: str,
        figure: float | Sequence[float],
        *,
        unit: str,
        better: Better,
        goal: float | None = None,
        spread: tuple[float, float] | None = None,
        note: str = "",
    ) -> Row:
        """Report an absolute figure, judged against an absolute ``goal`` if there is one.

        Several are rounds: their median is reported, and their spread. What is counted has none.
        """
        if isinstance(figure, Sequence):
            spread = spread or (min(figure), max(figure))
            figure = statistics.median(figure)
        row = Row(
            bench,
            ours=_short(figure),
            other=None,
            ratio=None,
            low=_short(spread[0]) if spread else None,
            high=_short(spread[1]) if spread else None,
            unit=unit,
            better=better,
            goal=goal,
            met=self._judge(figure, better, goal),
            against="",
            note=note,
        )
        return self._add(row)

    def _judge(self, figure: float, better: Better, goal: float | None) -> bool | None:
        if goal is None or self.is_quick:
            return None
        return figure >= goal if better == "higher" else figure <= goal

    def _add(self, row: Row) -> Row:
        self.rows.append(row)
        click.echo(row.line())
        return row


def _short(figure: float) -> float:
    """Return the figure with three digits that count, whole from a hundred on."""
    return float(f"{figure:.3g}") if abs(figure) < 100 else float(round(figure))
