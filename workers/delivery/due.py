"""Claim due deliveries and settle them: every statement of a worker that changes one.

A claim is committed before anything is sent: attempts + 1, due again when the lease ends. The number of
attempts is the fencing token: whoever wakes up late finds another number and settles nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import ARRAY, BigInteger, DateTime, Integer, Interval, bindparam, text

from config.pace import paced
from hub.notifications.sending import ABANDONED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session

LEASE: Final = paced(dt.timedelta(seconds=60))
"""A claim that is not settled by then is due again. Twice as long as a connection may live."""
LAST_ATTEMPT: Final = 6
"""After this many attempts a message has failed."""
BACKOFF: Final = (30, 120, 600, 3600, 3600)
"""Seconds to wait after the first to the fifth failed attempt, each varied by a fifth."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claimed delivery; ``attempts`` proves the claim when it is settled."""

    id: int
    event_id: uuid.UUID | None
    kind: str
    occurrence: str
    address: str
    person_id: int | None
    invitation_id: int | None
    attempts: int
    correlation_id: uuid.UUID | None = None
    due_at: dt.datetime | None = None


IS_DUE = text(
    "SELECT EXISTS (SELECT FROM deliveries WHERE channel = 'mail' AND state = 'due' AND due_at <= hub_now())"
)

# Whoever fails leaves a reason, so a claimed row without one was held by a process that ended. Such a row
# is claimed alone: if it is the message that ends processes, it costs no other message an attempt.
CLAIM = """
    WITH picked AS (
        SELECT id, due_at FROM deliveries
        WHERE channel = 'mail' AND state = 'due' AND due_at <= hub_now() AND {which}
        ORDER BY due_at, id LIMIT :size FOR UPDATE SKIP LOCKED
    )
    UPDATE deliveries d SET attempts = attempts + 1, due_at = hub_now() + :lease, reason = NULL
    FROM picked WHERE d.id = picked.id
    RETURNING d.id, d.event_id, d.kind, d.occurrence, d.address, d.person_id, d.invitation_id, d.attempts,
              (SELECT correlation_id FROM events WHERE events.id = d.event_id), picked.due_at
"""
LEASED = bindparam("lease", type_=Interval)
CLAIM_BATCH = text(CLAIM.format(which="(attempts = 0 OR reason IS NOT NULL)")).bindparams(LEASED)
CLAIM_ABANDONED = text(CLAIM.format(which="attempts > 0 AND reason IS NULL")).bindparams(LEASED)

FAIL_ABANDONED = text(
    """
    UPDATE deliveries SET state = 'failed', settled_at = hub_now(), reason = :reason
    WHERE channel = 'mail' AND state = 'due' AND due_at <= hub_now() AND attempts >= :last AND reason IS NULL
    """
)

STILL_OURS = text(
    """
    SELECT d.id FROM unnest(:ids, :attempts) AS mine(id, attempts)
    JOIN deliveries d ON d.id = mine.id AND d.attempts = mine.attempts AND d.state = 'due'
    """
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("attempts", type_=ARRAY(Integer)))

SETTLE = text(
    """
    UPDATE deliveries SET state = :state, settled_at = hub_now(), reason = :reason
    WHERE id = :id AND attempts = :attempts AND state = 'due'
    """
)

POSTPONE = text(
    """
    UPDATE deliveries SET due_at = hub_now() + :wait * (0.8 + 0.4 * random()), reason = :reason
    WHERE id = :id AND attempts = :attempts AND state = 'due'
    """
).bindparams(bindparam("wait", type_=Interval))

# The attempt is not spent, and the place before what is tried again is kept. That the attempt's number is
# given again harms nobody: who had it does no more with it.
GIVE_BACK = text(
    """
    UPDATE deliveries d SET attempts = d.attempts - 1, due_at = coalesce(mine.due_at, hub_now()),
                            reason = :reason
    FROM unnest(:ids, :attempts, :due) AS mine(id, attempts, due_at)
    WHERE d.id = mine.id AND d.attempts = mine.attempts AND d.state = 'due'
    """
).bindparams(
    bindparam("ids", type_=ARRAY(BigInteger)),
    bindparam("attempts", type_=ARRAY(Integer)),
    bindparam("due", type_=ARRAY(DateTime(timezone=True))),
)

# What a process that ended had claimed stays without a reason, and so is still claimed alone afterwards.
HOLD_ALL = text(
    """
    UPDATE deliveries SET due_at = hub_now() + :wait,
                          reason = CASE WHEN attempts = 0 OR reason IS NOT NULL THEN :reason END
    WHERE id IN (
        SELECT id FROM deliveries WHERE channel = 'mail' AND state = 'due' AND due_at <= hub_now()
        FOR UPDATE SKIP LOCKED
    )
    """
).bindparams(bindparam("wait", type_=Interval))


def is_anything_due(session: Session) -> bool:
    """Return whether a mail may be tried now."""
    return bool(session.scalar(IS_DUE))


def claim(session: Session, *, size: int) -> list[Claimed]:
    """Claim one message whose last claimer ended, if any, else up to ``size`` others, longest due first.

    Commit before sending: the attempt must be counted even if it ends the process.
    """
    session.execute(FAIL_ABANDONED, {"reason": ABANDONED, "last": LAST_ATTEMPT})
    rows = session.execute(CLAIM_ABANDONED, {"size": 1, "lease": LEASE}).all()
    rows = rows or session.execute(CLAIM_BATCH, {"size": size, "lease": LEASE}).all()
    return sorted((Claimed(*row) for row in rows), key=lambda claimed: (claimed.due_at, claimed.id))


def still_ours(session: Session, claims: Sequence[Claimed]) -> set[int]:
    """Return which of these claims nobody else has taken over or settled since."""
    values = {"ids": [one.id for one in claims], "attempts": [one.attempts for one in claims]}
    return set(session.scalars(STILL_OURS, values))


def settle(session: Session, claimed: Claimed, *, state: str, reason: str | None = None) -> bool:
    """End a delivery as sent, skipped or failed; return False if the claim is no longer ours."""
    values = {"id": claimed.id, "attempts": claimed.attempts, "state": state, "reason": reason}
    return _count(session, SETTLE, values) == 1


def fail(session: Session, claimed: Claimed, *, reason: str, is_permanent: bool) -> bool:
    """Write down a failed attempt: wait longer, or end as failed; False if the claim is no longer ours."""
    if is_permanent or claimed.attempts >= LAST_ATTEMPT:
        return settle(session, claimed, state="failed", reason=reason)
    wait = paced(BACKOFF[min(claimed.attempts, len(BACKOFF)) - 1])
    values = {"id": claimed.id, "attempts": claimed.attempts, "reason": reason}
    return _count(session, POSTPONE, values | {"wait": dt.timedelta(seconds=wait)}) == 1


def give_back(session: Session, claims: Sequence[Claimed], *, reason: str) -> int:
    """Make claimed deliveries due again at once, because their turn did not come; return how many."""
    values: dict[str, Any] = {"ids": [one.id for one in claims], "attempts": [one.attempts for one in claims]}
    return _count(session, GIVE_BACK, values | {"due": [one.due_at for one in claims], "reason": reason})


def hold_all(session: Session, *, reason: str, seconds: float) -> int:
    """Let everything due wait, because no server takes it; nobody's attempts are spent. Return how many."""
    return _count(session, HOLD_ALL, {"reason": reason, "wait": dt.timedelta(seconds=seconds)})


def _count(session: Session, statement: Any, values: dict[str, Any]) -> int:
    return cast("CursorResult[Any]", session.execute(statement, values)).rowcount
