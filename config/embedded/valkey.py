"""An embedded Valkey: the broker and the live stream. It keeps nothing, for it carries hints only."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import redis

from config.child import wrapped
from config.embedded.binaries import VALKEY, locate
from config.embedded.failure import EmbeddedError
from config.embedded.places import own_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.embedded.account import Account

DATABASES = 64
READY_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Valkey:
    """The Valkey of one home."""

    sockets: Path
    account: Account

    @property
    def socket(self) -> Path:
        """Return the path of the server's socket."""
        return self.sockets / "valkey" / "valkey.sock"

    def url(self, database: int = 0) -> str:
        """Return the address of a numbered database (0 to 63)."""
        return f"unix://{self.socket}?db={database}"

    def prepare(self) -> str:
        """Make the socket's folder and return the server's version. Raises EmbeddedError."""
        _, version = locate(VALKEY, self.account)
        own_folder(self.socket.parent, 0o700, self.account)
        return version

    def command(self, record: Path | None = None) -> list[str]:
        """Return the command that runs the server as a child; ``record`` is where its pid is noted."""
        binary, _ = locate(VALKEY, self.account)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.socket.parent),
            "save": "",
            "appendonly": "no",
            "databases": str(DATABASES),
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return wrapped(
            [str(binary), *arguments], death_signal="TERM", record=record, user=self.account.user, clean=True
        )

    def wait_ready(self, is_alive: Callable[[], bool], *, seconds: float = READY_SECONDS) -> None:
        """Return when the server answers. Raises EmbeddedError if it ended or ``seconds`` pass."""
        deadline = time.monotonic() + seconds
        with redis.Redis.from_url(self.url(), socket_timeout=2) as client:
            while True:
                try:
                    client.ping()
                except (redis.exceptions.RedisError, OSError) as error:
                    if not is_alive():
                        raise EmbeddedError("Valkey ended while it started.") from error
                    if time.monotonic() > deadline:
                        raise EmbeddedError(
                            f"Valkey does not answer after {seconds:.0f} s: {error}"
                        ) from error
                else:
                    return
                time.sleep(0.02)
