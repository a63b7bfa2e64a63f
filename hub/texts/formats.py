"""Write days, times and numbers the way people here write them, in either language.

Clock times carry their zone (09.00 WIB) and, where the reader lives in another, the reader's own time beside
it. Whole days are dates and never shift with a zone. Moments are aware datetimes, zones are names such as
"Asia/Jakarta", locales are "id" or "en".
"""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import dates, lists, numbers

from hub.texts.catalogue import gettext_for, ngettext_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

LONG_DAY = "EEEE, d MMMM y"
SHORT_DAY = "d MMM y"
CLOCK = "%H.%M"


def format_day(day: date, locale: str) -> str:
    """Return "Kamis, 28 November 2024"."""
    return _written(_whole_day(day), LONG_DAY, locale)


def format_short_day(day: date, locale: str) -> str:
    """Return "28 Nov 2024"."""
    return _written(_whole_day(day), SHORT_DAY, locale)


def format_day_range(first: date, last: date, locale: str) -> str:
    """Return "28–30 November 2024", "28 November – 2 Desember 2024", or one long day when both are equal."""
    if first == last:
        return format_day(first, locale)
    end = dates.format_date(_whole_day(last), "d MMMM y", locale=locale)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}\N{EN DASH}{end}"
    pattern = "d MMMM" if first.year == last.year else "d MMMM y"
    return f"{dates.format_date(_whole_day(first), pattern, locale=locale)} \N{EN DASH} {end}"


def format_time(moment: datetime, zone: str, locale: str, *, reader_zone: str | None = None) -> str:
    """Return "09.00 WIB", or "09.00 WIB (11.00 WIT)" for a reader elsewhere."""
    return _clock(moment, zone) + _beside(moment, None, zone, locale, reader_zone)


def format_moment(moment: datetime, zone: str, locale: str, *, reader_zone: str | None = None) -> str:
    """Return "Kamis, 28 November 2024 pukul 09.00 WIB", with the reader's own time beside it."""
    return _day_and_clock(moment, zone, locale) + _beside(moment, None, zone, locale, reader_zone)


def format_time_range(
    start: datetime, end: datetime, zone: str, locale: str, *, reader_zone: str | None = None
) -> str:
    """Return "09.00–12.00 WIB"; a range over midnight names both days."""
    return _range(start, end, zone, locale) + _beside(start, end, zone, locale, reader_zone)


def format_moment_range(
    start: datetime, end: datetime, zone: str, locale: str, *, reader_zone: str | None = None
) -> str:
    """Return "Kamis, 28 November 2024 pukul 09.00–12.00 WIB", with the reader's own time beside it."""
    text = _range(start, end, zone, locale)
    if _same_day(start, end, zone):
        text = _at(_local(start, zone).date(), text, locale)
    return text + _beside(start, end, zone, locale, reader_zone)


def format_number(number: float | Decimal, locale: str) -> str:
    """Return "1.234,5" in Indonesian and "1,234.5" in English, with at most three decimals."""
    return _counted(number, locale) if type(number) is int else numbers.format_decimal(number, locale=locale)


def format_percent(share: float | Decimal, locale: str) -> str:
    """Return "45%" for a share of 0.45."""
    return numbers.format_percent(share, locale=locale)


def format_list(items: Sequence[str], locale: str) -> str:
    """Return "a, b, dan c"."""
    return lists.format_list(items, locale=locale)


def format_days_away(day: date, today: date, locale: str) -> str:
    """Return "hari ini", "besok", "kemarin", "dalam 3 hari" or "3 hari yang lalu"."""
    return _days_away((day - today).days, locale)


@lru_cache(maxsize=2000)
def _days_away(away: int, locale: str) -> str:
    gettext, ngettext = gettext_for(locale), ngettext_for(locale)
    if away == 0:
        return gettext("today")
    if away == 1:
        return gettext("tomorrow")
    if away == -1:
        return gettext("yesterday")
    count = format_number(abs(away), locale)
    if away > 0:
        return ngettext("in %(count)s day", "in %(count)s days", away) % {"count": count}
    return ngettext("%(count)s day ago", "%(count)s days ago", -away) % {"count": count}


def format_working_days(count: int, locale: str) -> str:
    """Return "3 hari kerja"."""
    ngettext = ngettext_for(locale)
    text = ngettext("%(count)s working day", "%(count)s working days", count)
    return text % {"count": format_number(count, locale)}


def format_ago(moment: datetime, now: datetime, locale: str) -> str:
    """Return "5 menit yang lalu" or "dalam 5 menit", in the largest unit that fits."""
    return dates.format_timedelta(moment - now, add_direction=True, locale=locale)


@lru_cache(maxsize=2000)
def _written(day: date, pattern: str, locale: str) -> str:
    # A page shows few days many times, and Babel takes its pattern apart for each.
    return dates.format_date(day, pattern, locale=locale)


@lru_cache(maxsize=2000)
def _counted(number: int, locale: str) -> str:
    return numbers.format_decimal(number, locale=locale)


def _whole_day(day: date) -> date:
    # A datetime is a date to Python; formatting one as a day would silently pick some zone's day.
    if isinstance(day, datetime):
        raise TypeError("a whole day is a date, not a moment: take local_date(moment, zone) first")
    return day


def _local(moment: datetime, zone: str) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a zone: {moment.isoformat()}")
    return moment.astimezone(ZoneInfo(zone))


def _clock(moment: datetime, zone: str) -> str:
    local = _local(moment, zone)
    return f"{_hours(local.time())} {local.tzname()}"


def _hours(clock: time) -> str:
    return clock.strftime(CLOCK)


def _at(day: date, clock: str, locale: str) -> str:
    gettext = gettext_for(locale)
    return gettext("%(day)s at %(time)s") % {"day": format_day(day, locale), "time": clock}


def _day_and_clock(moment: datetime, zone: str, locale: str) -> str:
    return _at(_local(moment, zone).date(), _clock(moment, zone), locale)


def _same_day(start: datetime, end: datetime, zone: str) -> bool:
    return _local(start, zone).date() == _local(end, zone).date()


def _range(start: datetime, end: datetime, zone: str, locale: str) -> str:
    if _same_day(start, end, zone):
        return f"{_hours(_local(start, zone).time())}\N{EN DASH}{_clock(end, zone)}"
    return f"{_day_and_clock(start, zone, locale)} \N{EN DASH} {_day_and_clock(end, zone, locale)}"


def _beside(moment: datetime, end: datetime | None, zone: str, locale: str, reader_zone: str | None) -> str:
    """Return the reader's own time in brackets, with its day where that differs; '' when the clocks agree."""
    if reader_zone is None:
        return ""
    here, there = _local(moment, zone), _local(moment, reader_zone)
    if here.utcoffset() == there.utcoffset():
        return ""
    text = _clock(moment, reader_zone) if end is None else _range(moment, end, reader_zone, locale)
    if here.date() != there.date() and (end is None or _same_day(moment, end, reader_zone)):
        text = _at(there.date(), text, locale)
    return f" ({text})"
