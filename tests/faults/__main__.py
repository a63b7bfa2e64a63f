"""Strike the hub and judge what is left: ``python -m tests.faults``, or ``make faults``."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

import click
import structlog

from tests.faults import table
from tests.faults.checker import check
from tests.faults.fault import Fault, Plan, SkippedError, all_faults
from tests.faults.rig import NotSettledError, Rig

if TYPE_CHECKING:
    from collections.abc import Sequence


LATEST = 4
"""After so many bounds what has not settled never will; before, it is only late, and still worth checking."""


@click.command()
@click.option("--only", default="", help="Faults to strike, by comma.")
@click.option(
    "--seed", "seeds", default="1", show_default=True, help="The same seed strikes alike; several by comma."
)
@click.option("--full", is_flag=True, help="The long form.")
@click.option("--ci", is_flag=True, help="Only the faults that every change is struck with.")
@click.option("--write", is_flag=True, help="Write the table of docs/RELIABILITY.md anew.")
def main(only: str, seeds: str, full: bool, ci: bool, write: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Print one JSON line for each fault; end with 1 if a promise was broken."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    faults = all_faults()
    usual = [name for name, one in faults.items() if (one.in_ci or not ci) and (one.in_short or full)]
    chosen = only.split(",") if only else usual
    unknown = set(chosen) - faults.keys()
    if unknown:
        raise click.BadParameter(f"no such fault: {', '.join(sorted(unknown))}", param_hint="--only")
    plans = [Plan(seed=int(seed), is_full=full) for seed in seeds.split(",")]
    command = f"make faults{' FULL=1' if full else ''} SEED={seeds}"
    has_failed = False
    for name in chosen:
        lines = [judged(faults[name], plan) for plan in plans]
        if write:
            table.write({name: lines}, command)
        for line in lines:
            if line["met"] is False:
                has_failed = True
                again = f"make faults ONLY={name} SEED={line['seed']}{' FULL=1' if full else ''}"
                click.echo(f"{name} failed with seed {line['seed']}; again: {again}", err=True)
    sys.exit(1 if has_failed else 0)


def judged(fault: Fault, plan: Plan) -> dict[str, Any]:
    """Strike once, and once more with the same seed if only a time was missed; return the last line.

    A machine that was busy with something else explains a missed time, but nothing that the checker found.
    """
    line = strike(fault, plan)
    if line["met"] is not False or line.get("found"):
        return line
    return {**strike(fault, plan), "tried": 2}


def strike(fault: Fault, plan: Plan, commands: dict[str, tuple[str, ...]] | None = None) -> dict[str, Any]:
    """Strike one fault on a rig of its own, print its line and return it.

    ``commands`` replace how processes are started: the rig's own test puts spoiled ones there.
    """
    began = time.monotonic()
    rig = Rig(seed=plan.seed, **fault.rig)
    rig.commands |= commands or {}
    line: dict[str, Any] = {"fault": fault.id, "title": fault.title, "seed": plan.seed}
    broken: Sequence[str]
    try:
        with rig:
            struck = fault.run(rig, plan)
            settled = struck.settled_s if struck.settled_s is not None else rig.settle(LATEST * fault.bound_s)
            verdict = check(rig, struck.driver, struck)
        broken = [*verdict.broken, *struck.unmet]
        if verdict.broken:
            line["found"] = len(verdict.broken)
        line |= {
            "acknowledged": verdict.acknowledged,
            "in_flight": struck.in_flight,
            "lost": verdict.lost,
            "doubled": verdict.doubled,
            "repeated_sends": verdict.repeated_sends,
            "parked": verdict.parked,
            "settled_s": round(settled, 1),
            **struck.extra,
        }
        met = not broken and struck.in_flight > 0 and settled <= fault.bound_s
    except SkippedError as error:
        # It is neither met nor missed, and says so.
        line |= {"skipped": str(error), "met": None}
        click.echo(json.dumps(line))
        return line
    except (AssertionError, NotSettledError, subprocess.TimeoutExpired) as error:
        # The last: a process that was asked to end and did not.
        broken, met = [f"{type(error).__name__}: {error}"], False
        click.echo(traceback.format_exc(), err=True)
    if not met:
        click.echo(rig.said.getvalue(), err=True)
    line |= {"bound_s": fault.bound_s, "bound_note": fault.bound_note, "met": met}
    line |= {"seconds": round(time.monotonic() - began, 1)}
    if broken:
        line["broken"] = list(broken)
    click.echo(json.dumps({name: value for name, value in line.items() if value != ""}))
    return line


if __name__ == "__main__":
    main()
