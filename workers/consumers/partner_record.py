"""Bring the partner records of both directions up to date: the effect is ``hub.partners.records``."""

from __future__ import annotations

from hub.messaging.subscriptions import PARTNER_RECORD as NAME
from hub.partners.records import record as react

__all__ = ["NAME", "react"]
