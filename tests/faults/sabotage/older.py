"""A stand-in for an old worker, where the old code itself is not at hand: it lacks one consumer.

Started as ``celery -A tests.faults.sabotage.older worker …``.
"""

from __future__ import annotations

from hub.messaging.subscriptions import PARTNER_RECORD
from workers.app import app
from workers.drain.lanes import LANES

__all__ = ["app"]

del LANES[PARTNER_RECORD]
