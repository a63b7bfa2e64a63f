"""Send the mails that are due: claim batches, send them in a row on one connection, settle each by itself."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from config.crashpoints import reach
from config.pace import paced
from hub.notifications.sending import NO_TURN
from workers.delivery import due
from workers.delivery.book import Book
from workers.delivery.feed import Feed
from workers.delivery.message import envelope_sender
from workers.delivery.transports.failure import UnreachableError
from workers.delivery.transports.mail import CONNECTION_SECONDS, MailConnection, mail_connection

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.db.transaction import Database

log = structlog.get_logger(__name__)

BATCH: Final = 100
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
    with Book(database) as book:
        _deliver(_Sender(database, settings, book), limits)
        return book.settled


def _deliver(sender: _Sender, limits: Limits) -> None:
    database = sender.database
    size, slow = BATCH, 0
    began = time.monotonic()
    while (age := time.monotonic() - began) < limits.last_connection:
        with database.transaction() as session:
            if not due.is_anything_due(session):
                return
        try:
            turn = sender.send(size, Limits(limits.connection_seconds - age))
        except UnreachableError as error:
            _wait_for_server(database, str(error))
            return
        slow = (slow if turn.answered == 1 else 0) + 1 if turn.is_slow else 0
        if slow >= SLOW_IN_A_ROW or turn.is_cut:
            _wait_for_server(database, "the mail server is too slow")
            return
        if not turn.claimed:
            return  # another worker has what is due
        # A connection that ended early says how many messages it can take.
        size = max(1, size // 4) if turn.left else min(BATCH, size * 2)


def _wait_for_server(database: Database, reason: str) -> None:
    log.warning("mail server cannot be used", reason=reason)
    with database.transaction() as session:
        due.hold_all(session, reason=reason, seconds=OUTAGE_SECONDS)


@dataclass(slots=True)
class _Turn:
    """What one connection brought: how many messages were claimed, answered, and left over.

    ``is_slow``: the last one was not answered in time; ``is_cut``: it had the connection's whole time.
    """

    claimed: int = 0
    answered: int = 0
    left: int = 0
    is_slow: bool = False
    is_cut: bool = False


@dataclass(slots=True)
class _Sender:
    database: Database
    settings: Settings
    book: Book

    def send(self, size: int, limits: Limits) -> _Turn:
        """Send batches of up to ``size`` messages on one connection, as many as it takes."""
        turn = _Turn()
        with mail_connection(
            self.settings.smtp_url, own_name=self.settings.trusted_host, limit=limits.connection_seconds
        ) as open_:

            def may_begin() -> bool:
                return open_.is_open and open_.wire.age <= limits.last_start

            feed = Feed(self.database, self.settings, self.book, may_begin)
            while not turn.left and (not turn.claimed or may_begin()):
                with self.database.transaction() as session:
                    claims = due.claim(session, size=size)
                if not claims:
                    break
                turn.claimed += len(claims)
                self._send(open_, feed, claims, turn)
        turn.is_slow = open_.is_slow
        turn.is_cut = open_.is_slow and open_.wire.is_cut
        return turn

    def _send(self, open_: MailConnection, feed: Feed, claims: list[due.Claimed], turn: _Turn) -> None:
        """Send one batch and give back what it has no time for."""
        sender = envelope_sender(self.settings.mail_from)
        mails = feed.mails(claims)
        with contextlib.closing(open_.send(mails, sender=sender, before_text=self.book.hear)) as row:
            for mail, error in row:
                feed.answered(mail.key)
                turn.answered += 1
                if error is None:
                    reach("after_send")
                    self.book.sent(mail.key)
                else:
                    self.book.fail(mail.key, error.reason, is_permanent=error.is_permanent)
        self.book.finish()
        if feed.failure is not None:
            raise feed.failure
        left = feed.left
        if left:
            turn.left += len(left)
            with self.database.transaction() as session:
                due.give_back(session, left, reason=NO_TURN)
