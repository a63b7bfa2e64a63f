"""What happens to a follow-up task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hub.messaging.event import Event, event_type


@event_type("task.closed", version=1)
@dataclass(frozen=True, kw_only=True)
class TaskClosed(Event):
    """A follow-up task has been closed with a sentence on what was done."""

    task_id: int
    facility_id: int


@event_type("task.reopened", version=1)
@dataclass(frozen=True, kw_only=True)
class TaskReopened(Event):
    """Who closed a follow-up task has taken that back at once: it is open as before."""

    task_id: int
    facility_id: int


@event_type("task.returned", version=1)
@dataclass(frozen=True, kw_only=True)
class TaskReturned(Event):
    """Who had a follow-up task has said "not mine", with a reason: another post of the unit has it now.

    ``accountable_post_id`` is who answered for it until then.
    """

    task_id: int
    facility_id: int
    from_post_id: int
    accountable_post_id: int
    to_post_id: int
    reason: str


@event_type("task.kept", version=1)
@dataclass(frozen=True, kw_only=True)
class TaskKept(Event):
    """Who said "not mine" has taken that back at once: the task is theirs as before."""

    task_id: int
    facility_id: int
    to_post_id: int


INNER: Final = (TaskReturned.TYPE, TaskKept.TYPE)
"""Who does a unit's task is the unit's own affair: told to nobody else, and in no timeline of both sides."""
