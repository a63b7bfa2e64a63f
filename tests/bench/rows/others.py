"""One event to a crowd, against django-notifications-hq in turns, dramatiq and procrastinate, each once."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import click

from tests.bench.crowd import Crowd
from tests.bench.peers.textbook import make_tables
from tests.bench.stage import stage
from tests.support.fleet import ROOT, environment

if TYPE_CHECKING:
    from tests.bench.harness import Bench
    from tests.bench.stage import Hub

TITLE = "Other libraries"
PEERS = ROOT / ".venv-peers" / "bin"
SIZE = 10_000
QUICK_SIZE = 100
LONGEST_SECONDS = 200
"""The slowest, procrastinate, took 72 s on a busy machine; all of it about two minutes."""
DJANGO = "django-notifications-hq"
VERSIONS = "from importlib.metadata import version; print(version('{}'))"


def rows(bench: Bench) -> None:
    """Measure the hub, then each of them. Raises ClickException if their environment is not there."""
    if not (PEERS / "python").exists():
        raise click.ClickException("the peers' environment is missing: make peers")
    size = bench.size(SIZE, QUICK_SIZE)
    with stage() as servers, servers.hub() as hub:
        crowd = Crowd.in_hub(hub, size)
        make_tables(hub)
        hub.fleet.relay()
        worker = hub.fleet.worker()
        crowd.ours()
        bench.compare(
            f"one event to {size:,} people, against {DJANGO}",
            ours=crowd.ours,
            other=lambda: size / _run(hub, size, "django_notifications"),
            against=f"{DJANGO} {_version(DJANGO)}",
            unit="rows/s",
            better="higher",
            goal=60.0,
        )
        mine = [crowd.ours() for _ in range(bench.rounds)]
        worker.kill()  # the peers get both cores
        taken = {"dramatiq": _dramatiq(hub, size), "procrastinate": _procrastinate(hub, size)}
    for name, seconds in taken.items():
        bench.compare_taken(
            f"one event to {size:,} people, against {name}",
            mine,
            [size / seconds] * len(mine),
            against=f"{name} {_version(name)}, once",
            unit="rows/s",
            better="higher",
            goal=None,
        )


def _dramatiq(hub: Hub, size: int) -> float:
    module = "tests.bench.peers.others.dramatiq_actor"
    hub.fleet.start("dramatiq", (str(PEERS / "dramatiq"), module, "--processes", "2", "--threads", "4"))
    return _run(hub, size, "dramatiq_actor")


def _procrastinate(hub: Hub, size: int) -> float:
    module = "tests.bench.peers.others.procrastinate_task"
    _run(hub, size, "procrastinate_task", PEER_PREPARE="1")
    command = (str(PEERS / "procrastinate"), "--app", f"{module}.app", "worker", "--concurrency", "4")
    for _ in range(2):
        hub.fleet.start("procrastinate", command, PYTHONPATH=str(ROOT))
    return _run(hub, size, "procrastinate_task")


def _run(hub: Hub, size: int, module: str, **extra: str) -> float:
    """Run one of the programs; return the seconds it printed, 0 for none. Raises CalledProcessError."""
    said = subprocess.run(
        [str(PEERS / "python"), "-m", f"tests.bench.peers.others.{module}"],
        cwd=ROOT,
        env=environment(hub.settings) | {"PEER_COUNT": str(size)} | extra,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=LONGEST_SECONDS,
    ).stdout.split()
    return float(said[-1]) if said else 0.0


def _version(name: str) -> str:
    said = subprocess.run(
        [str(PEERS / "python"), "-c", VERSIONS.format(name)], stdout=subprocess.PIPE, text=True, check=True
    )
    return said.stdout.strip()
