"""What happens to a follow-up task."""

from __future__ import annotations

from dataclasses import dataclass

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
