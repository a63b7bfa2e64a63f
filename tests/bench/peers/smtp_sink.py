"""Take every mail, in a process of its own: ``python -m tests.bench.peers.smtp_sink [--plain]``.

It prints its port, and after a line on its standard input how many messages it has taken and how many
different Message-IDs they had. It offers PIPELINING, as Postfix, Exim and Exchange do (aiosmtpd reads
commands from a buffer, so it can); ``--plain`` offers nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Any

from aiosmtpd.smtp import SMTP

IDENTITY = re.compile(rb"^Message-ID: *(\S+)", re.MULTILINE | re.IGNORECASE)


class Taker:
    """aiosmtpd's handler: counts."""

    def __init__(self, *, is_plain: bool) -> None:
        self.is_plain = is_plain
        self.taken = 0
        self.identities: set[bytes] = set()

    async def handle_EHLO(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say what it can."""
        session.host_name = hostname
        return responses if self.is_plain else [responses[0], "250-PIPELINING", *responses[1:]]

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd calls it so
        """Take a message."""
        found = IDENTITY.search(envelope.original_content)
        if found is None:
            return "554 no Message-ID"
        self.taken += 1
        self.identities.add(found[1])
        return "250 2.0.0 taken"


async def serve(*, is_plain: bool) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    taker = Taker(is_plain=is_plain)
    server = await loop.create_server(lambda: SMTP(taker, hostname="sink", loop=loop), "127.0.0.1", 0)
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    _say({"port": server.sockets[0].getsockname()[1]})
    while await lines.readline():
        _say({"taken": taker.taken, "identities": len(taker.identities)})


def _say(what: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(is_plain="--plain" in sys.argv))
