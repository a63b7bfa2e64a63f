"""The PostgreSQL channel on which a commit says that inboxes have changed."""

from __future__ import annotations

from typing import Final

INBOX_CHANNEL: Final = "hub_inbox"
"""Without a payload: somebody was told of something. With one: the person whose read marks have changed.

It is a doorbell: who was told of what stands in the rows. An empty payload is sent once per transaction,
however many events it told of.
"""
