"""procrastinate: a job per recipient, deferred in one batch, each a transaction of its own."""

from __future__ import annotations

import os
import uuid

import procrastinate
import psycopg
from procrastinate import PsycopgConnector, SyncPsycopgConnector
from psycopg_pool import AsyncConnectionPool

from tests.bench.peers.others.waiting import TELL, measure

_url = os.environ["DATABASE_URL"]
app = procrastinate.App(connector=PsycopgConnector(conninfo=_url))
_pool: list[AsyncConnectionPool] = []


@app.task(name="tell")
async def tell(event_id: str, recipient_id: int) -> None:
    """Tell one person."""
    if not _pool:
        _pool.append(AsyncConnectionPool(_url, min_size=4, max_size=4, open=False))
        await _pool[0].open()
    async with _pool[0].connection() as connection:
        await connection.execute(TELL, (event_id, recipient_id))


def send(event_id: uuid.UUID, count: int) -> None:
    """Defer a job for each recipient, in one batch."""
    with app.replace_connector(SyncPsycopgConnector(conninfo=_url)) as deferring, deferring.open():
        deferring.tasks["tell"].batch_defer(
            *({"event_id": str(event_id), "recipient_id": number} for number in range(count))
        )


if __name__ == "__main__":
    if os.environ.get("PEER_PREPARE"):
        with app.replace_connector(SyncPsycopgConnector(conninfo=_url)) as making, making.open():
            making.schema_manager.apply_schema()
        with psycopg.connect(_url, autocommit=True) as connection:
            # Without it most of its runs took far longer: its look for a job is planned for an empty table.
            connection.execute("VACUUM ANALYZE")
    else:
        measure(send)
