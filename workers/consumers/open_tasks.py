"""Open the follow-up tasks of a published outcome: the effect is ``hub.followups.opening``."""

from __future__ import annotations

from hub.followups.opening import open_tasks as react
from hub.messaging.subscriptions import OPEN_TASKS as NAME

__all__ = ["NAME", "react"]
