"""What an operator does to people at the command line, without signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.accounts.commands.people import create_person, grant
from hub.actor import system_actor
from hub.audit.record import record

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.accounts.models import Person


def create_admin(session: Session, *, name: str, email: str, password: str, operator: str) -> Person:
    """Add a person who administers the hub; ``operator`` is how the audit log calls who did it.

    Raises Invalid for a weak password or a bad name, Conflict where the address is taken.
    """
    actor = system_actor(operator)
    person = create_person(session, actor=actor, name=name, email=email, password=password)
    grant(session, actor=actor, person_id=person.id, role="admin")
    record(session, actor=actor, action="admin.created", subject=f"people/{person.id}")
    return person
