"""Write the lines of a run into ``docs/RELIABILITY.md``, between its marks.

The text around is written by hand. A fault's row holds one figure for each seed; rows of faults that were
not struck this time stay.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.table import machine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PAGE = Path(__file__).resolve().parents[2] / "docs" / "RELIABILITY.md"
BEGIN, END = "<!-- faults -->", "<!-- /faults -->"
HEAD = (
    "| fault | | struck | acknowledged | in flight | lost | doubled | sent again | settled s | bound s | |",
    "|---|---|---|---:|---:|---:|---:|---:|---:|---:|---|",
)
FIGURES = ("acknowledged", "in_flight", "lost", "doubled", "repeated_sends", "settled_s")
ROW = re.compile(r"^\| (\w+) \|")


def write(lines: Mapping[str, Sequence[dict[str, Any]]], command: str) -> None:
    """Put the faults' lines between the marks. Raises LookupError if the page has no such marks."""
    page = PAGE.read_text(encoding="utf-8")
    if BEGIN not in page or END not in page:
        raise LookupError(f"docs/RELIABILITY.md has no marks {BEGIN} {END}")
    before, rest = page.split(BEGIN)
    old, after = rest.split(END)
    rows = {found[1]: row for row in old.splitlines() if (found := ROW.match(row)) and found[1] != "fault"}
    when = f"`{command}`, {dt.datetime.now(tz=dt.UTC).date().isoformat()}"
    rows |= {name: _row(name, seeds, when) for name, seeds in lines.items()}
    table = [BEGIN, f"On {machine()}. One figure for each seed.", "", *HEAD]
    table += [rows[name] for name in sorted(rows)]
    PAGE.write_text(before + "\n".join([*table, END]) + after, encoding="utf-8")


def _row(name: str, seeds: Sequence[dict[str, Any]], when: str) -> str:
    first = seeds[0]
    if first["met"] is None:
        return f"| {name} | {first['title']} | {when} | | | | | | | | not struck: {first['skipped']} |"
    figures = [" / ".join(str(line.get(figure, "–")) for line in seeds) for figure in FIGURES]
    missed = [str(line["seed"]) for line in seeds if not line["met"]]
    again = [str(line["seed"]) for line in seeds if line.get("tried", 1) > 1]
    verdict = f"**missed** (seed {', '.join(missed)})" if missed else "met"
    if again:
        verdict += f", tried twice (seed {', '.join(again)})"
    return f"| {' | '.join([name, first['title'], when, *figures, str(first['bound_s']), verdict])} |"
