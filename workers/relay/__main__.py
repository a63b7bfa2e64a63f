"""Run one relay: ``python -m workers.relay``."""

from __future__ import annotations

import signal
import threading

import structlog
from sqlalchemy.exc import OperationalError

from config.logs import configure_logs
from config.settings import Settings
from workers.app import app
from workers.process import database
from workers.relay.relay import RECONNECT_SECONDS, Relay

log = structlog.get_logger(__name__)


def main() -> None:
    """Start the relay and stop it on SIGTERM or SIGINT."""
    settings = Settings.from_env()
    configure_logs(settings, "relay")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    check_clock(stopping)
    Relay(settings, app, stopping).run()


def check_clock(stopping: threading.Event) -> None:
    """Look at the database's clock as every worker does; where the database is away, wait for it.

    Raises Conflict if the clock is off in production.
    """
    while not stopping.is_set():
        try:
            database().dispose()
        except OperationalError as error:
            log.warning("relay.database_away", error=str(error.orig).strip())
            stopping.wait(RECONNECT_SECONDS)
        else:
            return


if __name__ == "__main__":
    main()
