"""Compare two runs: ``python -m tests.bench.agree FIRST SECOND``, each the JSON lines of one ``make bench``.

A row agrees if the two spreads meet; one that was counted, if the figure is the same; one that was timed or
weighed only once, if the two are within a quarter of each other. Every row is printed that does not, and
whatever only one run has.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

TAKEN_ONCE = {"ms", "s", "MB"}
"""Units of what is timed or weighed and not counted."""
NEAR = 1.25

Rows = dict[tuple[str, str, str], dict[str, Any]]


@click.command()
@click.argument("first", type=click.Path(exists=True, path_type=Path))
@click.argument("second", type=click.Path(exists=True, path_type=Path))
def main(first: Path, second: Path) -> None:
    """Print the rows in which two runs disagree; end with 1 if there are any."""
    one, two = (rows_of(path.read_text(encoding="utf-8")) for path in (first, second))
    apart = [key for key in one.keys() | two.keys() if not agree(one.get(key), two.get(key))]
    for key in sorted(apart):
        line: dict[str, object] = {"group": key[0], "bench": key[1], "against": key[2]}
        line |= {"first": _shown(one.get(key)), "second": _shown(two.get(key))}
        click.echo(json.dumps(line, ensure_ascii=False))
    click.echo(json.dumps({"rows": len(one.keys() | two.keys()), "apart": len(apart)}))
    sys.exit(1 if apart or not one else 0)


def rows_of(said: str) -> Rows:
    """Return the rows of a run by group, name and peer. A group's line follows its rows."""
    found: Rows = {}
    waiting: list[dict[str, Any]] = []
    for line in said.splitlines():
        if not line.startswith("{"):
            continue
        read = json.loads(line)
        if "bench" in read:
            waiting.append(read)
        elif "group" in read:
            found |= {(read["group"], row["bench"], row["against"]): row for row in waiting}
            waiting = []
    return found


def agree(one: dict[str, Any] | None, two: dict[str, Any] | None) -> bool:
    """Return whether two runs of one row agree; a row that is missing agrees with nothing."""
    if one is None or two is None:
        return False
    if one["low"] is None or two["low"] is None:
        if one["unit"] not in TAKEN_ONCE:
            return bool(one["ours"] == two["ours"])
        less, more = sorted((one["ours"], two["ours"]))
        return bool(more <= NEAR * less)
    return bool(one["low"] <= two["high"] and two["low"] <= one["high"])


def _shown(row: dict[str, Any] | None) -> list[float | None]:
    return (
        []
        if row is None
        else [row["ours"] if row["ratio"] is None else row["ratio"], row["low"], row["high"]]
    )


if __name__ == "__main__":
    main()
