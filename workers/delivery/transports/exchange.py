"""What is said between the hub and a mail server about a row of messages, each with its own verdict.

smtplib says one command at a time: four round trips a message. A server that offers PIPELINING (RFC 2920)
takes the end of one message and the commands of the next in one piece and answers each in order: one round
trip a message. To any other server the same words go one by one.
"""

from __future__ import annotations

import re
import smtplib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

DONE: Final = 250
FORWARDED: Final = 251
GO_AHEAD: Final = 354
CLOSING: Final = 421
UNREADABLE: Final = -1
"""smtplib's code for an answer that has none."""
FIRST_DOT: Final = re.compile(rb"^\.", re.MULTILINE)

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Outgoing(Generic[Key]):
    """One message to one recipient, by its bare address; ``key`` is the caller's own."""

    key: Key
    recipient: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """The server's answer to a message that it did not take. ``is_sender``: it speaks of the sender."""

    code: int
    answer: bytes
    is_sender: bool = False


Verdict = Refused | smtplib.SMTPException | OSError | None
"""What came of a message: None if it was taken, else why it was not."""


def nothing() -> None:
    """Wait for nothing before a text is sent."""


class Exchange(Generic[Key]):
    """A row of messages on an open, greeted connection; ``smtp.sock`` is None when it cannot go on.

    ``must_reset``: whether the row before ended with a refusal, after which the server's transaction is
    still open (RFC 5321, 4.1.4). Read it at the end for the row that comes next.
    """

    def __init__(self, smtp: smtplib.SMTP, sender: str, *, must_reset: bool = False) -> None:
        self._smtp = smtp
        self._sender = sender
        self._takes_rows = smtp.does_esmtp and smtp.has_extn("pipelining")
        self._takes_size = smtp.does_esmtp and smtp.has_extn("size")
        self.must_reset = must_reset
        self._failure: smtplib.SMTPException | OSError | None = None

    def send(
        self, messages: Iterable[Outgoing[Key]], *, before_text: Callable[[], None] = nothing
    ) -> Generator[tuple[Outgoing[Key], Verdict]]:
        """Yield what came of each message, in order, before the text of the next one is sent.

        ``before_text`` is called when the server waits for a text; what it raises leaves the text unsent.
        Messages are asked for one ahead, while the server works. When the connection has ended, what was
        asked for and not tried gets no verdict.
        """
        coming = iter(messages)
        current = next(coming, None)
        if current is None:
            return
        self._write(self._row(current))
        upcoming = next(coming, None)
        while current is not None:
            verdict = self._may_come(current)
            if verdict is None:
                following = self._row(upcoming) if upcoming is not None else b""
                before_text()
                self._write(_as_sent(current.message) + following)
                after = next(coming, None)
                verdict = self._was_taken()
                yield current, verdict
            else:
                yield current, verdict
                if upcoming is not None and self._smtp.sock is not None:
                    self._write(self._row(upcoming))
                after = next(coming, None)
            if verdict is not None and self._smtp.sock is None:
                return
            current, upcoming = upcoming, after

    def _words(self, message: Outgoing[Key]) -> list[bytes]:
        """Return the commands before a message's text."""
        size = f" size={len(message.message)}" if self._takes_size else ""
        reset = [b"RSET\r\n"] if self.must_reset else []
        return [
            *reset,
            _word(f"MAIL FROM:<{self._sender}>{size}"),
            _word(f"RCPT TO:<{message.recipient}>"),
            b"DATA\r\n",
        ]

    def _row(self, message: Outgoing[Key]) -> bytes:
        """Return the commands as far as they may be sent before they are asked about."""
        return b"".join(self._words(message)) if self._takes_rows else b""

    def _may_come(self, message: Outgoing[Key]) -> Verdict:
        """Return None if the server waits for the text now."""
        refused: Refused | None = None
        code = DONE
        for word in self._words(message):
            if not self._takes_rows:
                if refused is not None:
                    break
                self._write(word)
            verb = word[:4]
            said = self._answer()
            if not isinstance(said, tuple):
                return refused or said
            code, answer = said
            if verb != b"RSET" and code not in _FINE[verb] and refused is None:
                refused = Refused(code, answer, is_sender=verb == b"MAIL")
            if self._ends_with(code):
                return refused or Refused(code, answer)
        if refused is not None and code == GO_AHEAD:
            # It would take a text for nobody; RFC 2920 has it sent an empty one.
            self._write(b".\r\n")
            said = self._answer()
            if isinstance(said, tuple):
                self._ends_with(said[0])
        self.must_reset = refused is not None
        return refused

    def _was_taken(self) -> Verdict:
        """Return None if the server has taken the text."""
        said = self._answer()
        if not isinstance(said, tuple):
            return said
        code, answer = said
        self._ends_with(code)
        return None if code == DONE else Refused(code, answer)

    def _ends_with(self, code: int) -> bool:
        """Hang up after an answer that no order can be trusted after; return whether it is over."""
        if code in (CLOSING, UNREADABLE):
            self._smtp.close()
        return self._smtp.sock is None

    def _write(self, data: bytes) -> None:
        """Send, and remember if that failed: the next answer says so."""
        if data and self._smtp.sock is not None:
            try:
                self._smtp.send(data)
            except (smtplib.SMTPException, OSError) as error:
                self._smtp.close()
                self._failure = error

    def _answer(self) -> tuple[int, bytes] | smtplib.SMTPException | OSError:
        if self._smtp.sock is None:
            return self._failure or smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        try:
            return self._smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._smtp.close()
            return error


_FINE: Final = {b"MAIL": (DONE,), b"RCPT": (DONE, FORWARDED), b"DATA": (GO_AHEAD,)}


def _word(text: str) -> bytes:
    """Return a command's line. Raises ValueError for what would be several, or is not ASCII."""
    if "\r" in text or "\n" in text:
        raise ValueError("an address holds a line break")
    return text.encode("ascii") + b"\r\n"


def _as_sent(message: bytes) -> bytes:
    """Return a message's text, whose lines end with CRLF, as it goes over the wire."""
    ending = b"" if message.endswith(b"\r\n") else b"\r\n"
    return FIRST_DOT.sub(b"..", message) + ending + b".\r\n"
