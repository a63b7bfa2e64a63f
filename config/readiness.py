"""When the started processes are ready: what is asked, how often, and for how long."""

from __future__ import annotations

import os
import socket
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from config.addresses import joined, parted
from config.embedded.failure import EmbeddedError
from config.embedded.postgres import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from config.supervisor import Supervisor

HEALTH_PATH = "/healthz"
START_SECONDS = 60
ASK_SECONDS = 0.05
BROKEN = ("BACKOFF", "FATAL", "EXITED")


def lives(supervisor: Supervisor, name: str, home: Path) -> Callable[[], bool]:
    """Return a question whether a process is still at it; it raises EmbeddedError with its last words."""

    def is_alive() -> bool:
        state = supervisor.states()[name]
        if state.state in BROKEN:
            said = last_words(state.log)
            raise EmbeddedError(explain(said, home) if name == "postgres" else f"{name} ended:\n{said}")
        return True

    return is_alive


def wait_port(bind: str, is_alive: Callable[[], bool]) -> None:
    """Return when somebody listens at HOST:PORT. Raises EmbeddedError if nobody does in time."""
    host, port = parted(bind, 0)
    deadline = time.monotonic() + START_SECONDS
    while is_alive():
        try:
            with socket.create_connection((host, port), timeout=2):
                return
        except OSError as error:
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Nothing answers at {bind}.") from error
        time.sleep(ASK_SECONDS)


def wait_web(
    bind: str, base_url: str, is_alive: Callable[[], bool], *, seconds: float = START_SECONDS
) -> None:
    """Return when the health page is answered. Raises EmbeddedError if with an error, or not in time."""
    host, port = parted(bind, 0)
    here = "127.0.0.1" if host in ("", "0.0.0.0") else host  # noqa: S104 - asked, not bound
    url = f"http://{joined(here, port)}{HEALTH_PATH}"
    # The application answers to its own name only.
    request = urllib.request.Request(url, headers={"Host": base_url.split("://", 1)[1].split("/", 1)[0]})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + seconds
    while is_alive():
        try:
            with opener.open(request, timeout=5):
                return
        except urllib.error.HTTPError as error:
            raise EmbeddedError(f"The web process answers {error.code} at {HEALTH_PATH}.") from error
        except OSError as error:
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Nothing answers at {url}.") from error
        time.sleep(ASK_SECONDS)


def settled(supervisor: Supervisor, names: Sequence[str]) -> Iterator[str]:
    """Yield each process's name when it has lived long enough to have started.

    Raises EmbeddedError with the last words of one that does not.
    """
    waiting = list(names)
    deadline = time.monotonic() + START_SECONDS
    while waiting:
        states = supervisor.states()
        for name in list(waiting):
            state = states[name]
            if state.state == "RUNNING":
                waiting.remove(name)
                yield name
            elif state.state in BROKEN or time.monotonic() > deadline:
                raise EmbeddedError(f"{name} does not start:\n{last_words(state.log)}")
        time.sleep(ASK_SECONDS)


def last_words(log: Path, lines: int = 12) -> str:
    """Return the end of a log file."""
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 8192))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return "(it wrote nothing)"
