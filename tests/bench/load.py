"""Ask a web server as fast as it answers: kept connections, one thread, sockets without a client library."""

from __future__ import annotations

import contextlib
import selectors
import socket
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.fleet import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.fleet import Fleet

CONNECTIONS = 8
JOIN_SECONDS = 0.02
"""Pause between two connections: one that opens while a worker is busy goes to the idle one."""
WARM_SECONDS = 0.7
ANSWER_SECONDS = 60
REFUSED = b"HTTP/1.1 503 "
HUB = "hub.wsgi:app"


@dataclass(frozen=True)
class Load:
    """What came of it: requests a second and how long each took (milliseconds)."""

    per_second: float
    p50: float
    p99: float
    count: int


def request(path: str, **headers: str) -> bytes:
    """Return a GET as it travels; ``accept_encoding`` becomes ``Accept-Encoding``."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


@contextlib.contextmanager
def server(fleet: Fleet, app: str, *, workers: int | None = None, **extra: str) -> Iterator[int]:
    """Start gunicorn with the hub's own settings for it on an application; yield its port.

    Without ``workers`` as many as the hub starts by itself.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    count = {} if workers is None else {"HUB_WEB_WORKERS": str(workers)}
    member = fleet.start(
        "web",
        (sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", app),
        **{"HUB_WEB_BIND": f"127.0.0.1:{port}", **count, **extra},
    )
    wait_until(lambda: _listens(port) or not member.is_alive, f"{app} listens")
    try:
        yield port
    finally:
        member.process.terminate()
        member.wait_for_end()


def fetch(port: int, asked: bytes) -> tuple[int, bytes, int]:
    """Return the status, the body as it travelled, and all bytes of one answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as connection:
        connection.sendall(asked)
        answer = b""
        while (size := _size(answer)) is None or len(answer) < size:
            more = connection.recv(262_144)
            if not more:
                raise ConnectionError("the server hung up")
            answer += more
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body, len(answer)


def hammer(port: int, asked: bytes, *, seconds: float, connections: int = CONNECTIONS) -> Load:
    """Keep so many connections busy for so long, after a warm-up.

    An overloaded server may say 503, which is no answer that counts; the request is sent again. However slow
    the machine, one answer is waited for. Raises RuntimeError for any other answer than these two.
    """
    lines = selectors.DefaultSelector()
    taken: list[float] = []
    opened: list[_Line] = []
    began = time.perf_counter()
    counts_from = until = float("inf")
    try:
        while (now := time.perf_counter()) < until or not taken:
            if until == float("inf") and now - began > WARM_SECONDS and _are_warm(opened, connections):
                counts_from, until = now, now + seconds
            if len(opened) < connections and now - began >= len(opened) * JOIN_SECONDS:
                opened.append(_Line.open(port, asked))
                lines.register(opened[-1].connection, selectors.EVENT_READ, opened[-1])
            ready = lines.select(timeout=JOIN_SECONDS)
            is_silent = not ready and now - max(line.sent for line in opened) > ANSWER_SECONDS
            if is_silent or now - began > WARM_SECONDS + seconds + 2 * ANSWER_SECONDS:
                raise TimeoutError("the server does not answer")
            for key, _ in ready:
                line: _Line = key.data
                if (lasted := line.receive()) is not None:
                    if line.sent >= counts_from and not line.received.startswith(REFUSED):
                        taken.append(lasted)
                    line.send(asked)
    finally:
        for line in opened:
            line.connection.close()
        lines.close()
    taken.sort()
    return Load(
        len(taken) / (now - counts_from),
        taken[len(taken) // 2] * 1000,
        taken[int(len(taken) * 0.99)] * 1000,
        len(taken),
    )


@dataclass
class _Line:
    """One kept connection with one request under way."""

    connection: socket.socket
    sent: float = 0.0
    received: bytes = b""
    size: int | None = None
    answers: int = 0

    @classmethod
    def open(cls, port: int, asked: bytes) -> _Line:
        connection = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = cls(connection)
        line.send(asked)
        return line

    def send(self, asked: bytes) -> None:
        self.received, self.size = b"", None
        self.sent = time.perf_counter()
        self.connection.sendall(asked)

    def receive(self) -> float | None:
        """Return how long the answer took once it is complete."""
        more = self.connection.recv(262_144)
        if not more:
            raise ConnectionError("the server hung up")
        self.received += more
        if self.size is None:
            self.size = _size(self.received)
        if self.size is None or len(self.received) < self.size:
            return None
        if not self.received.startswith((b"HTTP/1.1 200 ", REFUSED)):
            raise RuntimeError(self.received[:300].decode(errors="replace"))
        self.answers += 1
        return time.perf_counter() - self.sent


def _are_warm(opened: list[_Line], connections: int) -> bool:
    return len(opened) == connections and all(line.answers for line in opened)


def _size(answer: bytes) -> int | None:
    """Return how long the whole answer is, once its head is there."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return None
    for line in answer[:end].split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return end + 4 + int(value)
    raise ValueError("an answer without Content-Length")


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
