"""What every page shows of its reader: the unit they serve in first, and how much they have not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.accounts.queries import first_unit_name
from hub.notifications.queries import count_unread
from hub.web.request import Surroundings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor


def surroundings(session: Session, actor: Actor) -> Surroundings:
    """Return it for somebody who is signed in; for anybody else it is empty."""
    if actor.person_id is None:
        return Surroundings()
    unread = count_unread(session, person_id=actor.person_id)
    return Surroundings(
        unit=first_unit_name(session, actor.post_ids), unread=unread.label if unread.count else ""
    )
