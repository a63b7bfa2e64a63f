"""Lend somebody of the unit the right to answer invitations for it, for some days, and take it back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select, text
from sqlalchemy.dialects.postgresql import Range

from hub import clock
from hub.accounts.models import Appointment, Post
from hub.audit.record import record
from hub.collaborations.commands.happened import publish
from hub.errors import Conflict, Forbidden, Invalid, NotFound
from hub.facilities.models import Facility
from hub.staffing.commands.place import Place, demand_person, lock_post
from hub.staffing.events import DelegationEnded, DelegationGiven
from hub.staffing.models import Delegation
from hub.staffing.rules import ONE_DAY, demand_term, first_moment, may_lend
from hub.texts.catalogue import lazy
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

MAY_NOT_LEND = lazy(
    "Only the head of the unit or the administrator lends this right. Who has it on loan cannot pass it on."
)
NO_HEAD = lazy("This unit has no post of a head whose right could be lent.")
HAS_PASSED = lazy("This day has passed.")
NOT_OF_UNIT = lazy("This person does not serve in the unit.")
IS_HEAD = lazy("This person heads the unit in that time and may answer anyway.")
HAS_IT = lazy("This person has the right in that time already, until %(day)s. Take it back first.")
ENDS_BEFORE = lazy("The right itself passes on after %(day)s; it cannot be lent for longer.")
HAS_ENDED = lazy("This right has ended already.")

# What has not begun by then never does; what was given stays in the row, and in the audit log.
CUT = text(
    """
    UPDATE delegations SET
        during = CASE WHEN lower(during) < :moment THEN tstzrange(lower(during), :moment) ELSE during END,
        revoked_at = CASE WHEN lower(during) < :moment THEN revoked_at ELSE hub_now() END
    WHERE facility_id = :facility AND revoked_at IS NULL AND upper(during) > :moment
      AND (CAST(:giver AS bigint) IS NULL OR given_by_id = :giver)
    RETURNING id, person_id
    """
)


def lend(
    session: Session,
    *,
    actor: Actor,
    facility_id: int,
    person_id: int,
    starts_on: dt.date,
    ends_on: dt.date,
) -> Delegation:
    """Let a person of the unit answer invitations for it from the first to the last of some days.

    The head's right is lent: by the head, no longer than they have it, or by an administrator. Raises
    NotFound, Forbidden (also for whom it is lent to), Invalid (days, nobody, who serves elsewhere or heads
    the unit, for longer than the right itself), Conflict (no head's post, lent already).
    """
    place = _lock(session, actor, facility_id)
    facility, head = place.facility, place.post
    if starts_on < place.today:
        raise Invalid(HAS_PASSED, fields={"starts_on": HAS_PASSED})
    demand_term(place.today, ends_on, "ends_on")
    demand_term(starts_on, ends_on, "ends_on")
    person = demand_person(session, person_id, "person_id")
    during = Range(
        first_moment(starts_on, facility.iana_zone),
        first_moment(ends_on + ONE_DAY, facility.iana_zone),
        bounds="[)",
    )
    _demand_of_unit(session, facility_id, person.id, head.id, during)
    _demand_own(session, actor, head.id, facility, during)
    taken = session.scalars(
        select(Delegation).where(
            Delegation.facility_id == facility_id,
            Delegation.person_id == person.id,
            Delegation.revoked_at.is_(None),
            Delegation.during.overlaps(during),
        )
    ).first()
    if taken is not None:
        raise Conflict(
            HAS_IT, fields={"person_id": HAS_IT}, day=_last_day(taken.during.upper, facility.iana_zone)
        )
    lent = Delegation(
        facility_id=facility_id, person_id=person.id, during=during, given_by_id=actor.person_id
    )
    session.add(lent)
    session.flush()
    record(
        session,
        actor=actor,
        action="delegation.given",
        subject=f"facilities/{facility_id}",
        after={"person_id": person.id},
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat(),
        delegation_id=lent.id,
    )
    given = DelegationGiven(
        facility_id=facility_id,
        delegation_id=lent.id,
        person_id=person.id,
        starts_at=first_moment(starts_on, facility.iana_zone),
        ends_at=first_moment(ends_on + ONE_DAY, facility.iana_zone),
    )
    publish(session, given, actor=actor)
    return lent


def take_back(session: Session, *, actor: Actor, delegation_id: int) -> Delegation:
    """Take the right back at once. Raises NotFound, Forbidden, Conflict when it has ended."""
    facility_id = session.scalar(select(Delegation.facility_id).where(Delegation.id == delegation_id))
    if facility_id is None:
        raise NotFound(lazy("There is no such delegation."))
    _lock(session, actor, facility_id)
    lent = session.get_one(Delegation, delegation_id, populate_existing=True)
    now = clock.now(session)
    if lent.revoked_at is not None or lent.during.upper is None or lent.during.upper <= now:
        raise Conflict(HAS_ENDED, code="delegation-ended")
    lent.revoked_at = now
    session.flush()
    record(
        session,
        actor=actor,
        action="delegation.taken_back",
        subject=f"facilities/{facility_id}",
        before={"person_id": lent.person_id},
        delegation_id=lent.id,
    )
    ended = DelegationEnded(
        facility_id=facility_id, delegation_id=lent.id, person_id=lent.person_id, ends_at=now
    )
    publish(session, ended, actor=actor)
    return lent


def cut(
    session: Session, *, actor: Actor, post: Post, moment: dt.datetime, giver_id: int | None = None
) -> list[int]:
    """End at a moment what was lent of this post's right, all of it or what one person lent.

    Nobody's loan outlasts the right it comes from. Returns the ids; nothing for another post than a head's.
    """
    if post.role != "head":
        return []
    values = {"facility": post.facility_id, "moment": moment, "giver": giver_id}
    rows = session.execute(CUT, values).all()
    for row in rows:
        record(
            session,
            actor=actor,
            action="delegation.cut",
            subject=f"facilities/{post.facility_id}",
            before={"person_id": row.person_id},
            ends_at=moment.isoformat(),
            delegation_id=row.id,
        )
        ended = DelegationEnded(
            facility_id=post.facility_id, delegation_id=row.id, person_id=row.person_id, ends_at=moment
        )
        publish(session, ended, actor=actor)
    return [row.id for row in rows]


def _lock(session: Session, actor: Actor, facility_id: int) -> Place:
    """Lock the post whose right it is, as a handover does. Raises NotFound, Forbidden, Conflict."""
    if session.get(Facility, facility_id) is None:
        raise NotFound(lazy("There is no such facility."))
    if not may_lend(actor, facility_id):
        raise Forbidden(MAY_NOT_LEND, code="may-not-lend")
    head_id = session.scalar(select(Post.id).where(Post.facility_id == facility_id, Post.role == "head"))
    if head_id is None:
        raise Conflict(NO_HEAD, code="no-head")
    return lock_post(session, head_id)


def _demand_of_unit(
    session: Session, facility_id: int, person_id: int, head_id: int, during: Range[dt.datetime]
) -> None:
    serves = exists().where(
        Appointment.person_id == person_id,
        Appointment.post_id == Post.id,
        Post.facility_id == facility_id,
        Appointment.during.contains(func.hub_now()),
    )
    if not session.scalar(select(serves)):
        raise Invalid(NOT_OF_UNIT, fields={"person_id": NOT_OF_UNIT})
    heads = exists().where(
        Appointment.person_id == person_id,
        Appointment.post_id == head_id,
        Appointment.during.overlaps(during),
    )
    if session.scalar(select(heads)):
        raise Invalid(IS_HEAD, fields={"person_id": IS_HEAD})


def _demand_own(
    session: Session, actor: Actor, head_id: int, facility: Facility, during: Range[dt.datetime]
) -> None:
    """Raise Invalid where the giver, or for an administrator the holder, would not have it for so long."""
    is_givers = Appointment.person_id == actor.person_id
    is_lent_by_head = facility.id in actor.headed_ids
    ends = session.execute(
        select(
            func.bool_or(func.upper_inf(Appointment.during)).label("is_endless"),
            func.max(func.upper(Appointment.during)).label("ends_at"),
        ).where(
            is_givers if is_lent_by_head else ~Appointment.is_acting,
            Appointment.post_id == head_id,
            Appointment.during.contains(func.hub_now()),
        )
    ).one()
    if ends.is_endless or (ends.ends_at is None and actor.is_admin):
        return
    if ends.ends_at is None:
        raise Forbidden(MAY_NOT_LEND, code="may-not-lend")
    if during.upper is None or during.upper > ends.ends_at:
        day = _last_day(ends.ends_at, facility.iana_zone)
        raise Invalid(ENDS_BEFORE, fields={"ends_on": ENDS_BEFORE}, day=day)


def _last_day(ends_at: dt.datetime | None, zone: str) -> str:
    return (local_date(ends_at, zone) - ONE_DAY).isoformat() if ends_at else ""
