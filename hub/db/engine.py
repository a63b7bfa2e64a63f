"""One engine per process and role; a connection acts as its role from its first statement.

No wait is without an end: for a free connection, for a new one, for an answer (hub.db.patience).
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url

from config.pace import paced
from hub.db.patience import PatientConnection, at_most, demand_time
from hub.db.plans import plan_others_anew

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Engine

    from config.settings import Role, Settings

POOL_SECONDS = 3
"""How long work waits for a free connection of its process: all of them taken for so long is an overload."""
CONNECT_SECONDS = 2
"""How long a process waits for a new connection before it answers 503 or tries again."""
PING_SECONDS = 1
"""A pooled connection that does not answer for so long is replaced."""
FRESH_SECONDS = 0.1
"""A connection that answered so lately is not asked again whether it lives: no server restarts so quickly,
and while one is away a new connection would not help either."""
STATEMENT_MS = {"app": 4_000, "worker": 8_000, "owner": 0, "backup": 0}
"""Longest statement by role. A request is answered within five seconds (hub.web.application); a worker's
statement is shorter than its lease of 10 seconds (hub.messaging.reactions)."""
PATIENCE_SECONDS = {"app": 4.5, "worker": 9.0, "owner": None, "backup": None}
"""How long a role waits for one answer of a server that says nothing: a little longer than a server that
is well would work on it."""
WORK_MEM = {"app": "4MB", "worker": "32MB", "owner": "4MB", "backup": "4MB"}
"""Memory of one sort: a worker puts a crowd in order, and there are few workers."""
IDLE_MS = {"app": 30_000, "worker": round(paced(10_000.0)), "owner": 30_000, "backup": 30_000}
"""A transaction that somebody forgot to end is ended by the server; a worker's as soon as its lease ends,
for until then it keeps what it holds from its successor."""


def connect_arguments(role: Role) -> dict[str, Any]:
    """Return libpq's arguments for a session that acts as ``hub_<role>`` with that role's limits."""
    options = (
        f"-c role=hub_{role} -c timezone=UTC -c statement_timeout={STATEMENT_MS[role]}"
        f" -c idle_in_transaction_session_timeout={IDLE_MS[role]} -c lock_timeout={STATEMENT_MS[role]}"
        f" -c work_mem={WORK_MEM[role]}"
    )
    return {
        "options": options,
        "connect_timeout": CONNECT_SECONDS,
        "application_name": f"hub-{role}-{os.getpid()}",
    }


def connect(address: str, role: Role, **arguments: Any) -> PatientConnection:
    """Return a connection of one's own that acts as ``hub_<role>``. Raises psycopg's OperationalError."""
    made = PatientConnection.connect(address, **connect_arguments(role), **arguments)
    made.patience = PATIENCE_SECONDS[role]
    return made


def make_engine(settings: Settings, role: Role, *, pool_size: int = 5, overflow: int = 10) -> Engine:
    """Return an engine whose connections act as ``hub_<role>``.

    Build it after a fork, never before: a connection belongs to one process.
    """
    url = make_url(settings.database_urls[role]).set(drivername="postgresql+psycopg")
    engine = create_engine(
        url,
        connect_args=connect_arguments(role),
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )

    @event.listens_for(engine, "do_connect")
    def connect_patiently(
        _dialect: object, _record: object, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> PatientConnection:
        demand_time(CONNECT_SECONDS)
        made = PatientConnection.connect(*arguments, **options)
        made.patience = PATIENCE_SECONDS[role]
        return made

    plan_others_anew(engine)
    ping = engine.dialect.do_ping

    def ping_briefly(dbapi_connection: Any) -> bool:
        if not dbapi_connection.closed and time.monotonic() - dbapi_connection.answered_at < FRESH_SECONDS:
            return True
        with at_most(PING_SECONDS):
            return ping(dbapi_connection)

    engine.dialect.do_ping = ping_briefly  # type: ignore[method-assign]  # SQLAlchemy has no time for it
    return engine
