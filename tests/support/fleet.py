"""The hub's own processes, started for one test: relay, workers, beat, web.

Only processes started here are killed, paused or ended, by the handle they were started with.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from config.child import PARENT, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 15
PATIENCE_SECONDS = 100
"""How long a test waits for something that must happen; far more than it takes, so only a fault ends it."""

CELERY = (sys.executable, "-m", "celery", "-A", "workers.app")
WORKER = (
    *CELERY,
    "worker",
    "-P",
    "solo",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
    "-Q",
)
RELAY = (sys.executable, "-m", "workers.relay")
BEAT = (*CELERY, "beat")


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables that give a process these settings, without any of this machine's own."""
    own = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("HUB_", "DATABASE_URL", "REDIS_URL", "SMTP_URL"))
    }
    return own | {
        "HUB_MODE": settings.mode,
        "HUB_HOME": str(settings.home),
        "HUB_BASE_URL": settings.base_url,
        "DATABASE_URL": settings.database_urls["owner"],
        "REDIS_URL": settings.redis_url,
        "SMTP_URL": settings.smtp_url,
        "HUB_SECRET_KEYS": ",".join(settings.secret_keys),
        "HUB_MAIL_FROM": settings.mail_from,
        "HUB_METRICS_TOKEN": settings.metrics_token,
        "HUB_RELAY_POLL_MS": str(round(settings.relay_poll_seconds * 1000)),
        PARENT: str(os.getpid()),
    }


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(happened: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until ``happened()`` is true; fail with ``what`` if it never is."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"Waited {seconds} s in vain: {what}"
        time.sleep(0.03)


class Member:
    """One process of the fleet."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs (a stopped one does)."""
        return self.process.poll() is None

    @property
    def is_stopped(self) -> bool:
        """Whether the process was paused by SIGSTOP."""
        status = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        return status.rpartition(")")[2].split()[0] == "T"

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this process."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it as a power cut would, and wait until it is gone."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def wait_for_end(self) -> int:
        """Wait until it has ended; return its code, negative for a signal."""
        return self.process.wait(PATIENCE_SECONDS)

    def answered(self, task: str) -> int:
        """Return how many messages of this task a worker has answered."""
        log = self.log.read_text(encoding="utf-8", errors="replace")
        return len(re.findall(rf"Task {task}\[[^\]]+\] succeeded", log))

    def said(self, text: str) -> bool:
        """Whether ``text`` stands in its log."""
        return text in self.log.read_text(encoding="utf-8", errors="replace")


class Fleet:
    """Starts processes with one test's settings and ends all of them with the test."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.members: list[Member] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        # pytest shows what a teardown printed only when the test failed.
        for member in self.members:
            lines = member.log.read_text(encoding="utf-8", errors="replace").splitlines()
            print("\n".join([f"--- {member.name}", *lines[-30:]]))  # noqa: T201

    def end(self) -> None:
        """End every process that still runs. Harmless if none does."""
        for member in self.members:
            if member.is_alive:
                member.send(signal.SIGCONT)
                member.send(signal.SIGTERM)
        for member in self.members:
            try:
                member.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                member.kill()

    def start(self, name: str, command: tuple[str, ...], **extra: str) -> Member:
        """Start a command; ``extra`` are further variables of its environment."""
        log = self.settings.home / f"{name}-{len(self.members)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                wrapped(list(command)),
                cwd=ROOT,
                env=environment(self.settings) | extra,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        member = Member(name, process, log)
        self.members.append(member)
        return member

    def relay(self, **extra: str) -> Member:
        """Start a relay and wait until it listens."""
        member = self.start("relay", RELAY, **extra)
        wait_until(lambda: member.said("relay.listening") or not member.is_alive, "the relay listens")
        return member

    def worker(self, queues: str = "reactions", **extra: str) -> Member:
        """Start a worker of these queues and wait until it is ready."""
        member = self.start("worker", (*WORKER, queues), **extra)
        wait_until(lambda: member.said("ready.") or not member.is_alive, "the worker is ready")
        return member
