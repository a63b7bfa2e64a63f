"""A mail server for tests that takes, refuses, drips or hangs up as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any, cast

from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWERS = {"421": "421 4.3.2 closing", "450": "450 4.2.1 try again later", "550": "550 5.1.1 no such mailbox"}


@dataclass
class Sink:
    """What arrived, and how the server behaves.

    "take"; "421", "450" or "550" to a recipient, or "silent" or with an "endless" line; "hang-up" (after
    DATA); "drip" from the first word on.
    """

    mode: str = "take"
    takes_rows: bool = True
    """Whether it offers PIPELINING."""
    refused: frozenset[str] = frozenset()
    port: int = 0
    connections: int = 0
    messages: list[EmailMessage] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def recipients(self) -> list[str]:
        """To whom the messages went, in order."""
        return [str(message["X-To"]) for message in self.messages]

    async def handle_EHLO(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count the connection."""
        session.host_name = hostname
        self.connections += 1
        return [responses[0], "250-PIPELINING", *responses[1:]] if self.takes_rows else responses

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Refuse what is to be refused."""
        if self.mode in ANSWERS and (not self.refused or address in self.refused):
            return ANSWERS[self.mode]
        if self.mode == "silent":
            await asyncio.sleep(3600)
        if self.mode == "endless":
            return "250 " + "2" * 9000
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the message; then answer, or hang up without a word."""
        message = BytesParser(policy=policy.default).parsebytes(envelope.original_content)
        message["X-To"] = envelope.rcpt_tos[0]
        self.messages.append(message)
        if self.mode == "hang-up":
            cast("asyncio.Transport", server.transport).abort()
        return "250 OK"


@contextlib.contextmanager
def running(sink: Sink) -> Iterator[Sink]:
    """Run a sink in a thread until the block ends."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    ended = asyncio.Event()

    open_: list[asyncio.BaseTransport] = []

    class Watched(SMTP):
        """aiosmtpd's server side, whose connections are closed at the end of the test."""

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            open_.append(transport)
            super().connection_made(transport)

    class Drip(asyncio.Protocol):
        """Says a byte now and then, for ever."""

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            open_.append(transport)
            self.drip(cast("asyncio.Transport", transport))

        def drip(self, transport: asyncio.Transport) -> None:
            if not transport.is_closing():
                transport.write(b"2")
                loop.call_later(0.05, self.drip, transport)

    async def serve() -> None:
        server = await loop.create_server(
            Drip if sink.mode == "drip" else lambda: Watched(sink, hostname="sink", loop=loop),
            "127.0.0.1",
            sink.port,
        )
        sink.port = server.sockets[0].getsockname()[1]
        ready.set()
        await ended.wait()
        server.close()
        for transport in open_:
            cast("asyncio.Transport", transport).abort()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    def run() -> None:
        try:
            loop.run_until_complete(serve())
            loop.run_until_complete(asyncio.sleep(0.02))
        finally:
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
