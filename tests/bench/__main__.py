"""Measure the hub against its peers and limits: ``python -m tests.bench``, or ``make bench``."""

from __future__ import annotations

import importlib
import json
import logging
import pkgutil
import sys
import time

import click
import structlog

from tests.bench import rows, table
from tests.bench.harness import Bench

GROUPS = tuple(sorted(module.name for module in pkgutil.iter_modules(rows.__path__)))


@click.command()
@click.option("--only", default="", help=f"Groups to measure, by comma: {', '.join(GROUPS)}.")
@click.option("--quick", is_flag=True, help="Little work, nothing judged: that every row still runs.")
@click.option("--write", is_flag=True, help="Write the tables of docs/PERFORMANCE.md anew.")
def main(only: str, quick: bool, write: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Print one JSON line for each row; end with 1 if a goal was missed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    chosen = only.split(",") if only else list(GROUPS)
    unknown = set(chosen) - set(GROUPS)
    if unknown:
        raise click.BadParameter(f"no such group: {', '.join(sorted(unknown))}", param_hint="--only")
    missed = []
    for group in chosen:
        began = time.monotonic()
        bench = Bench(is_quick=quick)
        importlib.import_module(f"{rows.__name__}.{group}").rows(bench)
        missed += [row.bench for row in bench.rows if row.met is False]
        if write and not quick:
            table.write(group, bench.rows, f"make bench ONLY={group}")
        click.echo(json.dumps({"group": group, "seconds": round(time.monotonic() - began, 1)}))
    click.echo(json.dumps({"missed": missed}, ensure_ascii=False))
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
