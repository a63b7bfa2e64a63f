"""A worker comes back soon, however long its broker was away."""

from __future__ import annotations

import pytest
from kombu.exceptions import OperationalError
from kombu.utils import functional

from workers.app import app
from workers.reconnecting import RECONNECT_SECONDS, SteadyAMQP, SteadyConnection


def test_the_workers_of_the_hub_connect_steadily() -> None:
    assert isinstance(app.amqp, SteadyAMQP)
    assert app.amqp.Connection is SteadyConnection


def test_tries_to_come_back_never_lie_far_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functional, "sleep", lambda _seconds: None)
    waits: list[float] = []
    nobody = SteadyConnection("redis://127.0.0.1:1/0")  # type: ignore[no-untyped-call]
    with pytest.raises(OperationalError):
        nobody.ensure_connection(lambda _error, seconds: waits.append(seconds), 12)
    assert len(waits) == 12
    assert max(waits) <= RECONNECT_SECONDS
