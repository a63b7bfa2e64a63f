"""Every process of the hub by name, with the command that starts it alone.

``hub up`` starts this list under a supervisor; compose starts the same commands in containers.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from config.queues import QUEUES


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its name, command, and how long it may take to end (seconds)."""

    name: str
    command: tuple[str, ...]
    stop_seconds: int = 10
    is_server: bool = False
    """Whether the others need it: it starts before them and ends after them."""
    stop_signal: str = "TERM"
    is_wrapped: bool = False
    """Whether the command starts through ``config/child.py`` already, with options of its own."""


def web() -> Process:
    """Return the web process: pages, API and streams."""
    return Process(
        "web", (sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "hub.wsgi:app")
    )


def relay() -> Process:
    """Return the relay: listens, polls and rings."""
    return Process("relay", (sys.executable, "-m", "workers.relay"))


def worker(queue: str) -> Process:
    """Return the worker of one queue: a solo pool, for one small process has the shortest ring."""
    command = (
        *(sys.executable, "-m", "celery", "--app", "workers.app", "worker"),
        *("--pool", "solo", "--queues", queue, "--hostname", f"{queue}@%h", "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    )
    return Process(f"worker-{queue}", command, stop_seconds=15)


def beat() -> Process:
    """Return beat: rings the chores at their times. Its plan is fixed, so it keeps no file."""
    command = (
        *(sys.executable, "-m", "celery", "--app", "workers.app", "beat"),
        *("--scheduler", "celery.beat:Scheduler", "--pidfile=", "--loglevel", "INFO"),
    )
    return Process("beat", command)


def postgres(command: list[str]) -> Process:
    """Return the embedded PostgreSQL, started by this wrapped command; INT is its fast shutdown."""
    return Process(
        "postgres", tuple(command), stop_seconds=20, stop_signal="INT", is_server=True, is_wrapped=True
    )


def valkey(command: list[str]) -> Process:
    """Return the embedded Valkey, started by this wrapped command."""
    return Process("valkey", tuple(command), is_server=True, is_wrapped=True)


def catcher(bind: str, folder: str) -> Process:
    """Return the mail catcher, for a hub without a mail server."""
    command = (sys.executable, "-m", "workers.delivery.catcher", "--bind", bind, folder)
    return Process("mail", command, is_server=True)


def application() -> list[Process]:
    """Return every process that needs database and broker."""
    return [web(), relay(), *(worker(queue) for queue in QUEUES), beat()]
