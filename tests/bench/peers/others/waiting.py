"""What the programs share: the textbook's insert, and from sending to the last row visible."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable

import psycopg

TELL = "INSERT INTO book_notifications (event_id, recipient_id) VALUES (%s, %s)"
SEEN = "SELECT count(*) FROM book_notifications WHERE event_id = %s"
WARM_UP = 20
PATIENCE_SECONDS = {WARM_UP: 30}
LONGEST_SECONDS = 300


def measure(send: Callable[[uuid.UUID, int], None]) -> None:
    """Send to a few and wait, then to everybody; print the seconds of the second. Raises TimeoutError."""
    taken = 0.0
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for count in (WARM_UP, int(os.environ["PEER_COUNT"])):
            event_id = uuid.uuid4()
            began = time.perf_counter()
            send(event_id, count)
            while connection.execute(SEEN, (event_id,)).fetchone() != (count,):
                taken = time.perf_counter() - began
                if taken > PATIENCE_SECONDS.get(count, LONGEST_SECONDS):
                    raise TimeoutError(f"not {count} rows after {taken:.0f} s")
                time.sleep(max(0.001, taken / 100))
            taken = time.perf_counter() - began
    print(taken)  # noqa: T201 - what its caller reads
