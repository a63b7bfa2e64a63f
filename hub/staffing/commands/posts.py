"""A unit gets a new post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hub.accounts.commands.people import add_post
from hub.accounts.models import Post
from hub.errors import Forbidden, NotFound
from hub.facilities.models import Facility
from hub.staffing.commands.place import MAY_NOT
from hub.staffing.rules import may_staff
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor


def create_post(
    session: Session, *, actor: Actor, facility_id: int, title: str, role: str, mailbox: str | None
) -> Post:
    """Add a post to a unit; all but the head report to the head where there is one.

    Raises NotFound, Forbidden, Invalid (title, role), Conflict (a post of this title, a second head).
    """
    facility = session.get(Facility, facility_id)
    if facility is None:
        raise NotFound(lazy("There is no such facility."))
    if not may_staff(actor, facility_id=facility.id, region_id=facility.region_id, role=role):
        raise Forbidden(MAY_NOT)
    head = session.scalar(select(Post.id).where(Post.facility_id == facility_id, Post.role == "head"))
    return add_post(
        session,
        actor=actor,
        facility_id=facility_id,
        title=title,
        role=role,
        reports_to_id=None if role == "head" else head,
        mailbox=mailbox,
    )
