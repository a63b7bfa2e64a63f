"""What every command here needs first: the post or unit, locked, and whether the actor may touch it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from hub import clock
from hub.accounts.models import Person, Post
from hub.errors import Forbidden, Invalid, NotFound
from hub.facilities.models import Facility
from hub.staffing.rules import may_name_stand_in, may_staff
from hub.texts.catalogue import lazy
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

MAY_NOT = lazy("The head of the unit or its regional office decides this.")
NOBODY = lazy("There is no such person.")


@dataclass(frozen=True, slots=True)
class Place:
    """A post in its unit, locked against whoever else changes who holds it; ``today`` is the unit's day."""

    post: Post
    facility: Facility
    today: dt.date

    @property
    def zone(self) -> str:
        """Return the unit's zone."""
        return self.facility.iana_zone


def lock_place(session: Session, actor: Actor, post_id: int, *, for_stand_in: bool = False) -> Place:
    """Lock a post that the actor may staff and return it with its unit. Raises NotFound, Forbidden."""
    place = lock_post(session, post_id)
    facility_id, region_id = place.facility.id, place.facility.region_id
    may = (
        may_name_stand_in(actor, facility_id=facility_id, region_id=region_id)
        if for_stand_in
        else may_staff(actor, facility_id=facility_id, region_id=region_id, role=place.post.role)
    )
    if not may:
        raise Forbidden(MAY_NOT)
    return place


def lock_post(session: Session, post_id: int) -> Place:
    """Lock a post against whoever else changes who has it or its right. Raises NotFound."""
    post = session.scalar(
        select(Post).where(Post.id == post_id).with_for_update().execution_options(populate_existing=True)
    )
    if post is None:
        raise NotFound(lazy("There is no such post."))
    facility = session.get_one(Facility, post.facility_id)
    return Place(post, facility, local_date(clock.now(session), facility.iana_zone))


def demand_person(session: Session, person_id: int, field: str) -> Person:
    """Return somebody who can serve. Raises Invalid, naming the form's field."""
    person = session.get(Person, person_id)
    if person is None or not person.is_active:
        raise Invalid(NOBODY, fields={field: NOBODY})
    return person
