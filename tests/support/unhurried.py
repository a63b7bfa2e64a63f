"""Requests that may wait as long as a busy machine needs: for tests of who comes first, not of how soon."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import event

from hub.web import application

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hub.web.application import HubFlask

SECONDS = 60


@contextmanager
def unhurried(app: HubFlask) -> Iterator[None]:
    """Let this application's requests wait for a lock, a connection and an answer for a minute.

    With fifty requests that want one lock, the last may wait for longer than the four seconds after which the
    hub answers 503; that is right, and another test's matter.
    """
    engine = app.database.engine

    def give_time(connection: Any, _record: object) -> None:
        connection.patience = SECONDS
        connection.execute(f"SET statement_timeout = '{SECONDS}s'")
        connection.execute(f"SET lock_timeout = '{SECONDS}s'")
        connection.commit()

    engine.dispose()
    event.listen(engine, "connect", give_time)
    engine.pool._timeout = SECONDS  # type: ignore[attr-defined]  # noqa: SLF001 -- it has no other name
    try:
        with patch.object(application, "ANSWER_SECONDS", SECONDS):
            yield
    finally:
        event.remove(engine, "connect", give_time)
        engine.dispose()
