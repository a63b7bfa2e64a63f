"""Count how many connections of a pool are in use, where figures are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from config.metrics import figures

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config.settings import Role

log = structlog.get_logger(__name__)


def watch_pool(engine: Engine, role: Role) -> None:
    """Let the figures show how full this engine's pool is; does nothing where none are kept."""
    pool = engine.pool
    if figures() is None or not isinstance(pool, QueuePool):
        return

    def taken(*_: object) -> None:
        _count(role, "in_use", pool.checkedout())

    def given_back(*_: object) -> None:
        # Asked just before the connection is back in its pool.
        _count(role, "in_use", max(0, pool.checkedout() - 1))

    event.listen(pool, "checkout", taken)
    event.listen(pool, "checkin", given_back)
    _count(role, "most", pool.size() + getattr(pool, "_max_overflow", 0))


def _count(role: Role, kind: str, connections: int) -> None:
    counted = figures()
    if counted is None:
        return
    try:
        counted.pool(role, kind, connections)
    except OSError as error:
        # No room for the files: the work matters more than its figures.
        log.warning("metrics.not_counted", error=str(error))
