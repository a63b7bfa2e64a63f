"""When a task is due, and who may close it: pure questions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from hub.actor import Actor

DueState = Literal["late", "today", "week", "later", "closed", "cancelled"]
DUE_STATES: Final[tuple[DueState, ...]] = ("late", "today", "week", "later", "closed", "cancelled")
UNDO_WITHIN: Final = dt.timedelta(minutes=5)
"""How long who closed a task, or handed it back, may take that back: people read slowly."""
WEEK: Final = dt.timedelta(days=7)


def due_state(state: str, due_on: dt.date, today: dt.date) -> DueState:
    """Return where a task stands on this day of its unit: over, late, or due today, this week, later."""
    if state == "closed":
        return "closed"
    if state == "cancelled":
        return "cancelled"
    if due_on < today:
        return "late"
    if due_on == today:
        return "today"
    return "week" if due_on < today + WEEK else "later"


def may_close(actor: Actor, *, facility_id: int, owner_post_id: int, accountable_post_id: int) -> bool:
    """Return whether the actor may close a task: who holds its post or answers for it, or heads the unit."""
    return actor.kind == "person" and (
        owner_post_id in actor.post_ids
        or accountable_post_id in actor.post_ids
        or facility_id in actor.headed_ids
    )


def may_return(actor: Actor, *, facility_id: int, owner_post_id: int) -> bool:
    """Return whether the actor may say "not mine": who holds the task's post, but not the unit's head."""
    return actor.kind == "person" and owner_post_id in actor.post_ids and facility_id not in actor.headed_ids
