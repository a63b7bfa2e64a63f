"""Somebody is away for some days, and names whom to turn to."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range

from hub import clock
from hub.accounts.models import Appointment, Person, Post
from hub.audit.record import record
from hub.errors import Conflict, Forbidden, Invalid, NotFound
from hub.facilities.models import Facility
from hub.staffing.commands.place import MAY_NOT, demand_person
from hub.staffing.models import Absence
from hub.staffing.rules import demand_near, demand_term, may_name_stand_in
from hub.texts.catalogue import lazy
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

LONGEST_CHAIN = 50
OWN_DEPUTY = lazy("Nobody is their own deputy.")
AWAY_ALREADY = lazy("An absence is noted in that time already; take it back first.")
CIRCLE = lazy("These people would all be away and each other's deputies: name somebody who is there.")


def note_absence(
    session: Session,
    *,
    actor: Actor,
    person_id: int,
    starts_on: dt.date,
    ends_on: dt.date,
    deputy_id: int | None = None,
) -> Absence:
    """Note that somebody is away from the first to the last of some days.

    One notes one's own; the head of a unit and who oversees it note others'. Raises NotFound, Forbidden,
    Invalid (days, deputy, a circle of deputies), Conflict (away in that time already).
    """
    person = _lock_person(session, actor, person_id)
    today = local_date(clock.now(session), person.iana_zone)
    demand_near(starts_on, today, "starts_on")
    demand_term(starts_on, ends_on, "ends_on")
    days = Range(starts_on, ends_on + dt.timedelta(days=1), bounds="[)")
    taken = select(Absence.id).where(Absence.person_id == person_id, Absence.days.overlaps(days))
    if session.scalar(taken) is not None:
        raise Conflict(AWAY_ALREADY, fields={"starts_on": AWAY_ALREADY})
    if deputy_id is not None:
        if deputy_id == person_id:
            raise Invalid(OWN_DEPUTY, fields={"deputy_id": OWN_DEPUTY})
        demand_person(session, deputy_id, "deputy_id")
        _demand_no_circle(session, person_id, deputy_id, days)
    absence = Absence(person_id=person_id, days=days, deputy_id=deputy_id)
    session.add(absence)
    session.flush()
    record(
        session,
        actor=actor,
        action="absence.noted",
        subject=f"people/{person_id}",
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat(),
        deputy_id=deputy_id,
    )
    return absence


def take_absence_back(session: Session, *, actor: Actor, absence_id: int) -> None:
    """Take a noted absence back. Raises NotFound, Forbidden."""
    absence = session.get(Absence, absence_id)
    if absence is None:
        raise NotFound(lazy("There is no such absence."))
    _lock_person(session, actor, absence.person_id)
    session.delete(absence)
    session.flush()
    record(session, actor=actor, action="absence.taken_back", subject=f"people/{absence.person_id}")


def _lock_person(session: Session, actor: Actor, person_id: int) -> Person:
    person = session.scalar(select(Person).where(Person.id == person_id).with_for_update(key_share=True))
    if person is None:
        raise NotFound(lazy("There is no such person."))
    if person_id != actor.person_id and not _may_note_of(session, actor, person_id):
        raise Forbidden(MAY_NOT)
    return person


def _may_note_of(session: Session, actor: Actor, person_id: int) -> bool:
    units = session.execute(
        select(Facility.id, Facility.region_id)
        .join(Post, Post.facility_id == Facility.id)
        .join(Appointment, Appointment.post_id == Post.id)
        .where(Appointment.person_id == person_id, Appointment.during.contains(func.hub_now()))
    ).all()
    return actor.is_admin or any(
        may_name_stand_in(actor, facility_id=unit.id, region_id=unit.region_id) for unit in units
    )


def _demand_no_circle(session: Session, person_id: int, deputy_id: int, days: Range[dt.date]) -> None:
    """Follow who stands for the deputy in those days. Raises Invalid where that leads back."""
    seen: set[int] = set()
    asked = {deputy_id}
    while asked and len(seen) < LONGEST_CHAIN:
        if person_id in asked:
            raise Invalid(CIRCLE, fields={"deputy_id": CIRCLE})
        seen |= asked
        deputies = session.scalars(
            select(Absence.deputy_id).where(
                Absence.person_id.in_(asked), Absence.days.overlaps(days), Absence.deputy_id.is_not(None)
            )
        )
        asked = {deputy for deputy in deputies if deputy is not None} - seen
