"""A mail server that delivers to a folder: for a hub without one, and for reading the demo's mail.

``python -m workers.delivery.catcher [--bind 127.0.0.1:1025] FOLDER`` writes each message as one .eml
file, whole or not at all. Who it was sent to, as the sender's server said it, stands in the headers
X-Envelope-From and X-Envelope-To (one for each recipient) above the message's own.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiosmtpd.smtp import Envelope, Session

LARGEST_BYTES = 32 * 1024 * 1024


class Folder:
    """An aiosmtpd handler that keeps every message."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._numbers = itertools.count(1)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Write the message; the sender is told 250 only after it lies in the folder."""
        content = envelope.original_content or b""
        try:
            name = await asyncio.to_thread(self._write, envelope.mail_from or "", envelope.rcpt_tos, content)
        except OSError as error:
            return f"452 4.3.1 cannot be written: {error.strerror}"
        return f"250 2.0.0 kept as {name}"

    def _write(self, sender: str, recipients: Iterable[str], content: bytes) -> str:
        lines = [f"X-Envelope-From: {_one_line(sender)}"]
        lines += [f"X-Envelope-To: {_one_line(recipient)}" for recipient in recipients]
        # Sorted by name, files are sorted by arrival.
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self._numbers):06d}.eml"
        making = self._path / f".{name}.making"
        making.write_bytes("\r\n".join(lines).encode() + b"\r\n" + content)
        making.rename(self._path / name)
        return name


def _one_line(address: str) -> str:
    return " ".join(address.split())


async def _serve(host: str, port: int, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    handler = Folder(folder)
    server = await loop.create_server(
        lambda: SMTP(
            handler,
            data_size_limit=LARGEST_BYTES,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="Sinergi Hub mail catcher",
            loop=loop,
        ),
        host,
        port,
    )
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    bound = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"catching mail at {host}:{bound} into {folder}\n")
    sys.stdout.flush()
    async with server:
        await ended.wait()


def main(arguments: list[str] | None = None) -> None:
    """Catch mail until TERM or INT. Exits with 1 and a sentence if the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m workers.delivery.catcher")
    parser.add_argument("--bind", default="127.0.0.1:1025", help="HOST:PORT; port 0 means any free one")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    host, _, port = options.bind.rpartition(":")
    options.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        asyncio.run(_serve(host or "127.0.0.1", int(port), options.folder.resolve()))
    except OSError as error:
        sys.exit(f"The mail catcher cannot listen at {options.bind}: {error.strerror or error}")


if __name__ == "__main__":
    main()
