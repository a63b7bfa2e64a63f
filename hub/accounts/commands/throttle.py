"""Count tries to sign in, by account and by address, so that guessing takes for ever.

A try is counted before its password is looked at, in a transaction of its own: a request that fails
afterwards, or a hundred at once, cannot escape the count. A success takes it back. The counters stand
in the database: no restart forgets them, and while they cannot be read nobody signs in.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, text

from hub.errors import Throttled
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries in a quarter of an hour; then a wait that doubles up to its cap (minutes)."""

    tries: int
    first_wait: int
    longest_wait: int


ACCOUNT = Limit(tries=5, first_wait=15, longest_wait=240)
ADDRESS = Limit(tries=50, first_wait=15, longest_wait=15)
RESETS = Limit(tries=20, first_wait=15, longest_wait=60)

COUNT = text(
    """
    INSERT INTO sign_in_throttles AS kept (bucket, failures) VALUES (:bucket, 1)
    ON CONFLICT (bucket) DO UPDATE SET (failures, first_failed_at, blocked_until) = (
        SELECT CASE WHEN is_over THEN 1 ELSE kept.failures + 1 END,
               CASE WHEN is_over THEN hub_now() ELSE kept.first_failed_at END,
               CASE WHEN NOT is_over AND kept.failures + 1 >= :tries
                    THEN hub_now() + interval '1 minute'
                         * least(:longest_wait, :first_wait * power(2, least(kept.failures + 1 - :tries, 20)))
               END
        FROM (SELECT greatest(kept.first_failed_at, kept.blocked_until) < hub_now() - interval '15 minutes'
                     AS is_over) AS quarter
    )
    RETURNING ceil(extract(epoch FROM old.blocked_until - hub_now()))::int AS blocked_seconds
    """
).bindparams(
    bindparam("tries", type_=Integer),
    bindparam("first_wait", type_=Integer),
    bindparam("longest_wait", type_=Integer),
)
FORGET = text("DELETE FROM sign_in_throttles WHERE bucket = :bucket")
TAKE_BACK = text(
    """
    UPDATE sign_in_throttles SET failures = greatest(failures - 1, 0), blocked_until = NULL
    WHERE bucket = :bucket
    """
)


def count_try(session: Session, *, email: str, address: str) -> None:
    """Count one try for this account and this address; commit it before the password is looked at.

    An account that does not exist is counted alike. Raises Throttled (then nothing is to be committed)
    while either must wait; ``values["seconds"]`` says how long.
    """
    # The account first, here and in forgive(): those that share both buckets never wait in a ring.
    for bucket, limit in ((_account(email), ACCOUNT), (_address(address), ADDRESS)):
        waiting = session.execute(COUNT, {"bucket": bucket, **asdict(limit)}).scalar_one()
        if waiting is not None and waiting > 0:
            raise Throttled(lazy("Too many tries. Wait %(seconds)s seconds."), seconds=waiting)


def count_address(session: Session, *, address: str) -> None:
    """Count one try that names no account; commit it before the proof is looked at. Raises Throttled."""
    waiting = session.execute(COUNT, {"bucket": _address(address), **asdict(ADDRESS)}).scalar_one()
    if waiting is not None and waiting > 0:
        raise Throttled(lazy("Too many tries. Wait %(seconds)s seconds."), seconds=waiting)


def take_back(session: Session, *, address: str) -> None:
    """Take a try back from its address after a success."""
    session.execute(TAKE_BACK, {"bucket": _address(address)})


def count_reset(session: Session, *, address: str) -> None:
    """Count one wish for a new password from this address; commit it at once. Raises Throttled."""
    waiting = session.execute(COUNT, {"bucket": f"reset:{address}", **asdict(RESETS)}).scalar_one()
    if waiting is not None and waiting > 0:
        raise Throttled(lazy("Too many tries. Wait %(seconds)s seconds."), seconds=waiting)


def forgive_account(session: Session, *, email: str) -> None:
    """Forget an account's tries: its owner has set a new password by mail."""
    session.execute(FORGET, {"bucket": _account(email)})


def forgive(session: Session, *, email: str, address: str) -> None:
    """Forget an account's tries after a success, and take this try back from its address."""
    session.execute(FORGET, {"bucket": _account(email)})
    session.execute(TAKE_BACK, {"bucket": _address(address)})


def _account(email: str) -> str:
    return f"account:{hashlib.sha256(email.strip().lower().encode()).hexdigest()}"


def _address(address: str) -> str:
    return f"address:{address}"
