"""Due dates land on days that are worked, and counting them behaves like counting."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.workdays.calendar import add_working_days, is_working_day, why_not_working, working_days_before

FIXTURE = Path(__file__).with_name("holidays_2025_2027.csv")
DAYS = st.dates(min_value=date(2023, 1, 1), max_value=date(2030, 12, 31))
COUNTS = st.integers(min_value=0, max_value=60)
SOME = st.integers(min_value=1, max_value=60)


def listed() -> list[tuple[date, str]]:
    lines = [line for line in FIXTURE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [(date.fromisoformat(row["date"]), row["name_id"]) for row in csv.DictReader(lines)]


def test_every_listed_holiday_is_known_by_its_name() -> None:
    known = listed()
    assert len(known) == 79
    for day, name in known:
        assert not is_working_day(day)
        assert name in str(why_not_working(day, "id"))


def test_no_weekday_outside_the_list_is_a_holiday() -> None:
    holidays = {day for day, _ in listed()}
    day = date(2025, 1, 1)
    while day.year < 2028:
        assert is_working_day(day) == (day.weekday() < 5 and day not in holidays), day
        day += timedelta(days=1)


def test_the_reason_is_given_in_the_readers_language() -> None:
    assert why_not_working(date(2026, 8, 17), "id") == "Hari Kemerdekaan Republik Indonesia"
    assert why_not_working(date(2026, 8, 17), "en") == "Independence Day"
    assert why_not_working(date(2026, 8, 22), "id") == "Sabtu"
    assert why_not_working(date(2026, 8, 23), "en") == "Sunday"
    assert why_not_working(date(2024, 11, 28), "id") is None


def test_the_holidays_name_wins_over_the_weekend() -> None:
    assert why_not_working(date(2026, 3, 21), "id") == "Hari Raya Idul Fitri"


def test_counting_skips_election_day_weekend_and_christmas_leave() -> None:
    assert add_working_days(date(2024, 11, 26), 1) == date(2024, 11, 28)
    assert add_working_days(date(2024, 11, 28), 1) == date(2024, 11, 29)
    assert add_working_days(date(2024, 11, 28), 2) == date(2024, 12, 2)
    assert add_working_days(date(2024, 12, 24), 1) == date(2024, 12, 27)
    assert working_days_before(date(2024, 12, 27), 1) == date(2024, 12, 24)


def test_nought_days_keep_a_working_day_and_move_a_holiday() -> None:
    assert add_working_days(date(2024, 11, 28), 0) == date(2024, 11, 28)
    assert add_working_days(date(2024, 11, 30), 0) == date(2024, 12, 2)
    assert working_days_before(date(2024, 12, 1), 0) == date(2024, 11, 29)


def test_counting_goes_on_over_new_year() -> None:
    assert add_working_days(date(2025, 12, 31), 1) == date(2026, 1, 2)


@pytest.mark.parametrize("count", [add_working_days, working_days_before])
def test_a_negative_count_is_refused(count: object) -> None:
    assert callable(count)
    with pytest.raises(ValueError, match="never negative"):
        count(date(2025, 1, 1), -1)


@given(DAYS, COUNTS)
def test_both_directions_land_on_a_working_day(day: date, count: int) -> None:
    assert is_working_day(add_working_days(day, count))
    assert is_working_day(working_days_before(day, count))


@given(DAYS, DAYS, COUNTS)
def test_a_later_start_is_never_due_earlier(one: date, other: date, count: int) -> None:
    early, late = sorted((one, other))
    assert add_working_days(early, count) <= add_working_days(late, count)
    assert working_days_before(early, count) <= working_days_before(late, count)


@given(DAYS, SOME)
def test_one_day_more_is_later(day: date, count: int) -> None:
    assert add_working_days(day, count) < add_working_days(day, count + 1)


@given(DAYS, SOME, COUNTS)
def test_counting_in_two_steps_is_counting_once(day: date, first: int, second: int) -> None:
    assert add_working_days(add_working_days(day, first), second) == add_working_days(day, first + second)
    back = working_days_before(working_days_before(day, first), second)
    assert back == working_days_before(day, first + second)


@given(DAYS, COUNTS)
def test_counting_back_undoes_counting_on(day: date, count: int) -> None:
    start = add_working_days(day, 0)
    assert working_days_before(add_working_days(start, count), count) == start
