"""A relay that never looks by itself: whatever was committed while nobody listened is forgotten.

``python -m tests.faults.sabotage.forgetful``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

from workers.relay.__main__ import main
from workers.relay.relay import Relay

if TYPE_CHECKING:
    import psycopg


def believe(_relay: Relay, _connection: psycopg.Connection) -> set[str]:
    """Return what is due, as somebody sees it who believes that every notification is heard."""
    return set()


if __name__ == "__main__":
    with patch.object(Relay, "_due", believe):
        main()
