"""Who may read a receipt: whoever may see the collaboration that the event belongs to."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from hub.collaborations.queries import find_cover
from hub.errors import NotFound
from hub.followups.events import INNER
from hub.messaging.read import find_event
from hub.texts.catalogue import lazy
from hub.visits.policy import find_visit_row
from hub.web.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hub.actor import Actor


def find_event_of_receipt(session: Session, actor: Actor, *, event_id: uuid.UUID) -> uuid.UUID:
    """Return the event's id. Raises NotFound for an event the actor may not know of."""
    event = find_event(session, event_id)
    if event is not None:
        if event.collaboration_id is None:
            may_see = actor.is_admin
        else:
            may_see = find_cover(session, actor, event.collaboration_id) is not None
        if may_see and (event.type not in INNER or event.data["facility_id"] in actor.unit_ids):
            return event.id
    raise NotFound(lazy("There is no such event."))


POLICIES: Mapping[str, Policy] = {
    "receipts.show_receipt": Policy("signed_in", find_event_of_receipt),
    "receipt_pages.show_receipt": Policy("signed_in", find_event_of_receipt),
    "receipt_pages.show_progress": Policy("signed_in", find_event_of_receipt),
    "publishing.preview_publishing": Policy("signed_in", find_visit_row),
    "publishing.publish": Policy("signed_in", find_visit_row),
}
