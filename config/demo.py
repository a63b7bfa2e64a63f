"""What a demo takes from the environment: its mail never goes out, its check touches nothing of yours."""

from __future__ import annotations

import os
from pathlib import Path

from config.settings import default_home

MAIL = ("SMTP_URL", "SMTP_URL_FILE")
OF_THE_MACHINE = ("HUB_EMBEDDED_USER", "HUB_SOCKET_DIR")
"""Variables that say what this machine allows, and nothing of any hub's data."""
OF_A_HUB = ("HUB_", "DATABASE_URL", "REDIS_URL", "SMTP_URL")


def demo_environment() -> dict[str, str]:
    """Return the environment of a demo.

    It names no mail server, for the story's mail is read in the catcher's folder; and unless it names a
    home, the demo has one of its own: its clock stands in 2024, where no hub for real could start.
    """
    environ = {name: value for name, value in os.environ.items() if name not in MAIL}
    if not environ.get("HUB_HOME"):
        environ["HUB_HOME"] = str(Path(default_home()) / "demo")
    return environ


def throw_away_environment() -> dict[str, str]:
    """Return the environment without anything of a hub, so that one starts with servers of its own.

    One web process is enough for visitors who come one after the other.
    """
    return {"HUB_WEB_WORKERS": "1"} | {
        name: value
        for name, value in os.environ.items()
        if name in OF_THE_MACHINE or not name.startswith(OF_A_HUB)
    }
