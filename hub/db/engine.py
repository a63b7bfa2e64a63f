"""One engine per process and role; a connection acts as its role from its first statement."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from config.pace import paced

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Engine

    from config.settings import Role, Settings

CONNECT_SECONDS = 5
"""How long a process waits for a connection before it answers 503 or tries again."""
STATEMENT_MS = {"app": 15_000, "worker": 8_000, "owner": 0, "backup": 0}
"""Longest statement by role. A worker's is shorter than its lease of 10 seconds (hub.messaging.reactions)."""
IDLE_MS = {"app": 30_000, "worker": round(paced(10_000.0)), "owner": 30_000, "backup": 30_000}
"""A transaction that somebody forgot to end is ended by the server; a worker's as soon as its lease ends,
for until then it keeps what it holds from its successor."""


def connect_arguments(role: Role) -> dict[str, Any]:
    """Return libpq's arguments for a session that acts as ``hub_<role>`` with that role's limits."""
    options = (
        f"-c role=hub_{role} -c timezone=UTC -c statement_timeout={STATEMENT_MS[role]}"
        f" -c idle_in_transaction_session_timeout={IDLE_MS[role]} -c lock_timeout={STATEMENT_MS[role]}"
    )
    return {
        "options": options,
        "connect_timeout": CONNECT_SECONDS,
        "application_name": f"hub-{role}-{os.getpid()}",
    }


def make_engine(settings: Settings, role: Role, *, pool_size: int = 5, overflow: int = 10) -> Engine:
    """Return an engine whose connections act as ``hub_<role>``.

    Build it after a fork, never before: a connection belongs to one process.
    """
    url = make_url(settings.database_urls[role]).set(drivername="postgresql+psycopg")
    return create_engine(
        url,
        connect_args=connect_arguments(role),
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=CONNECT_SECONDS,
        pool_pre_ping=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )
