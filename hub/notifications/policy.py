"""Who may read an inbox: its owner."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from hub.errors import NotFound
from hub.notifications.models import Notification
from hub.texts.catalogue import lazy
from hub.web.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hub.actor import Actor


def find_own_notification(session: Session, actor: Actor, *, event_id: uuid.UUID) -> uuid.UUID:
    """Return the event's id. Raises NotFound unless the actor was told of it."""
    if actor.person_id is None or session.get(Notification, (actor.person_id, event_id)) is None:
        raise NotFound(lazy("There is no such notification."))
    return event_id


POLICIES: Mapping[str, Policy] = {
    "inbox.list_inbox": Policy("signed_in"),
    "inbox.show_unread": Policy("signed_in"),
    "inbox.read_notification": Policy("signed_in", find_own_notification, scope="inbox:write"),
    "inbox.read_everything": Policy("signed_in", scope="inbox:write"),
    "inbox_pages.show_inbox": Policy("signed_in"),
    "inbox_pages.stream_inbox": Policy("signed_in", is_bare=True, scope="read"),
    "inbox_pages.mark_read": Policy("signed_in", find_own_notification),
    "inbox_pages.mark_all_read": Policy("signed_in"),
}
