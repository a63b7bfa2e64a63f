"""How a worker comes back to a broker that was away: soon, however long it was away."""

from __future__ import annotations

from typing import Any, Final

from celery.app.amqp import AMQP
from kombu.connection import Connection

RECONNECT_SECONDS: Final = 2.0
"""Kombu's own waits grow to 30 s: work would stand still for as long after the broker is back."""


class SteadyConnection(Connection):
    """A connection whose tries to come back never lie further apart than RECONNECT_SECONDS."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> SteadyConnection:
        """Connect, and try again until it succeeds; return itself.

        Takes what Kombu's takes; a longer ``interval_max`` is shortened. Raises what Kombu raises
        once ``max_retries`` have failed.
        """
        longest = min(kwargs.pop("interval_max", RECONNECT_SECONDS), RECONNECT_SECONDS)
        super().ensure_connection(*args, interval_max=longest, **kwargs)  # type: ignore[no-untyped-call]
        return self


class SteadyAMQP(AMQP):  # type: ignore[misc]  # Celery has no types.
    """Celery's messaging with connections that come back soon."""

    Connection = SteadyConnection
