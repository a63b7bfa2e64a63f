"""Say which days are worked in Indonesia, so that due dates never land on a holiday.

Knows national holidays and joint leave (*cuti bersama*); Saturdays and Sundays are not worked. From 2027 on
the Islamic dates are estimates until the government announces them, and their names say so.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import holidays

if TYPE_CHECKING:
    from collections.abc import Mapping

SATURDAY = 5
CATEGORIES = ("public", "government")
LANGUAGES = {"id": "id", "en": "en_US"}
WEEKENDS = {"id": ("Sabtu", "Minggu"), "en": ("Saturday", "Sunday")}


def is_working_day(day: date) -> bool:
    """Return whether offices work on this day."""
    return day.weekday() < SATURDAY and day not in _holidays(day.year, "id")


def why_not_working(day: date, locale: str) -> str | None:
    """Return the holiday's name, or the weekend day's name, in this language; None on a working day.

    Days with several holidays name each, separated by "; ". Raises KeyError for a language we do not speak.
    """
    name = _holidays(day.year, locale).get(day)
    if name is None and day.weekday() >= SATURDAY:
        return WEEKENDS[locale][day.weekday() - SATURDAY]
    return name


def add_working_days(start: date, count: int) -> date:
    """Return the working day that is ``count`` working days after ``start``.

    The day after ``start`` is the first that counts; 0 means the first working day on or after ``start``.
    Raises ValueError when count is negative, OverflowError beyond the year 9999.
    """
    return _walk(start, count, timedelta(days=1))


def working_days_before(day: date, count: int) -> date:
    """Return the working day that is ``count`` working days before ``day``.

    The day before ``day`` is the first that counts; 0 means the last working day on or before ``day``.
    Raises ValueError when count is negative, OverflowError before the year 1.
    """
    return _walk(day, count, timedelta(days=-1))


def count_working_days(start: date, end: date) -> int:
    """Return how many working days lie after ``start``, up to and with ``end``.

    Negative where ``end`` comes before ``start``: the working days after ``end``, up to and with ``start``.
    """
    if end < start:
        return -count_working_days(end, start)
    days = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
    return sum(is_working_day(day) for day in days)


def _walk(start: date, count: int, step: timedelta) -> date:
    if count < 0:
        raise ValueError("a number of working days is never negative")
    day, left = start, count
    while left > 0 or not is_working_day(day):
        day += step
        left -= is_working_day(day)
    return day


@lru_cache(maxsize=512)
def _holidays(year: int, locale: str) -> Mapping[date, str]:
    found = holidays.country_holidays("ID", years=year, categories=CATEGORIES, language=LANGUAGES[locale])
    return {day: name for day, name in found.items() if day.year == year}
