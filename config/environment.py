"""What the processes of ``hub up`` are told: the person's variables, completed and checked beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.addresses import demand_port, gives, gives_database, joined, parted
from config.settings import Mode, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WEB_PORT = 8000
MAIL_PORT = 1025
STAND_INS = {
    "DATABASE_URL": "postgresql:///to-come",
    "REDIS_URL": "unix:///to-come",
    "HUB_SECRET_KEYS": "0" * 32,
}
"""What the embedded parts will provide; lets the rest of the environment be checked before they start."""


def planned_environment(
    given: Mapping[str, str], home: Path, mode: Mode | None, ports: Mapping[str, int | None]
) -> dict[str, str]:
    """Return the processes' variables, except those that servers still to be started will add.

    ``ports`` holds the wished ports of HUB_WEB_BIND and HUB_MAIL_BIND (0: any free one; None: as given).
    Without SMTP_URL it names the mail catcher's address. Raises SettingsError naming every bad variable,
    and EmbeddedError if a port is taken.
    """
    environment = {**given, "HUB_HOME": str(home)}
    if mode:
        environment["HUB_MODE"] = mode
    host, port = parted(given.get("HUB_WEB_BIND", ""), WEB_PORT)
    port = _wished(ports, "HUB_WEB_BIND", port)
    port = demand_port(host, port, purpose="web", way_out="HUB_WEB_BIND=127.0.0.1:8010")
    environment["HUB_WEB_BIND"] = joined(host, port)
    if not gives(given, "HUB_BASE_URL"):
        environment["HUB_BASE_URL"] = f"http://localhost:{port}"
    if not gives(given, "SMTP_URL"):
        host, port = parted(given.get("HUB_MAIL_BIND", ""), MAIL_PORT)
        port = _wished(ports, "HUB_MAIL_BIND", port)
        way_out = "HUB_MAIL_BIND=127.0.0.1:1030, or SMTP_URL to a mail server"
        port = demand_port(host, port, purpose="mail catcher", way_out=way_out)
        environment["SMTP_URL"] = f"smtp://{joined(host, port)}"
    missing = {name: value for name, value in STAND_INS.items() if not gives(given, name)}
    if gives_database(given):
        missing.pop("DATABASE_URL", None)
    settings = Settings.from_env({**missing, **environment})
    return environment | {"HUB_MODE": settings.mode, "HUB_BASE_URL": settings.base_url}


def _wished(ports: Mapping[str, int | None], variable: str, given: int) -> int:
    wished = ports[variable]
    return given if wished is None else wished
