"""Mail by SMTP: one connection for many messages, under a total time limit.

smtplib's timeout counts for each read anew, so a server that drips a byte now and then holds a worker for
ever. A watchdog therefore shuts the socket down when the connection's time is over.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from config.pace import paced
from workers.delivery.transports.exchange import Exchange, Key, Outgoing, Refused, nothing
from workers.delivery.transports.failure import TransportError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

CONNECTION_SECONDS: Final = paced(30.0)
"""No connection lives longer, whatever the server does."""
READ_SECONDS: Final = paced(10.0)
"""Longest silence of the server."""
PERMANENT: Final = range(500, 600)
LONGEST_REASON: Final = 300


@dataclass(slots=True)
class Wire:
    """The socket of a connection from its first moment on, and the watchdog that may shut it down."""

    limit: float
    socket: socket.socket | None = None
    is_cut: bool = False
    started: float = field(default_factory=time.monotonic)

    def cut(self) -> None:
        """Shut the socket down, so that whoever waits for it wakes up."""
        self.is_cut = True
        if self.socket is not None:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself

    def close(self) -> None:
        """Let the socket go, however far the connection came."""
        if self.socket is not None:
            self.socket.close()

    @property
    def age(self) -> float:
        """Return how many seconds ago the connection began."""
        return time.monotonic() - self.started


@dataclass(frozen=True, slots=True)
class _Tls:
    """TLS whose socket the watchdog knows before the handshake; all that smtplib asks of a context."""

    context: ssl.SSLContext
    wire: Wire

    def wrap_socket(self, plain: socket.socket, server_hostname: str) -> ssl.SSLSocket:
        secured = self.context.wrap_socket(
            plain, server_hostname=server_hostname, do_handshake_on_connect=False
        )
        self.wire.socket = secured
        secured.do_handshake()
        return secured


class _Smtp(smtplib.SMTP):
    """smtplib's client, whose socket is known before the server has said a word."""

    def __init__(self, wire: Wire, host: str, own_name: str, tls: _Tls | None) -> None:
        super().__init__(local_hostname=own_name, timeout=READ_SECONDS)
        # smtplib checks STARTTLS's certificate against this, and sets it only when it connects at once.
        self._host = host
        self._wire = wire
        self._tls = tls

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        self._wire.socket = plain = socket.create_connection((host, port), timeout)
        if self._wire.is_cut:
            raise TimeoutError("connecting took too long")
        return plain if self._tls is None else self._tls.wrap_socket(plain, host)

    def send(self, s: bytes | str) -> None:  # type: ignore[override]  # typeshed says any buffer
        """Send, unless the time is over: a machine that slept hands nothing over when it wakes up."""
        if self._wire.age > self._wire.limit:
            self._wire.cut()
        super().send(s)


@dataclass(slots=True)
class MailConnection:
    """An open connection to the mail server."""

    smtp: _Smtp
    wire: Wire
    is_slow: bool = False
    """Whether a message was not answered in time."""
    _must_reset: bool = False

    @property
    def is_open(self) -> bool:
        """Return whether another message may be tried on it."""
        return self.smtp.sock is not None and not self.wire.is_cut

    def send(
        self, messages: Iterable[Outgoing[Key]], *, sender: str, before_text: Callable[[], None] = nothing
    ) -> Generator[tuple[Outgoing[Key], TransportError | None]]:
        """Hand messages over; yield each with None, or with why it was not taken, in order.

        ``before_text`` as in ``Exchange.send``. What the connection ended before is not yielded; look at
        ``is_open`` afterwards.
        """
        exchange = Exchange[Key](self.smtp, sender, must_reset=self._must_reset)
        for message, verdict in exchange.send(messages, before_text=before_text):
            self._must_reset = exchange.must_reset
            yield message, None if verdict is None else self._error(verdict)

    def _error(self, verdict: Refused | smtplib.SMTPException | OSError) -> TransportError:
        if isinstance(verdict, Refused):
            # Every sender is the hub: a refusal speaks of its configuration, which can be mended.
            is_permanent = verdict.code in PERMANENT and not verdict.is_sender
            return TransportError(_said(verdict.code, verdict.answer), is_permanent=is_permanent)
        if isinstance(verdict, smtplib.SMTPResponseException):
            # smtplib closes at a line without end and calls that a 500; the server has refused nothing.
            return TransportError(_said(verdict.smtp_code, verdict.smtp_error))
        return TransportError(self._broken(verdict))

    def _broken(self, error: Exception) -> str:
        self.is_slow = self.wire.is_cut or isinstance(error.__context__ or error, TimeoutError)
        if self.wire.is_cut:
            return f"the mail server did not finish within {self.wire.limit:.0f} seconds"
        return f"the connection to the mail server broke: {error}"[:LONGEST_REASON]


@contextmanager
def mail_connection(
    smtp_url: str, *, own_name: str, limit: float = CONNECTION_SECONDS
) -> Iterator[MailConnection]:
    """Open a connection to ``smtp://``, ``smtps://`` or ``smtp+starttls://`` and close it at the end.

    Raises UnreachableError when it cannot be opened, for whatever reason; after ``limit`` seconds it is cut.
    """
    wire = Wire(limit)
    watchdog = threading.Timer(limit, wire.cut)
    watchdog.daemon = True
    watchdog.start()
    try:
        smtp = _open(smtp_url, own_name, wire)
        try:
            yield MailConnection(smtp, wire)
            _take_leave(smtp)
        finally:
            smtp.close()
    finally:
        watchdog.cancel()
        wire.close()


def _open(smtp_url: str, own_name: str, wire: Wire) -> _Smtp:
    where = urlsplit(smtp_url)
    host = where.hostname or "localhost"
    tls = _Tls(ssl.create_default_context(), wire)
    smtp = _Smtp(wire, host, own_name, tls if where.scheme == "smtps" else None)
    port = where.port or {"smtp": 25, "smtps": 465, "smtp+starttls": 587}[where.scheme]
    try:
        smtp.connect(host, port)
        if where.scheme == "smtp+starttls":
            smtp.starttls(context=tls)  # type: ignore[call-overload]  # it calls wrap_socket and nothing else
        if where.username:
            smtp.login(unquote(where.username), unquote(where.password or ""))
        else:
            smtp.ehlo_or_helo_if_needed()
    except (OSError, smtplib.SMTPException) as error:
        smtp.close()
        raise UnreachableError(f"the mail server cannot be used: {error}"[:LONGEST_REASON]) from error
    return smtp


def _take_leave(smtp: _Smtp) -> None:
    if smtp.sock is not None:
        try:
            smtp.quit()
        except (OSError, smtplib.SMTPException):
            return  # everything it took was acknowledged; how it ends does not matter


def _said(code: int, answer: bytes | str) -> str:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"the mail server answered {code} {' '.join(words.split())}"[:LONGEST_REASON]
