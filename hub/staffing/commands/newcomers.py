"""Find the person that a form names by an address, or take on somebody new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hub.accounts.commands.passwords import ask_for_reset
from hub.accounts.commands.people import add_person
from hub.accounts.models import Person
from hub.errors import Invalid
from hub.staffing.commands.place import NOBODY
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.staffing.commands.place import Place

NOT_HERE_YET = lazy(
    "Nobody in the hub has this address. Give the name as well, and a link to a password goes to the address."
)
NOT_ACTIVE = lazy("This person's account is closed.")


def person_by_address(session: Session, email: str, field: str) -> int:
    """Return the id of somebody who can serve. Raises Invalid, naming the form's field."""
    person_id = session.scalar(
        select(Person.id).where(func.lower(Person.email) == email.lower(), Person.is_active)
    )
    if person_id is None:
        raise Invalid(NOBODY, fields={field: NOBODY})
    return person_id


def person_at(session: Session, *, actor: Actor, place: Place, email: str, name: str) -> int:
    """Return the id of the person with an address; somebody new is added and mailed a link to a password.

    The caller has made sure that the actor may say who serves there (``lock_place``). A name that is given
    for a known address changes nothing. Raises Invalid for an unknown address without a name, and for a
    person whose account is closed.
    """
    known = session.execute(
        select(Person.id, Person.is_active).where(func.lower(Person.email) == email.lower())
    ).one_or_none()
    if known is not None:
        if not known.is_active:
            raise Invalid(NOT_ACTIVE, fields={"email": NOT_ACTIVE})
        return int(known.id)
    if not name:
        raise Invalid(NOT_HERE_YET, fields={"name": NOT_HERE_YET})
    person = add_person(session, actor=actor, name=name, email=email, zone=place.zone)
    ask_for_reset(session, actor=actor, email=email)
    return person.id
