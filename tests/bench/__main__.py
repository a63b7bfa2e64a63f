"""Measure the hub against its peers and limits: ``python -m tests.bench``, or ``make bench``."""

from __future__ import annotations

import importlib
import json
import logging
import pkgutil
import sys
import time
import traceback

import click
import structlog

from tests.bench import rows, side_by_side, table
from tests.bench.harness import Bench, SkippedError

GROUPS = tuple(sorted(module.name for module in pkgutil.iter_modules(rows.__path__)))


@click.command()
@click.option("--only", default="", help=f"Groups to measure, by comma: {', '.join(GROUPS)}.")
@click.option("--quick", is_flag=True, help="Little work, nothing judged: that every row still runs.")
@click.option("--write", is_flag=True, help="Write the tables of docs/PERFORMANCE.md anew.")
def main(only: str, quick: bool, write: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Print one JSON line for each row; end with 1 if a goal was missed or a group came to grief.

    One that fails holds up no other. One that this machine cannot measure says so and leaves the
    figures in docs/PERFORMANCE.md as they were. In the short form groups run side by side.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    chosen = only.split(",") if only else list(GROUPS)
    unknown = set(chosen) - set(GROUPS)
    if unknown:
        raise click.BadParameter(f"no such group: {', '.join(sorted(unknown))}", param_hint="--only")
    started = time.monotonic()
    missed: list[str] = []
    failed: list[str] = []
    skipped: dict[str, str] = {}
    if quick and len(chosen) > 1:
        for _, verdict in side_by_side.run(chosen):
            failed += verdict["failed"]
            skipped |= verdict["skipped"]
        chosen = []
    for group in chosen:
        began = time.monotonic()
        bench = Bench(is_quick=quick)
        try:
            measure(group, bench)
            if write and not quick:
                table.write(group, bench.rows, f"make bench ONLY={group}")
        except SkippedError as reason:
            skipped[group] = str(reason)
        except Exception:  # noqa: BLE001 - the next group shall be measured; this one is reported below
            click.echo(traceback.format_exc(), err=True)
            failed.append(group)
        missed += [row.bench for row in bench.rows if row.met is False]
        click.echo(json.dumps({"group": group, "seconds": round(time.monotonic() - began, 1)}))
    seconds = round(time.monotonic() - started)
    verdict = {"missed": missed, "failed": failed, "skipped": skipped, "seconds": seconds}
    click.echo(json.dumps(verdict, ensure_ascii=False))
    sys.exit(1 if missed or failed else 0)


def measure(group: str, bench: Bench) -> None:
    """Take the rows of a group."""
    importlib.import_module(f"{rows.__name__}.{group}").rows(bench)


if __name__ == "__main__":
    main()
