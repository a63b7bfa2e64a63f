"""Who may read partner records: the facility's own people and its overseers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import NotFound
from hub.partners.queries import RecordView, find_record, may_read
from hub.texts.catalogue import lazy
from hub.web.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hub.actor import Actor


def find_readable_record(session: Session, actor: Actor, *, facility_id: int, partner_id: int) -> RecordView:
    """Return a partner record. Raises NotFound where there is none, or none the actor may see."""
    record = find_record(session, facility_id, partner_id) if may_read(session, actor, facility_id) else None
    if record is None:
        raise NotFound(lazy("There is no such partner record."))
    return record


POLICIES: Mapping[str, Policy] = {
    "partners.list_partners": Policy("signed_in"),
    "partners.show_partner": Policy("signed_in", find_readable_record),
    "partner_pages.list_partners": Policy("signed_in"),
    "partner_pages.show_partner": Policy("signed_in", find_readable_record),
}
