"""Empty what is due, lane by lane.

Two transactions per batch. The first, a single statement, counts the attempt (and may be lost in a crash
of the database, so it need not wait for the disk); the second holds the effect and ``done`` together. An
event that fails its batch is run alone; an event that ends this process was counted before, is
claimed alone from then on, and is parked after the fifth attempt: one bad event stops nobody.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

import structlog
from sqlalchemy.exc import DBAPIError

from config.crashpoints import reach
from config.metrics import count
from config.pace import paced
from hub.messaging import catalogue, reactions
from hub.messaging.reactions import LaneDue
from workers.drain.deadline import TookTooLongError, deadline

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    import psycopg
    from sqlalchemy.orm import Session

    from hub.db.transaction import Database
    from hub.messaging.reactions import Claim
    from workers.drain.lanes import React

log = structlog.get_logger(__name__)

BATCH = 200
"""Reactions a claim: large enough for sets to pay, small enough to end well within the lease."""
LONGEST_SECONDS = 20
"""One ring drains no longer than this; the relay rings again while anything is due."""
LONGEST_BATCH = 1 / 2
LONGEST_ALONE = 1 / 10
"""Share of the lease that work may take; the second for an event whose batch has just failed, so that one
that never ends soon lets its neighbours pass. Its next attempts have the longer time again."""
LOOK_SECONDS = paced(1.0)
"""How often lanes that are never without fresh work are asked for what was tried before; that reads all."""
SHORTEST_TURN = 0.05
LINGER_SECONDS = 0.03
"""Under load, passes that find little begin at least so far apart: more events share what a pass costs."""
REASON_LENGTH = 2000
CANCEL_SECONDS = 2
FRESH = LaneDue(has_fresh=True, has_tried=False)
"""What a lane is taken to have when nobody asked."""

_next_look = 0.0


def drain(database: Database, lanes: Mapping[str, React], *, batch: int = BATCH) -> int:
    """Answer due reactions until none is left or the time is up; return how many were answered.

    The first pass claims without asking what is due: somebody has just rung. Later ones ask first, unless
    a lane was full. Raises SQLAlchemy's errors when the database is away: whatever was claimed is due again
    after the lease.
    """
    answered = 0
    until = time.monotonic() + LONGEST_SECONDS
    asks = False
    # Claims stand by themselves, so one connection serves them all.
    with database.statements() as claiming:
        while (began := time.monotonic()) < until:
            due = _look(claiming, lanes) if asks or began >= _next_look else dict.fromkeys(lanes, FRESH)
            found, is_full = False, False
            for consumer, lane in due.items():
                turn = time.monotonic()
                claims = _claim(claiming, consumer, batch) if lane.has_fresh else []
                if claims:
                    found, is_full = True, is_full or len(claims) >= batch
                    answered += _answer(database, consumer, lanes[consumer], claims)
                if lane.has_tried or (asks and not claims):
                    seconds = max(time.monotonic() - turn, SHORTEST_TURN)
                    tried, done = _answer_tried(
                        database, claiming, consumer, lanes[consumer], seconds=seconds
                    )
                    found = found or tried > 0
                    answered += done
            if asks and not found:
                break
            asks = not is_full
            if found and not is_full:
                time.sleep(max(0.0, began + LINGER_SECONDS - time.monotonic()))
    return answered


def _look(claiming: Session, lanes: Mapping[str, React]) -> dict[str, LaneDue]:
    """Ask which lanes have anything due, in one statement for all of them, in the lanes' order."""
    global _next_look  # noqa: PLW0603 -- a process has one such clock, whatever is drained
    began = time.monotonic()
    is_time = began >= _next_look
    due = reactions.lanes_due(claiming, consumers=list(lanes), look=is_time)
    if is_time and not any(lane.has_tried for lane in due.values()):
        _next_look = began + LOOK_SECONDS
    return {consumer: due[consumer] for consumer in lanes if consumer in due}


def _claim(claiming: Session, consumer: str, batch: int) -> list[Claim]:
    """Claim a batch of fresh reactions."""
    known = catalogue.known()
    claims = reactions.claim(claiming, consumer=consumer, known=known, size=batch, tried=False)
    if claims:
        reach("after_claim")
    return claims


def _claim_tried(claiming: Session, consumer: str) -> list[Claim]:
    """Park what was tried often enough and claim one reaction that was tried before."""
    reactions.park_abandoned(claiming, consumer=consumer)
    claims = reactions.claim(claiming, consumer=consumer, known=catalogue.known(), size=1, tried=True)
    if claims:
        reach("after_claim")
    return claims


def _answer_tried(
    database: Database, claiming: Session, consumer: str, react: React, *, seconds: float
) -> tuple[int, int]:
    """Answer what was tried before, one by one, for so long; return how many were claimed and answered.

    Without a turn of its own, what a killed worker had claimed would wait while there is anything fresh.
    """
    claimed = answered = 0
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        claims = _claim_tried(claiming, consumer)
        if not claims:
            break
        claimed += len(claims)
        answered += _answer(database, consumer, react, claims)
    return claimed, answered


def _answer(
    database: Database, consumer: str, react: React, claims: list[Claim], share: float = LONGEST_BATCH
) -> int:
    """Answer the claims together; if that fails, each one alone. Return how many were answered."""
    try:
        return _answer_together(database, consumer, react, claims, share)
    except Exception as error:
        # A consumer may raise anything; only a lost connection is nobody's event's fault.
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        if len(claims) > 1:
            log.info("drain.isolating", consumer=consumer, events=len(claims), error=repr(error))
            return sum(_answer(database, consumer, react, [claim], LONGEST_ALONE) for claim in claims)
        (claim,) = claims
        log.warning(
            "drain.attempt_failed",
            consumer=consumer,
            event_id=str(claim.event_id),
            correlation_id=str(claim.correlation_id),
            attempts=claim.attempts,
            exc_info=True,
        )
        with database.transaction() as session:
            reason = f"{type(error).__name__}: {error}"[:REASON_LENGTH]
            reactions.fail(session, consumer=consumer, claimed=claim, reason=reason)
        count(lambda counted: counted.reaction_failed(consumer))
        return 0


def _answer_together(
    database: Database, consumer: str, react: React, claims: list[Claim], share: float
) -> int:
    started = time.monotonic()
    with database.transaction() as session:
        held = reactions.hold(session, consumer=consumer, claims=claims)
        if not held:
            return 0
        ids = [claim.event_id for claim in held]
        summaries = _react_in_time(session, react, ids, share)
        missing = set(ids) - set(summaries)
        if missing:
            raise LookupError(f"{consumer} gave no summary for {len(missing)} of {len(ids)} events")
        took_ms = round((time.monotonic() - started) * 1000)
        reactions.settle(session, consumer=consumer, summaries=summaries, took_ms=took_ms)
        session.flush()
        reach("before_effect_commit")
    reach("after_effect_commit")
    _tell(consumer, held, seconds=time.monotonic() - started)
    return len(held)


def _tell(consumer: str, held: list[Claim], *, seconds: float) -> None:
    """Log and count an answered batch; its lag is that of its oldest event."""
    log.info(
        "drain.answered",
        consumer=consumer,
        events=[str(claim.event_id) for claim in held],
        correlation_ids=list(dict.fromkeys(str(claim.correlation_id) for claim in held)),
        ms=round(seconds * 1000, 1),
    )
    lag = max(claim.lag for claim in held)
    count(
        lambda counted: counted.drained(
            consumer=consumer, count=len(held), seconds=seconds, claimed=lag, settled=lag + seconds
        )
    )


def _react_in_time(
    session: Session, react: React, ids: list[UUID], share: float
) -> Mapping[UUID, Mapping[str, Any]]:
    """Do the work within a share of the lease: an event without an end must not keep its lane for ever."""
    connection = session.connection()
    try:
        with deadline(reactions.LEASE.total_seconds() * share):
            return react(session, ids)
    except TookTooLongError:
        # A query may still run and hold its locks; whoever writes the reason down would wait for them.
        driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
        driver.cancel_safe(timeout=CANCEL_SECONDS)
        session.invalidate()
        raise
