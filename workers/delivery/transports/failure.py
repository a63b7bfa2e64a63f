"""How a transport says that something did not go out."""

from __future__ import annotations


class TransportError(Exception):
    """A message was not taken. ``is_permanent``: trying again would bring the same answer."""

    def __init__(self, reason: str, *, is_permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_permanent = is_permanent


class UnreachableError(Exception):
    """No server takes anything now; the fault is no message's."""
