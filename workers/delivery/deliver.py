"""Send the mails that are due: claim a batch, send each on one connection, settle each by itself."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from config.crashpoints import reach
from config.metrics import count
from config.pace import paced
from hub.notifications.sending import NO_TURN, Desk, Skipped
from hub.texts.links import LinkKeys
from workers.delivery import due
from workers.delivery.message import Form, UnwritableError, envelope_sender, message_id
from workers.delivery.transports.failure import TransportError, UnreachableError
from workers.delivery.transports.mail import (
    CONNECTION_SECONDS,
    LONGEST_REASON,
    MailConnection,
    mail_connection,
)

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.notifications.letters import Letter

log = structlog.get_logger(__name__)

BATCH: Final = 50
MOST_FORMS: Final = 64
"""So many letters are kept as forms, at most, before all are thrown away."""
OUTAGE_SECONDS: Final = paced(30.0)
"""How long everything waits when the mail server cannot be used."""
SLOW_IN_A_ROW: Final = 2
"""After so many messages in a row that the server did not answer in time, the fault is no message's."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one connection may live, and a whole ring with it.

    After half of it no further message is begun on a connection, after two thirds no further connection in
    a ring, so that the queue's heartbeat comes through; the relay rings again.
    """

    connection_seconds: float = CONNECTION_SECONDS

    @property
    def last_connection(self) -> float:
        """Return the age of a ring at which it opens no further connection."""
        return self.connection_seconds * 2 / 3

    @property
    def last_start(self) -> float:
        """Return the age of a connection at which it begins no further message."""
        return self.connection_seconds / 2


def deliver_due(database: Database, settings: Settings, limits: Limits | None = None) -> int:
    """Send until nothing is due or the time is up; return how many deliveries were settled.

    A server that cannot be used costs no message an attempt: all wait together. However it drips and
    hangs, the ring is over when the time of one connection is.
    """
    limits = limits or Limits()
    sender = _Sender(database, settings)
    settled, size, slow = 0, BATCH, 0
    began = time.monotonic()
    while (age := time.monotonic() - began) < limits.last_connection:
        with database.transaction() as session:
            if not due.is_anything_due(session):
                return settled
        try:
            batch = sender.send_batch(size, Limits(limits.connection_seconds - age))
        except UnreachableError as error:
            _wait_for_server(database, str(error))
            return settled
        settled += batch.settled
        slow = (slow if batch.tried == 1 else 0) + 1 if batch.is_slow else 0
        if slow >= SLOW_IN_A_ROW or batch.is_cut:
            _wait_for_server(database, "the mail server is too slow")
            return settled
        if not batch.tried:
            return settled  # another worker has what is due
        # A connection that ended early says how many messages it can take.
        size = max(1, size // 4) if batch.left else min(BATCH, size * 2)
    return settled


def _wait_for_server(database: Database, reason: str) -> None:
    log.warning("mail server cannot be used", reason=reason)
    with database.transaction() as session:
        due.hold_all(session, reason=reason, seconds=OUTAGE_SECONDS)


@dataclass(frozen=True, slots=True)
class _Batch:
    """How many messages of a batch have ended, were tried, and were left over.

    ``is_slow``: the last one tried was not answered in time; ``is_cut``: it had the connection's whole time.
    """

    settled: int
    tried: int
    left: int
    is_slow: bool
    is_cut: bool


@dataclass(slots=True)
class _Sender:
    database: Database
    settings: Settings
    _forms: dict[Letter, Form] = field(default_factory=dict)

    def send_batch(self, size: int, limits: Limits) -> _Batch:
        """Send up to ``size`` messages on one connection."""
        desk = Desk(self.settings.base_url, LinkKeys(self.settings.secret_keys))
        with mail_connection(
            self.settings.smtp_url, own_name=self.settings.trusted_host, limit=limits.connection_seconds
        ) as open_:
            with self.database.transaction() as session:
                claims = due.claim(session, size=size)
            settled = tried = 0
            for claimed in claims:
                if tried and (not open_.is_open or open_.wire.age > limits.last_start):
                    break
                tried += 1
                settled += self._send(desk, open_, claimed)
        left = claims[tried:]
        if left:
            with self.database.transaction() as session:
                due.give_back(session, left, reason=NO_TURN)
        return _Batch(settled, tried, len(left), open_.is_slow, open_.is_slow and open_.wire.is_cut)

    def _send(self, desk: Desk, connection: MailConnection, claimed: due.Claimed) -> bool:
        """Send or skip one message and settle it; return whether it has ended."""
        try:
            with self.database.transaction() as session:
                ready = desk.prepare(session, claimed)
                if isinstance(ready, Skipped):
                    is_ours = due.settle(session, claimed, state="skipped", reason=ready.reason)
            if isinstance(ready, Skipped):
                _tell(claimed, "skipped" if is_ours else "not_ours")
                return is_ours
        except Exception as error:
            # One mail that cannot be written must not keep the others from going out.
            log.exception("mail could not be prepared", delivery_id=claimed.id)
            return self._fail(claimed, f"the mail could not be prepared: {error!r}"[:LONGEST_REASON])
        try:
            message = self._form(ready.letter).fill(
                name=ready.name,
                address=ready.address,
                identity=message_id(claimed.id, claimed.occurrence, self.settings.trusted_host),
                # When it leaves, by the true clock: receivers weigh this header against their own.
                moment=dt.datetime.now(dt.UTC),
            )
        except UnwritableError as error:
            return self._fail(claimed, str(error), is_permanent=True)
        reach("before_send")
        try:
            connection.send(
                sender=envelope_sender(self.settings.mail_from), recipient=ready.address, message=message
            )
        except TransportError as error:
            return self._fail(claimed, error.reason, is_permanent=error.is_permanent)
        reach("after_send")
        with self.database.transaction() as session:
            is_ours = due.settle(session, claimed, state="sent")
        reach("after_settle")
        _tell(claimed, "sent" if is_ours else "not_ours")
        return is_ours

    def _form(self, letter: Letter) -> Form:
        """Return a letter's form; the letter of many is written once. Raises UnwritableError."""
        form = self._forms.get(letter)
        if form is None:
            if len(self._forms) >= MOST_FORMS:
                self._forms.clear()
            form = self._forms[letter] = Form.of(letter, mail_from=self.settings.mail_from)
        return form

    def _fail(self, claimed: due.Claimed, reason: str, *, is_permanent: bool = False) -> bool:
        with self.database.transaction() as session:
            is_ours = due.fail(session, claimed, reason=reason, is_permanent=is_permanent)
        has_ended = is_ours and (is_permanent or claimed.attempts >= due.LAST_ATTEMPT)
        _tell(claimed, "failed" if has_ended else "postponed" if is_ours else "not_ours", reason=reason)
        return has_ended


def _tell(claimed: due.Claimed, outcome: str, *, reason: str | None = None) -> None:
    """Log and count one tried delivery."""
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
