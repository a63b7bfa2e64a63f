"""Read tasks: one's own, or those of a unit, by the day they are due."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Date, DateTime, Integer, and_, bindparam, cast, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from hub import clock
from hub.accounts.models import Post
from hub.collaborations.models import Collaboration, Party
from hub.collaborations.queries import NUMBERS, ScopedReading, visible_to
from hub.facilities.models import Facility
from hub.facilities.queries import standing_for
from hub.followups import rules
from hub.followups.lists import MINE, OF_UNIT, TaskList
from hub.followups.models import Task
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.followups.lists import Key
    from hub.followups.rules import DueState


MOST_OF_ONE = 100
"""Tasks of one collaboration that are shown; an outcome has at most twenty per theme."""


class TaskView(NamedTuple):
    """A task as somebody who may see it reads it.

    A list makes dozens of them for one answer, and a tuple is made in a tenth of a frozen dataclass's time.
    """

    id: int
    title: str
    state: str
    due_on: dt.date
    collaboration_id: int
    commitment_id: int
    event_id: uuid.UUID
    facility_id: int
    unit: str
    iana_zone: str
    owner_post_id: int
    owner: str
    accountable_post_id: int
    accountable: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    closing_note: str | None
    version: int
    ref: str
    collaboration: str
    due_state: DueState
    today: dt.date
    may_close: bool
    may_return: bool


def find_task(session: Session, actor: Actor, task_id: int) -> TaskView | None:
    """Return a task of a collaboration that the actor may see, or None."""
    views = _views(session, actor, ONE.rows(session, actor, id=task_id))
    return views[0] if views else None


def own_tasks(
    session: Session, actor: Actor, *, state: str | None, after: tuple[dt.date, int] | None, limit: int
) -> list[TaskView]:
    """Return up to ``limit`` tasks that the actor's posts own or answer for, first due first."""
    return _listed(OWN, session, actor, of=list(actor.post_ids), state=state, after=after, limit=limit)


def unit_tasks(
    session: Session,
    actor: Actor,
    *,
    facility_ids: list[int],
    state: str | None,
    after: tuple[dt.date, int] | None,
    limit: int,
) -> list[TaskView]:
    """Return up to ``limit`` tasks of these units that the actor may see, first due first."""
    return _listed(OF_UNITS, session, actor, of=facility_ids, state=state, after=after, limit=limit)


def closed_tasks(
    session: Session,
    actor: Actor,
    *,
    facility_ids: list[int] | None,
    post_ids: list[int] | None,
    after: tuple[dt.datetime, int] | None,
    limit: int,
) -> list[TaskView]:
    """Return up to ``limit`` closed tasks that the actor may see, the last closed first.

    Those of some units, or those that some posts own or answer for; with None for both, of everybody.
    """
    if post_ids is not None:
        return _listed(OWN_CLOSED, session, actor, of=post_ids, state="closed", after=after, limit=limit)
    if facility_ids is not None:
        return _listed(
            CLOSED_OF_UNITS, session, actor, of=facility_ids, state="closed", after=after, limit=limit
        )
    query = _tasks(actor).where(Task.state == "closed")
    if after is not None:
        query = query.where(tuple_(Task.closed_at, Task.id) < after)
    query = query.order_by(None).order_by(Task.closed_at.desc(), Task.id.desc())
    return _asked(session, actor, query.limit(limit))


def open_tasks(
    session: Session,
    actor: Actor,
    *,
    facility_ids: list[int] | None,
    post_ids: list[int] | None,
    after: tuple[dt.date, int] | None,
    limit: int,
) -> list[TaskView]:
    """Return up to ``limit`` open tasks that the actor may see, first due first; chosen as closed ones."""
    if post_ids is not None:
        return _listed(OWN, session, actor, of=post_ids, state="open", after=after, limit=limit)
    if facility_ids is not None:
        return _listed(OF_UNITS, session, actor, of=facility_ids, state="open", after=after, limit=limit)
    return _asked(session, actor, _paged(_tasks(actor), "open", after, limit))


def count_open(session: Session, actor: Actor) -> tuple[int, int]:
    """Return how many open tasks the actor's posts own or answer for, and how many the actor's units have."""
    own = or_(
        Task.owner_post_id.in_(actor.post_ids),
        and_(Task.accountable_post_id.in_(actor.post_ids), Task.accountable_post_id != Task.owner_post_id),
    )
    units = Task.facility_id.in_(actor.unit_ids)
    row = session.execute(
        select(func.count().filter(own), func.count().filter(units)).where(
            Task.state == "open", or_(own, units)
        )
    ).one()
    return row[0], row[1]


def open_between(
    session: Session, actor: Actor, *, facility_id: int, partner_id: int, limit: int
) -> list[TaskView]:
    """Return up to ``limit`` open tasks of two facilities from what they did together, first due first."""
    one, other = aliased(Party), aliased(Party)
    ours, theirs = standing_for(facility_id), standing_for(partner_id)
    query = (
        _tasks(actor)
        .join(one, and_(one.collaboration_id == Task.collaboration_id, one.facility_id.in_(ours)))
        .join(other, and_(other.collaboration_id == Task.collaboration_id, other.facility_id.in_(theirs)))
        .where(
            or_(one.role == "host", other.role == "host"),
            Task.facility_id.in_(ours) | Task.facility_id.in_(theirs),
        )
    )
    return _asked(session, actor, _paged(query, "open", None, limit))


def tasks_of(
    session: Session, actor: Actor, *, collaboration_id: int, limit: int = MOST_OF_ONE
) -> list[TaskView]:
    """Return up to ``limit`` tasks of a collaboration that the actor may see, first due first."""
    return _views(session, actor, OF_ONE.rows(session, actor, collaboration=collaboration_id, most=limit))


def late_tasks(
    session: Session, actor: Actor, *, facility_ids: list[int] | None, limit: int
) -> list[TaskView]:
    """Return up to ``limit`` open tasks whose day has passed at their unit, longest overdue first.

    ``facility_ids`` None means every unit that the actor may see.
    """
    now = clock.now(session)
    when = {"now": now, "latest": local_date(now, EASTERNMOST)}
    if facility_ids is None:
        return _views(session, actor, LATE.rows(session, actor, most=limit, **when))
    rows = LATE_OF_UNITS.rows(session, actor, facilities=facility_ids, most=limit, **when)
    return _views(session, actor, rows)


def _tasks(actor: Actor) -> Select[*tuple[Any, ...]]:
    return _every_task().where(visible_to(actor))


def _every_task() -> Select[*tuple[Any, ...]]:
    owner, accountable = aliased(Post), aliased(Post)
    query: Select[*tuple[Any, ...]] = select(
        # In the order of TaskView's fields.
        Task.id,
        Task.title,
        Task.state,
        Task.due_on,
        Task.collaboration_id,
        Task.commitment_id,
        Task.event_id,
        Task.facility_id,
        Facility.name,
        Facility.iana_zone,
        Task.owner_post_id,
        owner.title,
        Task.accountable_post_id,
        accountable.title,
        Task.opened_at,
        Task.closed_at,
        Task.closing_note,
        Task.version,
        Collaboration.ref,
        Collaboration.title,
    )
    return (
        query.join(Collaboration, Collaboration.id == Task.collaboration_id)
        .join(Facility, Facility.id == Task.facility_id)
        .join(owner, owner.id == Task.owner_post_id)
        .join(accountable, accountable.id == Task.accountable_post_id)
        .order_by(Task.due_on, Task.id)
    )


def _paged(
    query: Select[*tuple[Any, ...]], state: str | None, after: tuple[dt.date, int] | None, limit: int
) -> Select[*tuple[Any, ...]]:
    if state is not None:
        query = query.where(Task.state == state)
    if after is not None:
        query = query.where(tuple_(Task.due_on, Task.id) > after)
    return query.limit(limit)


def _asked(session: Session, actor: Actor, query: Select[*tuple[Any, ...]]) -> list[TaskView]:
    return _views(session, actor, session.execute(query).all())


def _views(session: Session, actor: Actor, rows: Sequence[Any]) -> list[TaskView]:
    now = clock.now(session)
    days = {zone: local_date(now, zone) for zone in {row[ZONE] for row in rows}}
    views: list[TaskView] = []
    for row in rows:
        today = days[row[ZONE]]
        state, due_on, facility_id, owner, accountable = (row[place] for place in JUDGED)
        may_close = state == "open" and rules.may_close(
            actor, facility_id=facility_id, owner_post_id=owner, accountable_post_id=accountable
        )
        may_return = state == "open" and rules.may_return(actor, facility_id=facility_id, owner_post_id=owner)
        due = rules.due_state(state, due_on, today)
        views.append(TaskView._make((*row, due, today, may_close, may_return)))
    return views


NAMES = TaskView._fields
ZONE = NAMES.index("iana_zone")
JUDGED = [
    NAMES.index(name) for name in ("state", "due_on", "facility_id", "owner_post_id", "accountable_post_id")
]
FACILITIES = func.any(bindparam("facilities", type_=NUMBERS))
MOST = bindparam("most", type_=Integer)
EASTERNMOST = "Asia/Jayapura"
"""Where a day begins first (hub.facilities.models.ZONES)."""
# The time is told, since a task would ask for it each; the day that begins first is what an index can use.
IS_LATE = and_(
    Task.state == "open",
    Task.due_on < bindparam("latest", type_=Date),
    Task.due_on
    < cast(func.timezone(Facility.iana_zone, bindparam("now", type_=DateTime(timezone=True))), Date),
)


def _listed(
    tasks: TaskList,
    session: Session,
    actor: Actor,
    *,
    of: list[int],
    state: str | None,
    after: Key | None,
    limit: int,
) -> list[TaskView]:
    rows = tasks.rows(session, actor, of=of, state=state, after=after, limit=limit)
    return _views(session, actor, rows)


ONE = ScopedReading(_every_task().where(Task.id == bindparam("id")))
OWN = TaskList(_every_task(), MINE)
OWN_CLOSED = TaskList(_every_task(), MINE, is_closed=True)
OF_UNITS = TaskList(_every_task(), OF_UNIT)
CLOSED_OF_UNITS = TaskList(_every_task(), OF_UNIT, is_closed=True)
OF_ONE = ScopedReading(_every_task().where(Task.collaboration_id == bindparam("collaboration")).limit(MOST))
LATE = ScopedReading(_every_task().where(IS_LATE).limit(MOST))
LATE_OF_UNITS = ScopedReading(_every_task().where(IS_LATE, Task.facility_id == FACILITIES).limit(MOST))
