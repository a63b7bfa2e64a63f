"""Find the tasks of a list's page without reading what stands behind it: as fast in ten years as today.

For each post or unit, and for each state, an index gives the next tasks in the list's order; the database
stops at the page's length, hides what the reader may not see while it counts, and merges what it found.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    DateTime,
    Text,
    bindparam,
    func,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.orm import aliased

from hub.collaborations.models import Collaboration
from hub.collaborations.queries import BOUNDS, GREATEST, NUMBERS, ScopedReading, bound_of
from hub.followups.models import TASK_STATES, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from hub.actor import Actor
    from hub.collaborations.queries import Hiding

    Key = tuple[dt.date | dt.datetime, int]

CLOSED: Final = "closed"
LATEST: Final = dt.datetime.max.replace(tzinfo=dt.UTC)
OF_UNIT: Final = ("facility_id",)
MINE: Final = ("owner_post_id", "accountable_post_id")
"""Columns by which a task is a unit's, or a post's."""


class TaskList:
    """One list of tasks by its day due, or by when it was closed, the last one first."""

    def __init__(
        self, every_task: Select[*tuple[Any, ...]], whose: Sequence[str], *, is_closed: bool = False
    ) -> None:
        """Take the query of what is shown, and the columns by which a task belongs to somebody."""
        self._is_closed = is_closed
        self._whose = whose
        self._readings = {bound: ScopedReading(self._query(every_task, bound)) for bound in BOUNDS}

    def rows(
        self,
        session: Session,
        actor: Actor,
        *,
        of: list[int],
        state: str | None,
        after: Key | None,
        limit: int,
    ) -> Sequence[Any]:
        """Return up to ``limit`` tasks of these posts or units after a key; None means every state.

        Raises ValueError for more than any page shows.
        """
        day, number = after or ((LATEST, GREATEST) if self._is_closed else (dt.date.min, 0))
        states = list(TASK_STATES) if state is None else [state]
        found = self._readings[bound_of(limit)].rows(
            session, actor, of=of, states=states, after_day=day, after_id=number
        )
        return found[:limit]

    def _query(self, every_task: Select[*tuple[Any, ...]], bound: int) -> Hiding:
        def query(is_visible: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
            found = union(*(self._next(column, is_visible, bound) for column in self._whose)).subquery()
            order = [key.desc() if self._is_closed else key for key in (found.c.day, found.c.id)]
            # The page is cut before anything is looked up for it.
            page = select(found.c.id).order_by(*order).limit(bound)
            return every_task.order_by(None).order_by(*self._order(Task)).where(Task.id.in_(page))

        return query

    def _next(
        self, column: str, is_visible: ColumnElement[bool], bound: int
    ) -> Select[int, dt.date | dt.datetime]:
        """Return the query of the next tasks of each, as many as the page is long."""
        task = aliased(Task)
        ones = func.unnest(bindparam("of", type_=NUMBERS)).table_valued("id").render_derived(name="ones")
        states = func.unnest(bindparam("states", type_=ARRAY(Text))).table_valued("state")
        states = states.render_derived(name="states")
        # Spelt out, the one state is that of the index, too.
        is_in_list = task.state == (CLOSED if self._is_closed else states.c.state)
        belongs: InstrumentedAttribute[int] = getattr(task, column)
        # Who does a task and answers for it finds it as its owner; looking twice would read every page twice.
        is_apart = task.accountable_post_id != task.owner_post_id if column == MINE[1] else true()
        following = (
            select(task.id, self._day(task))
            .join(Collaboration, Collaboration.id == task.collaboration_id)
            .where(belongs == ones.c.id, is_in_list, is_apart, self._follows(task), is_visible)
            .order_by(*self._order(task))
            .limit(bound)
            .lateral()
        )
        return (
            select(following.c.id, following.c.day)
            .select_from(ones)
            .join(states, true())
            .join(following, true())
        )

    def _day(self, task: type[Task]) -> ColumnElement[Any]:
        return (task.closed_at if self._is_closed else task.due_on).label("day")

    def _follows(self, task: type[Task]) -> ColumnElement[bool]:
        after_id = bindparam("after_id", type_=BigInteger)
        if self._is_closed:
            after = tuple_(bindparam("after_day", type_=DateTime(timezone=True)), after_id)
            return tuple_(task.closed_at, task.id) < after
        return tuple_(task.due_on, task.id) > tuple_(bindparam("after_day", type_=Date), after_id)

    def _order(self, task: type[Task]) -> tuple[ColumnElement[Any], ...]:
        if self._is_closed:
            return task.closed_at.desc(), task.id.desc()
        return task.due_on.asc(), task.id.asc()
