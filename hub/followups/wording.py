"""Say when a task is due, counted in working days, and how it stands in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hub.texts.catalogue import gettext_for, lazy, ngettext_for, translate
from hub.texts.formats import format_day, format_number
from hub.workdays.calendar import count_working_days
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from hub.followups.queries import TaskView
    from hub.followups.rules import DueState

GROUPS: Final[Mapping[str, str]] = {
    "late": lazy("Late"),
    "today": lazy("Due today"),
    "week": lazy("Due this week"),
    "later": lazy("Later"),
}
"""The headings of a list of open tasks."""
REMINDERS: Final[Mapping[str, str]] = {
    "before": lazy("Before the day"),
    "on": lazy("On the day"),
    "after": lazy("When it is late"),
}
REMINDER_STATES: Final[Mapping[str, str]] = {
    "planned": lazy("planned"),
    "sent": lazy("sent"),
    "cancelled": lazy("no longer needed"),
    "skipped": lazy("skipped"),
}
DONE: Final = lazy("Done")


def due_words(due_on: dt.date, today: dt.date, locale: str) -> str:
    """Return "due today", "4 working days left" or "2 working days late", in the reader's language."""
    gettext, ngettext = gettext_for(locale), ngettext_for(locale)
    if due_on == today:
        return gettext("due today")
    away = count_working_days(today, due_on)
    count = format_number(abs(away), locale)
    if due_on < today:
        # A task that was due on a Friday is late on Saturday, by no working day yet.
        if not away:
            return gettext("late")
        return ngettext("%(count)s working day late", "%(count)s working days late", -away) % {"count": count}
    if not away:
        return gettext("due before the next working day")
    return ngettext("%(count)s working day left", "%(count)s working days left", away) % {"count": count}


def due_line(due_on: dt.date, today: dt.date, state: DueState, locale: str) -> str:
    """Return the day with how far away it is: "Kamis, 12 Desember 2024 (4 hari kerja lagi)"."""
    day = format_day(due_on, locale)
    return day if state in ("closed", "cancelled") else f"{day} ({due_words(due_on, today, locale)})"


def task_row(
    task: TaskView, locale: str, *, is_own: bool = False, is_of_one_unit: bool = False
) -> dict[str, Any]:
    """Return a task as the macro ``task_row`` draws it, without what the whole list says already."""
    row: dict[str, Any] = {
        "href": f"/tasks/{task.id}",
        "title": task.title,
        "due": due_line(task.due_on, task.today, task.due_state, locale),
        "owner": None if is_own else task.owner,
        "unit": None if is_own or is_of_one_unit else task.unit,
        "about": task.collaboration,
        "tone": "wait",
    }
    if task.state == "closed" and task.closed_at is not None:
        closed_on = format_day(local_date(task.closed_at, task.iana_zone), locale)
        return {**row, "tone": "done", "state": translate(locale, DONE), "due": closed_on}
    if task.due_state == "late":
        return {**row, "tone": "late", "state": translate(locale, GROUPS["late"])}
    if task.due_state == "today":
        tone = "you" if task.may_close else "wait"
        return {**row, "tone": tone, "state": translate(locale, GROUPS["today"])}
    return row
