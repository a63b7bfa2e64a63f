"""dramatiq with Redis: a message per recipient, each its own transaction, two processes of four threads."""

from __future__ import annotations

import os
import threading
import uuid

import dramatiq
import psycopg
from dramatiq.brokers.redis import RedisBroker

from tests.bench.peers.others.waiting import TELL, measure

dramatiq.set_broker(RedisBroker(url=os.environ["REDIS_URL"]))
_local = threading.local()


@dramatiq.actor(max_retries=0)
def tell(event_id: str, recipient_id: int) -> None:
    """Tell one person."""
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(os.environ["DATABASE_URL"])
    with _local.connection.transaction():
        _local.connection.execute(TELL, (event_id, recipient_id))


def send(event_id: uuid.UUID, count: int) -> None:
    """Send a message for each recipient."""
    for recipient_id in range(count):
        tell.send(str(event_id), recipient_id)


if __name__ == "__main__":
    measure(send)
