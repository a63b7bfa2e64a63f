"""Moments become the right local day in each of the four zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.workdays.zones import (
    ZONES,
    NaiveMomentError,
    UnknownZoneError,
    at_local,
    local_date,
    local_moment,
    zone_label,
)

NINE_IN_JAKARTA = datetime(2024, 11, 28, 2, 0, tzinfo=UTC)


def test_nine_in_the_morning_is_another_moment_in_each_zone() -> None:
    day, nine = date(2024, 11, 28), time(9)
    assert [at_local(day, nine, zone).hour for zone in ZONES] == [2, 2, 1, 0]
    assert at_local(day, nine, "Asia/Jakarta") == NINE_IN_JAKARTA
    assert at_local(day, nine, "Asia/Jakarta").tzinfo is UTC


def test_the_day_turns_first_in_jayapura() -> None:
    late = datetime(2024, 11, 28, 15, 30, tzinfo=UTC)
    assert [local_date(late, zone).day for zone in ZONES] == [28, 28, 28, 29]


def test_labels_are_those_of_the_zone_database() -> None:
    assert [zone_label(zone) for zone in ZONES] == ["WIB", "WIB", "WITA", "WIT"]
    assert [local_moment(NINE_IN_JAKARTA, zone).tzname() for zone in ZONES] == ["WIB", "WIB", "WITA", "WIT"]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "asia/jakarta", "", "../Asia/Jakarta", "WIB"])
def test_any_other_zone_is_refused(zone: str) -> None:
    with pytest.raises(UnknownZoneError):
        at_local(date(2024, 11, 28), time(9), zone)
    with pytest.raises(UnknownZoneError):
        zone_label(zone)


def test_a_moment_or_clock_with_the_wrong_sort_of_zone_is_refused() -> None:
    with pytest.raises(NaiveMomentError):
        local_date(datetime(2024, 11, 28, 9, 0), "Asia/Jakarta")  # noqa: DTZ001 -- the point of the test
    with pytest.raises(ValueError, match="no zone of its own"):
        at_local(date(2024, 11, 28), time(9, tzinfo=UTC), "Asia/Jakarta")


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 1, 1)), st.times(), st.sampled_from(ZONES))
def test_there_and_back_is_the_same_day_and_clock(day: date, clock: time, zone: str) -> None:
    local = local_moment(at_local(day, clock, zone), zone)
    assert (local.date(), local.time()) == (day, clock)
