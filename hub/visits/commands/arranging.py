"""Write down when and where a visit is, and what is on its agenda: the first time and again.

Arrangements are immutable by right: a change is the next number, and asks for consent again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from hub import clock
from hub.accounts.models import Post
from hub.collaborations.commands.happened import Happened, publish
from hub.collaborations.commands.thread import Thread, demand_head_of_guest, lock_thread
from hub.errors import Conflict, Invalid
from hub.facilities.models import Facility
from hub.texts.catalogue import lazy
from hub.visits import rules
from hub.visits.models import AgendaItem, Arrangement, Invitation, Visit
from hub.workdays.weekdays import UnknownWeekdayError
from hub.workdays.zones import at_local, local_date, zone_info

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.visits.rules import Warned

BAD_TIMES = lazy("Please check the date and time of the visit.")
NO_WEEKDAY = lazy("This is not the name of a weekday.")
FOREIGN_POST = lazy("This post belongs to neither of the two units.")
NEWER_ARRANGEMENT = lazy("The visit has a newer date or agenda.")


@dataclass(frozen=True, slots=True)
class AgendaPoint:
    """One point of an agenda as somebody wrote it."""

    title: str
    minutes: int
    theme: str | None = None
    owner_post_id: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """When, where and what; the times are naive: what the host's clock shows."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    place: str
    head_count: int | None
    agenda: tuple[AgendaPoint, ...]


@dataclass(frozen=True, slots=True)
class PlanChanges:
    """What of a plan is to become different; None leaves a part as it is."""

    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    place: str | None = None
    head_count: int | None = None
    agenda: tuple[AgendaPoint, ...] | None = None

    @property
    def are_any(self) -> bool:
        """Return whether anything changes."""
        return self != PlanChanges()


def write_arrangement(
    session: Session, *, thread: Thread, visit_id: int, number: int, plan: Plan, now: dt.datetime
) -> Arrangement:
    """Add one arrangement with its agenda. Raises Invalid for times or posts that cannot be."""
    zone = session.scalars(select(Facility.iana_zone).where(Facility.id == thread.host.facility_id)).one()
    starts_at = at_local(plan.starts_at.date(), plan.starts_at.time(), zone)
    ends_at = at_local(plan.ends_at.date(), plan.ends_at.time(), zone)
    faults = rules.faults_of_times(starts_at, ends_at, now)
    faults |= _faults_of_posts(session, thread, plan.agenda)
    if faults:
        raise Invalid(
            BAD_TIMES if "starts_at" in faults or "ends_at" in faults else FOREIGN_POST, fields=faults
        )
    arrangement = Arrangement(
        visit_id=visit_id,
        number=number,
        starts_at=starts_at,
        ends_at=ends_at,
        iana_zone=zone,
        place=plan.place,
        head_count=plan.head_count,
    )
    session.add(arrangement)
    session.flush()
    session.add_all(
        AgendaItem(
            visit_id=visit_id,
            number=number,
            position=position,
            title=point.title,
            minutes=point.minutes,
            theme=point.theme,
            owner_post_id=point.owner_post_id,
        )
        for position, point in enumerate(plan.agenda, start=1)
    )
    session.flush()
    return arrangement


def current_arrangement(session: Session, visit: Visit) -> Arrangement:
    """Return the arrangement that counts now."""
    return session.get_one(Arrangement, (visit.id, visit.arrangement_no))


def next_arrangement(
    session: Session, *, thread: Thread, visit: Visit, changes: PlanChanges, now: dt.datetime
) -> Arrangement:
    """Add the arrangement after the current one: as that one, but for the changes."""
    plan = _merge(_plan_of(session, visit), changes)
    number = visit.arrangement_no + 1
    return write_arrangement(session, thread=thread, visit_id=visit.id, number=number, plan=plan, now=now)


def lock_visit(session: Session, visit_id: int) -> tuple[Thread, Visit]:
    """Lock the collaboration of a visit and return both as they are now. Raises NotFound."""
    collaboration_id = session.scalars(select(Visit.collaboration_id).where(Visit.id == visit_id)).one()
    thread = lock_thread(session, collaboration_id)
    return thread, session.get_one(Visit, visit_id, populate_existing=True)


def only_visit(session: Session, thread: Thread) -> Visit:
    """Return the first visit of a collaboration under its lock."""
    return session.scalars(
        select(Visit).where(Visit.collaboration_id == thread.collaboration.id, Visit.stop_no == 1),
        execution_options={"populate_existing": True},
    ).one()


def warnings_of(session: Session, arrangement: Arrangement, weekday: str | None, locale: str) -> list[Warned]:
    """Return what looks odd about the day. Raises Invalid if ``weekday`` is no weekday's name."""
    session.flush()
    day = local_date(arrangement.starts_at, arrangement.iana_zone)
    try:
        return rules.warnings_of_day(day, weekday, locale)
    except UnknownWeekdayError as error:
        raise Invalid(NO_WEEKDAY, fields={"weekday": NO_WEEKDAY}) from error


def rearrange(
    session: Session,
    *,
    actor: Actor,
    visit_id: int,
    changes: PlanChanges,
    weekday: str | None = None,
    replaces: int | None = None,
) -> tuple[Arrangement, list[Warned], Happened]:
    """Give a visit another date, place or agenda, and ask every invited party again.

    ``replaces`` is the number the caller has seen. Raises Forbidden, Conflict (a draft, an ended or
    held visit, a newer number) and Invalid.
    """
    thread, visit = lock_visit(session, visit_id)
    demand_head_of_guest(thread, actor)
    if replaces is not None and replaces != visit.arrangement_no:
        raise Conflict(NEWER_ARRANGEMENT, code="arrangement-changed")
    now = clock.now(session)
    thread.proposal.ask_again()
    arrangement = next_arrangement(session, thread=thread, visit=visit, changes=changes, now=now)
    warnings = warnings_of(session, arrangement, weekday, actor.locale)
    event = visit.rearrange(arrangement)
    for invitation in session.scalars(select(Invitation).where(Invitation.visit_id == visit.id)):
        invitation.respond_by = rules.respond_by(now, arrangement.starts_at, arrangement.iana_zone)
    return arrangement, warnings, publish(session, event, actor=actor)


def _plan_of(session: Session, visit: Visit) -> Plan:
    current = current_arrangement(session, visit)
    zone = zone_info(current.iana_zone)
    items = session.scalars(
        select(AgendaItem)
        .where(AgendaItem.visit_id == visit.id, AgendaItem.number == current.number)
        .order_by(AgendaItem.position)
    )
    return Plan(
        starts_at=current.starts_at.astimezone(zone).replace(tzinfo=None),
        ends_at=current.ends_at.astimezone(zone).replace(tzinfo=None),
        place=current.place,
        head_count=current.head_count,
        agenda=tuple(AgendaPoint(item.title, item.minutes, item.theme, item.owner_post_id) for item in items),
    )


def _merge(plan: Plan, changes: PlanChanges) -> Plan:
    starts_at = plan.starts_at if changes.starts_at is None else changes.starts_at
    # Another start alone keeps the length.
    ends_at = starts_at + (plan.ends_at - plan.starts_at) if changes.ends_at is None else changes.ends_at
    return replace(
        plan,
        starts_at=starts_at,
        ends_at=ends_at,
        place=plan.place if changes.place is None else changes.place,
        head_count=plan.head_count if changes.head_count is None else changes.head_count,
        agenda=plan.agenda if changes.agenda is None else changes.agenda,
    )


def _faults_of_posts(session: Session, thread: Thread, agenda: Sequence[AgendaPoint]) -> dict[str, str]:
    named = {point.owner_post_id for point in agenda if point.owner_post_id is not None}
    if not named:
        return {}
    ours = set(
        session.scalars(select(Post.id).where(Post.id.in_(named), Post.facility_id.in_(thread.party_ids)))
    )
    return {
        f"agenda.{index}.owner_post_id": FOREIGN_POST
        for index, point in enumerate(agenda)
        if point.owner_post_id is not None and point.owner_post_id not in ours
    }
