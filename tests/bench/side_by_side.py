"""Groups of the short form side by side, a process each: no time is judged, so they may share the cores."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import click

from tests.support.fleet import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AT_ONCE = 3
"""Most groups wait half of their time, for a worker to start or a poll to come round."""
LONGEST_SECONDS = 900
"""For a machine that is slow or busy; a group takes seconds."""


def run(groups: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each group with its verdict, in their order, after printing what it printed.

    A process that ended without a verdict, or did not end, counts as a failure of its group.
    """
    with ThreadPoolExecutor(AT_ONCE) as crew:
        for group, (lines, errors) in zip(groups, crew.map(_one, groups), strict=True):
            *rows, last = lines or [""]
            verdict: dict[str, Any] = {"failed": [group], "skipped": {}}
            if last.startswith('{"missed"'):
                verdict = json.loads(last)
            else:
                rows.append(last)
            click.echo("\n".join(rows))
            if verdict["failed"]:
                click.echo(errors, err=True)
            yield group, verdict


def _one(group: str) -> tuple[list[str], str]:
    """Return the lines that a group printed, and what it said on standard error."""
    command = (sys.executable, "-m", "tests.bench", "--quick", "--only", group)
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            said, errors = process.communicate(timeout=LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()  # its own children end with it (config/child.py)
            said, errors = process.communicate()
            errors += f"\n{group} was not done after {LONGEST_SECONDS} s"
    return said.splitlines(), errors
