"""The book of a ring: what came of each message is written down, told in the log and counted.

That a message was sent is written by a statement that the process does not wait for at once: it is answered
while the mail server is told whom the next message is for, and must be before it gets that message's text. So
whatever ends, the process or the database, one message at most is sent and not written down.
"""

from __future__ import annotations

import re
import weakref
from typing import TYPE_CHECKING, Final, Self, cast

import structlog
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus

from config.crashpoints import reach
from config.metrics import count
from workers.delivery import due
from workers.delivery.transports.mail import LONGEST_REASON

if TYPE_CHECKING:
    from types import TracebackType

    from psycopg.pq.abc import PGresult
    from sqlalchemy import PoolProxiedConnection

    from hub.db.patience import PatientConnection
    from hub.db.transaction import Database

log = structlog.get_logger(__name__)

STATEMENT: Final = b"hub_settle_delivery"
ORDER: Final = ("state", "reason", "id", "attempts")
_prepared: weakref.WeakSet[PatientConnection] = weakref.WeakSet()


class Book:
    """Writes outcomes; ``settled`` counts the deliveries that have ended."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pooled: PoolProxiedConnection | None = None
        self._unanswered: due.Claimed | None = None
        self._untold: list[tuple[due.Claimed, bool]] = []
        self.settled = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pooled is not None:
            if self._unanswered is not None:
                self._pooled.invalidate(error)
            self._pooled.close()
            self._pooled = None

    def sent(self, claimed: due.Claimed) -> None:
        """Write down that a message was sent, after waiting for the answer to the one before.

        Raises psycopg's errors, as every method here may raise the database's.
        """
        self.hear()
        self._ask(claimed)

    def finish(self) -> None:
        """Wait until everything is written down, and tell it."""
        self.hear()
        self.tell()

    def tell(self) -> None:
        """Log and count what the database has confirmed since the last time."""
        told, self._untold = self._untold, []
        for claimed, is_ours in told:
            _tell(claimed, "sent" if is_ours else "not_ours")

    def skipped(self, claimed: due.Claimed, *, is_ours: bool) -> None:
        """Tell of a message that has lost its point, or that somebody else has claimed since."""
        self.settled += is_ours
        _tell(claimed, "skipped" if is_ours else "not_ours")

    def fail(self, claimed: due.Claimed, reason: str, *, is_permanent: bool = False) -> None:
        """Write a failed attempt down."""
        reason = reason[:LONGEST_REASON]
        with self._database.transaction() as session:
            is_ours = due.fail(session, claimed, reason=reason, is_permanent=is_permanent)
        has_ended = is_ours and (is_permanent or claimed.attempts >= due.LAST_ATTEMPT)
        self.settled += has_ended
        _tell(claimed, "failed" if has_ended else "postponed" if is_ours else "not_ours", reason=reason)

    def _ask(self, claimed: due.Claimed) -> None:
        connection = self._connection()
        values = {"state": "sent", "reason": None, "id": claimed.id, "attempts": claimed.attempts}
        given = [None if values[name] is None else str(values[name]).encode() for name in ORDER]
        self._unanswered = claimed
        connection.pgconn.send_query_prepared(STATEMENT, given)
        connection.pgconn.flush()

    def hear(self) -> None:
        """Wait for what was asked last, if anything was."""
        if self._unanswered is not None:
            result = _result(self._connection())
            claimed, self._unanswered = self._unanswered, None
            is_ours = result.command_tuples == 1
            self.settled += is_ours
            self._untold.append((claimed, is_ours))
            reach("after_settle")

    def _connection(self) -> PatientConnection:
        if self._pooled is None:
            self._pooled = self._database.engine.raw_connection()
        connection = cast("PatientConnection", self._pooled.driver_connection)
        if connection not in _prepared:
            # Each statement is a transaction of its own: none is begun on this connection.
            numbered = re.sub(r":([a-z]+)\b", lambda name: f"${ORDER.index(name[1]) + 1}", str(due.SETTLE))
            connection.pgconn.send_prepare(STATEMENT, numbered.encode())
            _result(connection)
            _prepared.add(connection)
        return connection


def _result(connection: PatientConnection) -> PGresult:
    """Wait for the answer to a statement that was sent. Raises psycopg's errors."""
    answers: list[PGresult] = connection.wait(execute(connection.pgconn))
    (result,) = answers
    if result.status != ExecStatus.COMMAND_OK:
        raise error_from_result(result)
    return result


def _tell(claimed: due.Claimed, outcome: str, *, reason: str | None = None) -> None:
    say = log.warning if reason else log.info
    say(
        "delivery.tried",
        outcome=outcome,
        delivery_id=claimed.id,
        event_id=str(claimed.event_id),
        correlation_id=str(claimed.correlation_id),
        attempts=claimed.attempts,
        **({"reason": reason} if reason else {}),
    )
    count(lambda counted: counted.delivery(outcome))
