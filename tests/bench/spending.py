"""What a piece of work costs: CPU of the processes that did it, and write transactions of the server."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hub.db.transaction import Database
    from tests.bench.stage import Hub, Stage


@dataclass
class Spent:
    """What a piece of work cost: CPU seconds of the processes watched, and write transactions."""

    cpu: float = 0.0
    postgres_cpu: float = 0.0
    transactions: int = 0
    seconds: float = 0.0
    by_name: dict[str, float] = field(default_factory=dict)


# A transaction that writes gets a number; one that only reads gets none. So the difference of the next
# number counts exactly the write transactions of the whole server, whoever made them.
NEXT_NUMBER = "SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)"


@contextmanager
def spending(hub: Hub, servers: Stage) -> Iterator[Spent]:
    """Yield what the block will have cost: the fleet's processes now alive, and PostgreSQL's."""
    spent = Spent()
    postgres_pid = servers.servers.children["postgres"].pid
    own = {
        f"{member.name} {member.process.pid}": psutil.Process(member.process.pid)
        for member in hub.fleet.members
        if member.is_alive
    }
    before = {name: _cpu(process) for name, process in own.items()}
    postgres = _postgres_cpu(postgres_pid)
    number = _number(hub.owner)
    began = time.monotonic()
    yield spent
    spent.seconds = time.monotonic() - began
    spent.transactions = _number(hub.owner) - number
    spent.by_name = {name: _cpu(process) - before[name] for name, process in own.items()}
    spent.cpu = sum(spent.by_name.values())
    spent.postgres_cpu = _postgres_cpu(postgres_pid) - postgres


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _postgres_cpu(pid: int) -> float:
    """Return the CPU of the server: its children that live, and those that have ended and been waited for."""
    parent = psutil.Process(pid)
    times = parent.cpu_times()
    total = float(times.user + times.system + times.children_user + times.children_system)
    for child in parent.children():
        try:
            total += _cpu(child)
        except psutil.NoSuchProcess:
            continue
    return total


def _number(database: Database) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(text(NEXT_NUMBER)).scalar_one())
