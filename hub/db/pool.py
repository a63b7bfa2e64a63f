"""Count how many connections of a pool are in use, where figures are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from config.metrics import count, figures

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config.settings import Role


def watch_pool(engine: Engine, role: Role) -> None:
    """Let the figures show how full this engine's pool is; does nothing where none are kept."""
    pool = engine.pool
    if figures() is None or not isinstance(pool, QueuePool):
        return

    def taken(*_: object) -> None:
        count(lambda counted: counted.pool(role, "in_use", pool.checkedout()))

    def given_back(*_: object) -> None:
        # Asked just before the connection is back in its pool.
        count(lambda counted: counted.pool(role, "in_use", max(0, pool.checkedout() - 1)))

    event.listen(pool, "checkout", taken)
    event.listen(pool, "checkin", given_back)
    most = pool.size() + pool._max_overflow  # noqa: SLF001 -- it has no other name
    count(lambda counted: counted.pool(role, "most", most))
