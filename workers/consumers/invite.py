"""Mail the link of every open invitation: the effect is ``hub.notifications.inviting``."""

from __future__ import annotations

from hub.messaging.subscriptions import INVITE as NAME
from hub.notifications.inviting import invite as react

__all__ = ["NAME", "react"]
