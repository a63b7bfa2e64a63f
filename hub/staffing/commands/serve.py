"""A post passes on, somebody stands in, joins a pool, or stops serving.

Promises, invitations and reminders name posts, never people, so nothing has to be moved: from the first
moment of the new appointment on its holder finds them, and whoever held the post before does not. An event
tells the successor and the unit's head (decision 35).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from hub.accounts.models import Appointment, Person, Post
from hub.audit.record import record
from hub.collaborations.commands.happened import publish
from hub.errors import Conflict, Invalid, NotFound
from hub.facilities.models import Facility
from hub.staffing.commands.delegate import cut
from hub.staffing.commands.place import demand_person, lock_place
from hub.staffing.commands.spans import begin, end, overlapping, serving_from, whole_days
from hub.staffing.events import PostHandedOver, StandInNamed
from hub.staffing.queries import count_visits, held_with
from hub.staffing.rules import ONE_DAY, demand_near, demand_term, first_moment
from hub.texts.catalogue import lazy
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

IN_A_POOL = lazy("Several people serve in this pool: add one, or let one stop.")
NO_POOL = lazy("One person holds this post: hand it over instead.")
HOLDS_IT = lazy("This person holds the post already.")
NEXT_IS_NAMED = lazy("Somebody is appointed to this post from %(day)s already; let that end first.")
STANDS_IN = lazy("Somebody stands in for this post in that time already.")
SERVES_THERE = lazy("This person serves in this pool in that time already.")
SERVES_ELSEWHERE = lazy(
    "This person serves at %(unit)s as %(title)s. Say that they leave there on the same day, or correct that."
)
HAS_ENDED = lazy("This service has ended already.")
BEFORE_IT_BEGAN = lazy("This is before the service began.")


def hand_over(
    session: Session,
    *,
    actor: Actor,
    post_id: int,
    person_id: int,
    starts_on: dt.date,
    letter_no: str | None = None,
    leaves_others: bool = False,
) -> Appointment:
    """Let a person hold a post from the first moment of a day in the unit's zone.

    Whoever holds it until then stops, so does who stands in, and what was lent of a head's right ends. With
    ``leaves_others`` the successor leaves every post of other units at the same moment. Raises NotFound,
    Forbidden, Invalid (a pool, a day too far away, nobody), Conflict (holds it already, somebody is appointed
    later, serves elsewhere).
    """
    place = lock_place(session, actor, post_id)
    if place.post.is_pool:
        raise Invalid(IN_A_POOL)
    demand_near(starts_on, place.today, "starts_on")
    successor = demand_person(session, person_id, "person_id")
    starts_at = first_moment(starts_on, place.zone)
    before: int | None = None
    for service in serving_from(session, starts_at, Appointment.post_id == post_id):
        begins = service.during.lower
        if not service.is_acting and begins is not None and begins > starts_at:
            raise Conflict(NEXT_IS_NAMED, day=local_date(begins, place.zone).isoformat())
        if not service.is_acting:
            if service.person_id == successor.id:
                raise Conflict(HOLDS_IT, fields={"person_id": HOLDS_IT})
            before = service.person_id
        end(session, actor, place.post, service, starts_at)
    cut(session, actor=actor, post=place.post, moment=starts_at)
    _leave_others(session, actor, successor, place.facility, starts_at, leaves_others=leaves_others)
    service = begin(session, place.post, successor, Range(starts_at, None, bounds="[)"), letter_no=letter_no)
    record(
        session,
        actor=actor,
        action="post.handed_over",
        subject=f"posts/{post_id}",
        before={"person_id": before},
        after={"person_id": successor.id},
        starts_at=starts_at.isoformat(),
        letter_no=letter_no,
    )
    held = held_with(session, [post_id])[post_id]
    event = PostHandedOver(
        facility_id=place.facility.id,
        post_id=post_id,
        person_id=successor.id,
        before_id=before,
        starts_at=starts_at,
        tasks=held.tasks,
        invitations=held.invitations,
        visits=count_visits(session, place.post),
    )
    publish(session, event, actor=actor)
    return service


def stand_in(
    session: Session,
    *,
    actor: Actor,
    post_id: int,
    person_id: int,
    starts_on: dt.date,
    ends_on: dt.date,
    letter_no: str | None = None,
) -> Appointment:
    """Let a person act in a post (Plh.) from the first to the last of some days, beside its holder.

    Raises NotFound, Forbidden, Invalid (a pool, days, nobody), Conflict (holds it, another stands in).
    """
    place = lock_place(session, actor, post_id, for_stand_in=True)
    if place.post.is_pool:
        raise Invalid(IN_A_POOL)
    demand_near(starts_on, place.today, "starts_on")
    demand_term(starts_on, ends_on, "ends_on")
    person = demand_person(session, person_id, "person_id")
    during = whole_days(starts_on, ends_on, place.zone)
    for service in overlapping(session, during, Appointment.post_id == post_id):
        if service.is_acting:
            raise Conflict(STANDS_IN)
        if service.person_id == person.id:
            raise Conflict(HOLDS_IT, fields={"person_id": HOLDS_IT})
    service = begin(session, place.post, person, during, letter_no=letter_no, is_acting=True)
    record(
        session,
        actor=actor,
        action="post.stand_in_named",
        subject=f"posts/{post_id}",
        after={"person_id": person.id},
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat(),
        letter_no=letter_no,
    )
    named = StandInNamed(
        facility_id=place.facility.id,
        post_id=post_id,
        person_id=person.id,
        starts_at=first_moment(starts_on, place.zone),
        ends_at=first_moment(ends_on + ONE_DAY, place.zone),
    )
    publish(session, named, actor=actor)
    return service


def join_pool(
    session: Session,
    *,
    actor: Actor,
    post_id: int,
    person_id: int,
    starts_on: dt.date,
    leaves_others: bool = False,
) -> Appointment:
    """Add a person to a pool such as "staf". Raises NotFound, Forbidden, Invalid, Conflict."""
    place = lock_place(session, actor, post_id)
    if not place.post.is_pool:
        raise Invalid(NO_POOL)
    demand_near(starts_on, place.today, "starts_on")
    person = demand_person(session, person_id, "person_id")
    starts_at = first_moment(starts_on, place.zone)
    during = Range(starts_at, None, bounds="[)")
    mine = (Appointment.post_id == post_id, Appointment.person_id == person.id)
    if overlapping(session, during, *mine):
        raise Conflict(SERVES_THERE, fields={"person_id": SERVES_THERE})
    _leave_others(session, actor, person, place.facility, starts_at, leaves_others=leaves_others)
    service = begin(session, place.post, person, during)
    record(
        session,
        actor=actor,
        action="person.joined",
        subject=f"posts/{post_id}",
        after={"person_id": person.id},
        starts_on=starts_on.isoformat(),
    )
    return service


def stop_serving(
    session: Session, *, actor: Actor, appointment_id: int, last_day: dt.date
) -> tuple[Appointment, bool]:
    """Let a service end after a day; return it, and whether its post has nobody from then on.

    Raises NotFound, Forbidden, Invalid (before it began, too far away), Conflict (has ended).
    """
    post_id = session.scalar(select(Appointment.post_id).where(Appointment.id == appointment_id))
    if post_id is None:
        raise NotFound(lazy("There is no such service."))
    place = lock_place(session, actor, post_id)
    service = session.get_one(Appointment, appointment_id, populate_existing=True)
    ends_at = first_moment(last_day + ONE_DAY, place.zone)
    begins, ends = service.during.lower, service.during.upper
    if ends is not None and ends <= ends_at:
        raise Conflict(HAS_ENDED)
    demand_near(last_day, place.today, "last_day")
    if begins is not None and ends_at <= begins:
        raise Invalid(BEFORE_IT_BEGAN, fields={"last_day": BEFORE_IT_BEGAN})
    end(session, actor, place.post, service, ends_at)
    cut(session, actor=actor, post=place.post, moment=ends_at, giver_id=service.person_id)
    record(
        session,
        actor=actor,
        action="person.stopped",
        subject=f"posts/{post_id}",
        before={"person_id": service.person_id},
        last_day=last_day.isoformat(),
    )
    return service, not place.post.is_pool and not service.is_acting


def _leave_others(
    session: Session,
    actor: Actor,
    person: Person,
    facility: Facility,
    moment: dt.datetime,
    *,
    leaves_others: bool,
) -> None:
    elsewhere = (
        select(Appointment, Post, Facility.name)
        .join(Post, Post.id == Appointment.post_id)
        .join(Facility, Facility.id == Post.facility_id)
        .where(
            Appointment.person_id == person.id,
            Post.facility_id != facility.id,
            Appointment.during.overlaps(Range(moment, None, bounds="[)")),
        )
        .order_by(Appointment.id)
    )
    for service, post, unit in session.execute(elsewhere).all():
        if not leaves_others:
            raise Conflict(
                SERVES_ELSEWHERE,
                fields={"leaves_others": SERVES_ELSEWHERE},
                code="serves-elsewhere",
                unit=unit,
                title=post.title,
            )
        end(session, actor, post, service, moment)
        cut(session, actor=actor, post=post, moment=moment, giver_id=person.id)
