"""What beat sends and how often. Beat only pokes: what is due is judged by the rows.

A second beat doubles the poking and nothing else.
"""

from __future__ import annotations

from typing import Any

from config.pace import paced
from config.queues import DELIVER, IMPORT, KEEP, QUEUES, RING

HEARTBEAT_SECONDS = paced(10.0)
CURE_SECONDS = paced(15.0)
PASS_ON_SECONDS = paced(60.0)
PURGE_SECONDS = 3600
RETENTION_SECONDS = 86_400
SEAL_SECONDS = paced(60.0)

SCHEDULE: dict[str, dict[str, Any]] = {
    **{
        f"heartbeat-{queue}": {
            "task": KEEP,
            "schedule": HEARTBEAT_SECONDS,
            "args": ("heartbeat",),
            "kwargs": {"process": f"worker-{queue}"},
            "options": {"queue": queue},
        }
        for queue in QUEUES
    },
    # Should the relay be gone, what is due is found all the same, only later.
    "ring": {"task": RING, "schedule": CURE_SECONDS},
    "deliver": {"task": DELIVER, "schedule": CURE_SECONDS},
    "import": {"task": IMPORT, "schedule": CURE_SECONDS},
    # A post passes on at midnight of some zone, without an event at that moment.
    "pass-on": {"task": KEEP, "schedule": PASS_ON_SECONDS, "args": ("pass-on",)},
    "seal": {"task": KEEP, "schedule": SEAL_SECONDS, "args": ("seal",)},
    "retention": {"task": KEEP, "schedule": RETENTION_SECONDS, "args": ("retention",)},
    "purge": {"task": KEEP, "schedule": PURGE_SECONDS, "args": ("purge",)},
}
"""Celery's beat schedule."""
