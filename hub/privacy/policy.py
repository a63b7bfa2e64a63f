"""Who may see what is held of people: everybody what is held of them; administrators may erase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.accounts.models import Person
from hub.errors import NotFound
from hub.privacy.commands import NO_PERSON
from hub.web.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hub.actor import Actor


def find_person(session: Session, _actor: Actor, *, person_id: int) -> Person:
    """Return a person. Raises NotFound."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(NO_PERSON)
    return person


POLICIES: Mapping[str, Policy] = {
    "privacy_pages.show_own": Policy("signed_in"),
    "privacy_pages.download_own": Policy("signed_in", fresh=True),
    "privacy_pages.list_people": Policy("admin"),
    "privacy_pages.confirm_erasure": Policy("admin", find_person),
    "privacy_pages.erase": Policy("admin", find_person, fresh=True),
}
