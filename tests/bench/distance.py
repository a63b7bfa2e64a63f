"""A long cable: ``python -m tests.bench.distance MILLISECONDS ADDRESS PORT …`` until it is ended.

Listens on this host's own 127.0.0.1 at each PORT and hands on to ADDRESS what arrives, each way after half
the milliseconds, so that every question and its answer are that far apart. (The kernel's own delay,
``tc netem``, is a module that not every machine has.) One thread; nothing is changed, reordered or lost.
"""

from __future__ import annotations

import collections
import contextlib
import select
import socket
import sys
import time

HERE = "127.0.0.1"
PIECE = 262_144
SEND_SECONDS = 20
"""Whoever takes nothing for so long ends the whole cable: better than a figure of a stuck one."""


class Cable:
    """Every connection through it, and what is under way."""

    def __init__(self, seconds: float, address: str, ports: list[int]) -> None:
        self.seconds = seconds
        self.address = address
        self.listeners = [socket.create_server((HERE, port)) for port in ports]
        self.other: dict[socket.socket, socket.socket] = {}
        # Each way takes as long, so what arrived first is due first, whoever sent it.
        self.under_way: collections.deque[tuple[float, socket.socket, bytes]] = collections.deque()

    def run(self) -> None:
        """Carry until a signal ends the process."""
        while True:
            wait = max(0.0, self.under_way[0][0] - time.monotonic()) if self.under_way else None
            # Not epoll, which rounds a wait up to whole milliseconds.
            ready, _, _ = select.select([*self.listeners, *self.other], [], [], wait)
            now = time.monotonic()
            for one in ready:
                if one in self.listeners:
                    self._join(one)
                elif one in self.other:
                    self._take(one, now)
            while self.under_way and self.under_way[0][0] <= time.monotonic():
                _, target, piece = self.under_way.popleft()
                self._give(target, piece)

    def _join(self, listener: socket.socket) -> None:
        near, _ = listener.accept()
        far = socket.create_connection((self.address, listener.getsockname()[1]), timeout=SEND_SECONDS)
        for one, other in ((near, far), (far, near)):
            one.settimeout(SEND_SECONDS)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.other[one] = other

    def _take(self, source: socket.socket, now: float) -> None:
        try:
            piece = source.recv(PIECE)
        except ConnectionError:
            piece = b""
        self.under_way.append((now + self.seconds, self.other[source], piece))
        if not piece:
            del self.other[source]

    def _give(self, target: socket.socket, piece: bytes) -> None:
        """Hand a piece on, or the end of its connection."""
        if piece:
            with contextlib.suppress(ConnectionError):  # it has hung up meanwhile; its own end follows
                target.sendall(piece)
        elif target in self.other:
            with contextlib.suppress(OSError):  # the same
                target.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    cable = Cable(float(sys.argv[1]) / 2000, sys.argv[2], [int(port) for port in sys.argv[3:]])
    print("carrying", flush=True)  # noqa: T201 - what its caller waits for
    cable.run()
