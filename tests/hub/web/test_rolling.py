"""Web workers are replaced without a gap: the old ones stay until the new ones are ready."""

from __future__ import annotations

import logging
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

from config import rolling

if TYPE_CHECKING:
    import pytest


def make_master(workers: int) -> SimpleNamespace:
    return SimpleNamespace(
        cfg=SimpleNamespace(workers=workers),
        num_workers=workers,
        log=logging.getLogger("gunicorn"),
        wakeup=lambda: None,
    )


def new_worker(master: SimpleNamespace) -> SimpleNamespace:
    worker = SimpleNamespace()
    rolling.hand_over(master, worker)
    return worker


def wait_for(master: SimpleNamespace, count: int) -> bool:
    until = time.monotonic() + 5
    while master.num_workers != count and time.monotonic() < until:
        time.sleep(0.01)
    return bool(master.num_workers == count)


def test_a_worker_of_the_first_start_has_nobody_to_tell() -> None:
    worker = new_worker(make_master(2))
    assert worker.readiness is None
    rolling.say_ready(worker)


def test_the_old_workers_go_when_every_new_one_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each forked worker has its own copy of the pipe's end; here both share one.
    monkeypatch.setattr("config.rolling.os.close", lambda _number: None)
    master = make_master(2)
    rolling.begin(master)
    first, second = new_worker(master), new_worker(master)
    assert master.num_workers == 4
    rolling.say_ready(first)
    time.sleep(0.1)
    assert master.num_workers == 4
    rolling.say_ready(second)
    assert wait_for(master, 2)
    assert new_worker(master).readiness is None


def test_workers_that_never_are_ready_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.rolling.READY_SECONDS", 0.05)
    master = make_master(1)
    rolling.begin(master)
    assert wait_for(master, 1)
