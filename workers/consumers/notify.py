"""Tell everybody an event concerns: the effect is ``hub.notifications.telling``."""

from __future__ import annotations

from hub.messaging.subscriptions import NOTIFY as NAME
from hub.notifications.telling import tell as react

__all__ = ["NAME", "react"]
