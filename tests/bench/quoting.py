"""Figures that ``docs/scaling.md`` quotes from the tables of ``docs/PERFORMANCE.md``: filled in, never typed.

A quotation stands between two comments, ``<!-- quote GROUP; ROW; COLUMN -->3.4 ms<!-- /quote -->``: the row
by its name without the note (the first one of that name), the column ``ours`` or ``ratio``.
"""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"
QUOTE = re.compile(r"(<!-- quote (?P<group>\w+); (?P<row>[^;]+); (?P<column>\w+) -->).*?(<!-- /quote -->)")
COLUMNS = {"ours": 2, "ratio": 5}
NOT_YET = "(not measured yet)"


def quote(page: str, tables: str) -> str:
    """Return ``page`` with every quotation as ``tables`` have it now.

    Raises LookupError for a group or a row that is not there; a group whose table is empty was not
    measured yet.
    """
    return QUOTE.sub(lambda found: f"{found[1]}{_figure(found, tables)}{found[5]}", page)


def write_quotations(tables: str) -> None:
    """Fill in the page from the tables."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(quote(page, tables), encoding="utf-8")


def _figure(found: re.Match[str], tables: str) -> str:
    group, row, column = found["group"], found["row"], COLUMNS[found["column"]]
    table = re.search(f"<!-- bench:{group} -->(.*?)<!-- /bench:{group} -->", tables, re.DOTALL)
    if not table:
        raise LookupError(
            f"docs/scaling.md quotes the group {group}, which docs/PERFORMANCE.md does not have"
        )
    lines = [line for line in table[1].splitlines() if line.startswith("| ")]
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")]
        if cells[1].partition("; ")[0] == row:
            return cells[column].partition(" [")[0].strip("*")
    if lines:
        raise LookupError(f"docs/scaling.md quotes the row {row!r}, which the table of {group} does not have")
    return NOT_YET
