"""Chores: each one is harmless when run twice and cured by its next run when it dies half way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.actor import system_actor
from hub.audit.chain import BATCH, SealKeys, seal_waiting
from hub.privacy.retention import LIMITS, apply_limits
from hub.visits.commands import invite
from hub.visits.queries.passing import waiting_to_pass_on

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.db.transaction import Database

HUB = system_actor("Sinergi Hub")
MOST_LINKS = 500
"""New links sent in one go; more wait for the next."""
BEAT = text(
    "INSERT INTO heartbeats (process) VALUES (:process)"
    " ON CONFLICT (process) DO UPDATE SET beat_at = clock_timestamp()"
)


def heartbeat(database: Database, _settings: Settings, *, process: str) -> int:
    """Write that this queue's worker heard the broker and reached the database."""
    with database.transaction(durable=False) as session:
        session.execute(BEAT, {"process": process})
    return 1


def pass_on(database: Database, _settings: Settings) -> int:
    """Send new links where the post they were mailed to has passed on; return how many.

    Which those are is computed from who serves now, and each is done in a transaction of its own: sent anew
    it is none of them any more, and what was not reached is found the next time.
    """
    with database.transaction() as session:
        waiting = waiting_to_pass_on(session, most=MOST_LINKS)
    sent = 0
    for invitation_id in waiting:
        with database.transaction() as session:
            sent += invite.pass_on(session, actor=HUB, invitation_id=invitation_id) is not None
    return sent


def purge(database: Database, _settings: Settings) -> int:
    """Delete what has served its time; return how many rows."""
    return _ended(database, "hour")


def retention(database: Database, _settings: Settings) -> int:
    """End the personal data whose time is over, table by table; return how many rows."""
    return _ended(database, "day")


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


def _ended(database: Database, every: str) -> int:
    limits = [limit for limit in LIMITS if limit.every == every]
    return sum(rows for _, rows in apply_limits(database, limits))


CHORES: dict[str, Callable[..., int]] = {
    "heartbeat": heartbeat,
    "pass-on": pass_on,
    "purge": purge,
    "retention": retention,
    "seal": seal,
}
"""Every chore by the name that beat sends; a name never changes."""
