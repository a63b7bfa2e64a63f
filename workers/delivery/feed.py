"""The mails of a claimed batch, each read and written when its turn comes.

Who gets a notice is read for the rest of the batch at once, and again when that is older than a
moment: people leave, move and switch mails off, and another worker may have claimed what slept too long.
"""

from __future__ import annotations

import datetime as dt
import itertools
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from config.crashpoints import reach
from config.pace import paced
from hub.notifications.sending import Desk, Ready, Skipped
from hub.texts.links import LinkKeys
from workers.delivery import due
from workers.delivery.message import Form, UnwritableError, message_id
from workers.delivery.transports.exchange import Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.notifications.letters import Letter
    from workers.delivery.book import Book

log = structlog.get_logger(__name__)

FRESH_SECONDS: Final = paced(1.0)
"""So long what was read of a recipient is good for sending."""
MOST_AHEAD: Final = 256
MOST_FORMS: Final = 64
"""So many letters are kept as forms, at most, before all are thrown away."""


@dataclass(slots=True)
class Feed:
    """Turns claims into mails; what is skipped or cannot be written it settles by itself."""

    database: Database
    settings: Settings
    book: Book
    may_begin: Callable[[], bool]
    """Whether another message may be begun; the first one of a connection always is."""
    _desk: Desk = field(init=False)
    _forms: dict[Letter, Form] = field(default_factory=dict)
    _waiting: deque[due.Claimed] = field(default_factory=deque)
    _begun: dict[int, due.Claimed] = field(default_factory=dict)
    _ready: dict[int, Ready] = field(default_factory=dict)
    _read_at: float = 0.0
    _ahead: int = 4
    """So many recipients are read at once; more, as the connection proves to take more."""
    failure: Exception | None = None
    """What went wrong with the database while mails were asked for."""

    def __post_init__(self) -> None:
        """Take a desk for this connection."""
        self._desk = Desk(self.settings.base_url, LinkKeys(self.settings.secret_keys))

    def mails(self, claims: Sequence[due.Claimed]) -> Iterator[Outgoing[due.Claimed]]:
        """Yield the mails of these claims in order, until they or the connection's time are over.

        An error of the database ends them, too, and is kept as ``failure``: the mail that is under way
        meanwhile shall be heard of first.
        """
        self._waiting, self._ready = deque(claims), {}
        is_first = True
        try:
            while self._waiting and (is_first or self.may_begin()):
                is_first = False
                mail = self._next()
                self.book.tell()
                if mail is not None:
                    yield mail
        except Exception as error:  # noqa: BLE001 -- raised again by who asked, see above
            self.failure = error

    def answered(self, claimed: due.Claimed) -> None:
        """Note that the server has had its say about a mail."""
        del self._begun[claimed.id]

    @property
    def left(self) -> list[due.Claimed]:
        """Return the claims whose turn has not come."""
        return [*self._begun.values(), *self._waiting]

    def _next(self) -> Outgoing[due.Claimed] | None:
        """Return the next mail, or None where the claim that stood first came to another end."""
        claimed = self._waiting[0]
        if claimed.id not in self._ready or time.monotonic() - self._read_at > FRESH_SECONDS:
            self._read()
        ready = self._ready.pop(claimed.id, None)
        if ready is None:
            return None
        self._waiting.popleft()
        try:
            message = self._form(ready.write()).fill(
                name=ready.name,
                address=ready.address,
                identity=message_id(claimed.id, claimed.occurrence, self.settings.trusted_host),
                # When it leaves, by the true clock: receivers weigh this header against their own.
                moment=dt.datetime.now(dt.UTC),
            )
        except UnwritableError as error:
            self.book.fail(claimed, str(error), is_permanent=True)
            return None
        except Exception as error:
            # Whatever a letter runs into, it is this letter's failure: it waits longer, the others go out.
            log.exception("mail could not be written", delivery_id=claimed.id)
            self.book.fail(claimed, f"the mail could not be prepared: {error!r}")
            return None
        reach("before_send")
        self._begun[claimed.id] = claimed
        return Outgoing(claimed, ready.address, message)

    def _form(self, letter: Letter) -> Form:
        """Return a letter's form; the letter of many is written once. Raises UnwritableError."""
        form = self._forms.get(letter)
        if form is None:
            if len(self._forms) >= MOST_FORMS:
                self._forms.clear()
            form = self._forms[letter] = Form.of(letter, mail_from=self.settings.mail_from)
        return form

    def _read(self) -> None:
        """Prepare what stands first, and with a notice others that wait; settle what goes no further."""
        first = self._waiting[0]
        self._ready = {}
        try:
            if Desk.is_notice(first):
                notices = (one for one in self._waiting if Desk.is_notice(one))
                self._prepare(list(itertools.islice(notices, self._ahead)))
                self._ahead = min(4 * self._ahead, MOST_AHEAD)
            else:
                self._prepare([first])
        except Exception as error:
            # One mail that cannot be written must not keep the others from going out.
            log.exception("mails could not be prepared", delivery_id=first.id)
            self._prepare_alone(first, error)

    def _prepare_alone(self, first: due.Claimed, error: Exception) -> None:
        if len(self._waiting) > 1 and Desk.is_notice(first):
            try:
                self._prepare([first])
            except Exception as its_own:
                log.exception("mail could not be prepared", delivery_id=first.id)
                error = its_own
            else:
                return
        self._waiting.popleft()
        self.book.fail(first, f"the mail could not be prepared: {error!r}")

    def _prepare(self, claims: Sequence[due.Claimed]) -> None:
        with self.database.transaction() as session:
            ours = due.still_ours(session, claims)
            mine = [one for one in claims if one.id in ours]
            prepared = dict(zip(mine, self._desk.prepare_all(session, mine), strict=True))
            skipped = {
                claimed: due.settle(session, claimed, state="skipped", reason=found.reason)
                for claimed, found in prepared.items()
                if isinstance(found, Skipped)
            }
        self._read_at = time.monotonic()
        self._ready = {one.id: found for one, found in prepared.items() if isinstance(found, Ready)}
        gone = {one: False for one in claims if one.id not in ours} | skipped
        for claimed, is_ours in gone.items():
            self.book.skipped(claimed, is_ours=is_ours)
        self._waiting = deque(one for one in self._waiting if one not in gone)
