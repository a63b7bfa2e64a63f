"""Who may call the facilities' routes: everybody who is signed in; the registry has no secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.facilities import queries
from hub.web.policy import Policy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.facilities.queries import Shown


def find_facility(session: Session, _actor: Actor, *, facility_id: int) -> Shown:
    """Return the facility of a route. Raises NotFound."""
    return queries.show(session, facility_id)


POLICIES: dict[str, Policy] = {
    "facilities.list_facilities": Policy("signed_in"),
    "facilities.show_facility": Policy("signed_in", find_facility),
    "facilities.list_posts": Policy("signed_in", find_facility),
    "facility_pages.start_description": Policy("signed_in", find_facility),
    "facility_pages.describe_unit": Policy("signed_in", find_facility),
}
