"""Services as spans of time: which there are, and how one begins and ends."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range

from hub.accounts.models import Appointment
from hub.collaborations.commands.happened import publish
from hub.staffing.events import StandInEnded
from hub.staffing.rules import ONE_DAY, first_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.accounts.models import Person, Post
    from hub.actor import Actor


def whole_days(first: dt.date, last: dt.date, zone: str) -> Range[dt.datetime]:
    """Return the moments from the first to the last of some days in a zone."""
    return Range(first_moment(first, zone), first_moment(last + ONE_DAY, zone), bounds="[)")


def overlapping(session: Session, during: Range[dt.datetime], *conditions: object) -> Sequence[Appointment]:
    """Return the services that touch a span of time, the last to begin first."""
    return session.scalars(
        select(Appointment)
        .where(*conditions, Appointment.during.overlaps(during))  # type: ignore[arg-type] # clauses of SQL
        .order_by(func.lower(Appointment.during).desc(), Appointment.id)
    ).all()


def serving_from(session: Session, moment: dt.datetime, *conditions: object) -> Sequence[Appointment]:
    """Return the services that have not ended by a moment, the last to begin first."""
    return overlapping(session, Range(moment, None, bounds="[)"), *conditions)


def begin(
    session: Session,
    post: Post,
    person: Person,
    during: Range[dt.datetime],
    *,
    letter_no: str | None = None,
    is_acting: bool = False,
) -> Appointment:
    """Let a person serve in a post."""
    service = Appointment(
        post_id=post.id,
        person_id=person.id,
        during=during,
        is_acting=is_acting,
        is_in_pool=post.is_pool,
        letter_no=letter_no,
    )
    session.add(service)
    session.flush()
    return service


def end(session: Session, actor: Actor, post: Post, service: Appointment, moment: dt.datetime) -> None:
    """End a service at a moment; one that would not have begun by then goes. Who stood in is told."""
    begins = service.during.lower
    if begins is not None and begins >= moment:
        session.delete(service)
    else:
        service.during = Range(begins, moment, bounds="[)")
    # The next appointment may begin at this very moment: the constraint must see the end first.
    session.flush()
    if service.is_acting:
        ended = StandInEnded(
            facility_id=post.facility_id, post_id=post.id, person_id=service.person_id, ends_at=moment
        )
        publish(session, ended, actor=actor)
