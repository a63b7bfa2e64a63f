"""A worker that stops to consume while it stays connected, as after a reconnection gone wrong.

``celery -A tests.support.deaf worker …``: it is the hub's own application, which hears its first message and
no other.
"""

from __future__ import annotations

from typing import Any

from celery import signals

from workers.app import app

__all__ = ["app"]


@signals.worker_ready.connect
def go_deaf(sender: Any, **_: object) -> None:
    """Let the consumer stop to ask the broker; the connection stays."""
    sender.task_consumer.cancel()
