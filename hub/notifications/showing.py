"""Make of a notification what the inbox and its stream show: a sentence, its day and time, the next step."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypedDict

from hub.texts.catalogue import gettext_for
from hub.texts.formats import format_day, format_time
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from hub.notifications.queries import Notice


class Shown(TypedDict):
    """One notification as texts in the reader's language and zone."""

    event_id: str
    day: str
    """The reader's own day, as YYYY-MM-DD: what groups the list."""
    day_name: str
    time: str
    heading: str
    sentence: str
    action: str
    href: str
    is_read: bool


def show(notice: Notice, *, locale: str, zone: str, today: dt.date) -> Shown:
    """Return a notification as the page shows it; ``today`` is the reader's own day."""
    day = local_date(notice.occurred_at, zone)
    return Shown(
        event_id=str(notice.event_id),
        day=day.isoformat(),
        day_name=day_name(day, today, locale),
        time=format_time(notice.occurred_at, zone, locale),
        heading=notice.said.heading,
        sentence=notice.said.sentence,
        action=notice.said.action,
        href=notice.said.path,
        is_read=notice.is_read,
    )


def day_name(day: dt.date, today: dt.date, locale: str) -> str:
    """Return "Hari ini, Kamis, 28 November 2024", or the day alone for one further back."""
    gettext = gettext_for(locale)
    away = (today - day).days
    text = format_day(day, locale)
    if away == 0:
        return gettext("Today, %(day)s") % {"day": text}
    if away == 1:
        return gettext("Yesterday, %(day)s") % {"day": text}
    return text
