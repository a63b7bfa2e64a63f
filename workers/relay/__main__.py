"""Run one relay: ``python -m workers.relay``."""

from __future__ import annotations

import signal
import threading

from config.logs import configure_logs
from config.settings import Settings
from workers.app import app
from workers.process import database
from workers.relay.relay import Relay


def main() -> None:
    """Start the relay and stop it on SIGTERM or SIGINT."""
    settings = Settings.from_env()
    configure_logs(settings, "relay")
    database().dispose()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    Relay(settings, app, stopping).run()


if __name__ == "__main__":
    main()
