"""A relay that is started while the database is away waits for it, as one that runs does."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy.exc import OperationalError

from workers.relay import __main__ as start

if TYPE_CHECKING:
    import pytest


def test_start_waits_until_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[str] = ["refused", "is starting up", "here"]
    released: list[bool] = []

    def database() -> SimpleNamespace:
        answer = answers.pop(0)
        if answer != "here":
            raise OperationalError("connect", None, psycopg.OperationalError(answer))
        return SimpleNamespace(dispose=lambda: released.append(True))

    monkeypatch.setattr(start, "database", database)
    monkeypatch.setattr(start, "RECONNECT_SECONDS", 0.01)
    start.check_clock(threading.Event())
    assert (answers, released) == ([], [True])


def test_start_that_waits_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = threading.Event()

    def database() -> SimpleNamespace:
        stopping.set()
        raise OperationalError("connect", None, psycopg.OperationalError("refused"))

    monkeypatch.setattr(start, "database", database)
    start.check_clock(stopping)
    assert stopping.is_set()
