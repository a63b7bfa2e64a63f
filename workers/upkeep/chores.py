"""Chores: each one is harmless when run twice and cured by its next run when it dies half way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import bindparam, text
from sqlalchemy.types import Interval

from hub.audit.chain import BATCH, SealKeys, seal_waiting

if TYPE_CHECKING:
    from sqlalchemy import CursorResult

    from config.settings import Settings
    from hub.db.transaction import Database

KEPT = {"keys": dt.timedelta(days=7), "sign_ins": dt.timedelta(days=30), "throttles": dt.timedelta(days=1)}
"""How long an answer can be asked for again, a sign-in stays in the list, a failed try counts."""

PURGES = (
    text("DELETE FROM request_keys WHERE created_at < hub_now() - :keys"),
    text("DELETE FROM sign_ins WHERE expires_at < hub_now() - :sign_ins"),
    text(
        "DELETE FROM sign_in_throttles WHERE first_failed_at < hub_now() - :throttles"
        " AND (blocked_until IS NULL OR blocked_until < hub_now())"
    ),
)
BEAT = text(
    "INSERT INTO heartbeats (process) VALUES (:process)"
    " ON CONFLICT (process) DO UPDATE SET beat_at = clock_timestamp()"
)


def heartbeat(database: Database, _settings: Settings, *, process: str) -> int:
    """Write that this queue's worker heard the broker and reached the database."""
    with database.transaction(durable=False) as session:
        session.execute(BEAT, {"process": process})
    return 1


def purge(database: Database, _settings: Settings) -> int:
    """Delete what has served its time; return how many rows."""
    deleted = 0
    for statement in PURGES:
        (name,) = (bind for bind in KEPT if f":{bind}" in str(statement))
        with database.transaction() as session:
            typed = statement.bindparams(bindparam(name, type_=Interval))
            deleted += cast("CursorResult[Any]", session.execute(typed, {name: KEPT[name]})).rowcount
    return deleted


def seal(database: Database, settings: Settings) -> int:
    """Seal what the audit log got since the last time; return how many entries."""
    keys = SealKeys(settings.secret_keys)
    total = 0
    while True:
        with database.transaction() as session:
            sealed = seal_waiting(session, keys)
        total += sealed
        if sealed < BATCH:
            return total


CHORES: dict[str, Callable[..., int]] = {"heartbeat": heartbeat, "purge": purge, "seal": seal}
"""Every chore by the name that beat sends; a name never changes."""
