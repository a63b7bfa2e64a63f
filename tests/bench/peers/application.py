"""A bare Flask application that the hub's own server can start."""

from __future__ import annotations

from flask import Flask


class Peer(Flask):
    """What a peer's routes belong to."""

    def warm_up(self) -> None:
        """Have nothing to do before the first request; the hub's server asks for it."""
