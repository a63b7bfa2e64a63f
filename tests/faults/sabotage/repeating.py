"""A relay that rings three times for each need, whether or not a ring is under way.

``python -m tests.faults.sabotage.repeating``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

from workers.relay.__main__ import main
from workers.relay.bell import Bell

if TYPE_CHECKING:
    from celery import Celery

TIMES = 3


def insist(_bell: Bell, app: Celery, task: str) -> bool:
    """Ring without a count of what was rung before."""
    for _ in range(TIMES):
        app.send_task(task, ignore_result=True)
    return True


if __name__ == "__main__":
    with patch.object(Bell, "ring", insist):
        main()
