"""A mail server that keeps what it takes and misbehaves as told: ``python -m tests.faults.sink FOLDER PORT``.

It reads its mode from FOLDER/mode again and again, and appends what happens to FOLDER/log.jsonl: a
message is written and synced to the disk before the sender is told that it was taken.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import time
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import Callable

MODES = ("ok", "down", "refuse", "421", "450", "550", "hang", "drip", "close-after-data")
"""down: nobody listens; refuse: 554 as greeting; 421: as greeting; 450, 550: to each recipient; hang: not
a word; drip: a byte each half second; close-after-data: takes the message and hangs up."""
OF_CONNECTIONS = ("down", "refuse", "421", "hang", "drip")
"""Modes that a connection has from its beginning; the others meet each message anew."""
RECIPIENT = {"450": "450 4.2.1 try again later", "550": "550 5.1.1 no such mailbox"}
GREETING = {"refuse": b"554 5.3.2 go away\r\n", "421": b"421 4.3.2 closing\r\n"}
LOOK_SECONDS = 0.02
DRIP_SECONDS = 0.5


class Sink:
    """The server: its folder, its mode, and its log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mode = "ok"
        self._log = (folder / "log.jsonl").open("a", encoding="utf-8")
        self._parser = BytesHeaderParser(policy=policy.default)
        self._connections = 0

    def note(self, what: str, **more: object) -> None:
        """Append one line and wait for the disk."""
        self._log.write(json.dumps({"at": time.time(), "what": what, "mode": self.mode, **more}) + "\n")
        self._log.flush()
        os.fsync(self._log.fileno())

    def protocol(self) -> asyncio.BaseProtocol:
        """Return how the next connection is answered."""
        self._connections += 1
        self.note("connected", number=self._connections)
        if self.mode in GREETING:
            return _Greeter(self, self._connections)
        if self.mode in ("hang", "drip"):
            return _Slow(self, self._connections)
        return _Server(self, self._connections)

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if self.mode in RECIPIENT:
            self.note("refused", to=address)
            return RECIPIENT[self.mode]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd calls it so
        """Keep the message; then say so, or hang up."""
        content: bytes = envelope.original_content or b""
        headers = self._parser.parsebytes(content)
        self.note(
            "message",
            to=envelope.rcpt_tos[0],
            id=str(headers["Message-ID"]).strip(),
            subject=str(headers["Subject"]),
            digest=hashlib.sha256(content).hexdigest(),
        )
        if self.mode == "close-after-data":
            cast("asyncio.Transport", server.transport).abort()
        return "250 OK"


class _Server(SMTP):
    """Speaks with a client, and notes when it has gone."""

    def __init__(self, sink: Sink, number: int) -> None:
        super().__init__(sink, hostname="sink", loop=asyncio.get_running_loop())
        self._sink = sink
        self._number = number

    def connection_lost(self, error: Exception | None) -> None:
        self._sink.note("left", number=self._number, error=repr(error))
        super().connection_lost(error)


class _Noting(asyncio.Protocol):
    """Notes when the client has gone."""

    def __init__(self, sink: Sink, number: int) -> None:
        self.sink = sink
        self.mode = sink.mode
        self.number = number

    def connection_lost(self, exc: Exception | None) -> None:
        self.sink.note("left", number=self.number, error=repr(exc))


class _Greeter(_Noting):
    """Says one line and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(GREETING[self.mode])
        transport.close()


class _Slow(_Noting):
    """Says nothing, or a byte now and then, for ever."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.mode == "drip":
            self._drip(cast("asyncio.Transport", transport))

    def _drip(self, transport: asyncio.Transport) -> None:
        if not transport.is_closing():
            transport.write(b"2")
            asyncio.get_running_loop().call_later(DRIP_SECONDS, self._drip, transport)


async def _serve(sink: Sink, port: int) -> None:
    """Listen, and obey the file, until killed."""
    loop = asyncio.get_running_loop()
    server: asyncio.Server | None = None
    while True:
        mode = (sink.folder / "mode").read_text(encoding="ascii").strip()
        if mode in MODES and mode != sink.mode:
            sink.mode = mode
            sink.note("mode")
        if sink.mode == "down" and server is not None:
            server.close()
            server = None
        if sink.mode != "down" and server is None:
            factory: Callable[[], asyncio.BaseProtocol] = sink.protocol
            server = await loop.create_server(factory, "127.0.0.1", port, reuse_address=True)
            sink.note("listening")
        await asyncio.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    asyncio.run(_serve(Sink(Path(sys.argv[1])), int(sys.argv[2])))
