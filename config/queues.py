"""Every queue, the tasks that go there and the process that listens to it.

``docker-compose.yml`` and ``hub up`` start one worker per entry; a test holds both against this table.
The task names are stored nowhere but are on the wire: they never change.
"""

from __future__ import annotations

from typing import Final

REACTIONS: Final = "reactions"
MAIL: Final = "mail"
UPKEEP: Final = "upkeep"

QUEUES: Final = (REACTIONS, MAIL, UPKEEP)

RING: Final = "ring"
"""Task: drain the reactions that are due."""
DELIVER: Final = "deliver"
"""Task: send the deliveries that are due."""
KEEP: Final = "upkeep"
"""Task: one named chore (its argument); runs in the queue it is sent to."""

IMPORT: Final = "import"
"""Task: work on the imports that are due."""

ROUTES: Final = {RING: REACTIONS, DELIVER: MAIL, KEEP: UPKEEP, IMPORT: UPKEEP}

DUE_CHANNEL: Final = "hub_due"
"""PostgreSQL channel on which a commit says that something is due; payload: the task to ring."""
