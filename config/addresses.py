"""Addresses to listen at, and which servers the environment names itself."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from config.embedded.failure import EmbeddedError
from config.settings import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping


def gives(environ: Mapping[str, str], name: str) -> bool:
    """Return whether a variable is set, itself or by its file."""
    return bool(environ.get(name) or environ.get(f"{name}_FILE"))


def gives_database(environ: Mapping[str, str]) -> bool:
    """Return whether the environment names a database for every role."""
    return gives(environ, "DATABASE_URL") or all(
        gives(environ, f"DATABASE_URL_{role.upper()}") for role in ROLES
    )


def parted(bind: str, default: int) -> tuple[str, int]:
    """Return host and port of a HOST:PORT text; '' means the default port on this machine only.

    Raises EmbeddedError if the text is something else.
    """
    host, _, number = bind.rpartition(":")
    if bind and not (number.isascii() and number.isdigit() and int(number) < 1 << 16):
        raise EmbeddedError(f"{bind!r} is not an address of the form 127.0.0.1:8000.")
    return host.strip("[]") or "127.0.0.1", int(number or default)


def joined(host: str, port: int) -> str:
    """Return HOST:PORT."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def demand_port(host: str, port: int, *, purpose: str, way_out: str) -> int:
    """Return the port (a free one for 0). Raises EmbeddedError if it cannot be had."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise EmbeddedError(
                f"Port {port} for the {purpose} cannot be had at {host}: {error.strerror}. Another program, "
                f"or another hub, uses it. End that one, or set {way_out}."
            ) from error
        return int(probe.getsockname()[1])
