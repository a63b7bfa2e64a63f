"""Days, times and numbers read the way people here write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hub.texts import formats
from hub.workdays.zones import ZONES

JAKARTA, MAKASSAR, JAYAPURA = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
NINE = datetime(2024, 11, 28, 2, 0, tzinfo=UTC)
NOON = NINE + timedelta(hours=3)
NEARLY_MIDNIGHT = datetime(2024, 11, 28, 16, 30, tzinfo=UTC)
DASH = "\N{EN DASH}"


def test_the_visits_moment_in_both_languages() -> None:
    assert formats.format_moment(NINE, JAKARTA, "id") == "Kamis, 28 November 2024 pukul 09.00 WIB"
    assert formats.format_moment(NINE, JAKARTA, "en") == "Thursday, 28 November 2024 at 09.00 WIB"


def test_a_reader_elsewhere_sees_the_own_time_beside_it() -> None:
    assert formats.format_moment(NINE, JAKARTA, "id", reader_zone=JAYAPURA) == (
        "Kamis, 28 November 2024 pukul 09.00 WIB (11.00 WIT)"
    )
    assert formats.format_time(NINE, JAKARTA, "id", reader_zone=MAKASSAR) == "09.00 WIB (10.00 WITA)"


@pytest.mark.parametrize("reader_zone", [None, JAKARTA, "Asia/Pontianak"])
def test_a_reader_whose_clock_agrees_sees_it_once(reader_zone: str | None) -> None:
    assert formats.format_time(NINE, JAKARTA, "id", reader_zone=reader_zone) == "09.00 WIB"


def test_the_readers_day_is_named_when_it_is_another() -> None:
    assert formats.format_time(NEARLY_MIDNIGHT, JAKARTA, "id", reader_zone=JAYAPURA) == (
        "23.30 WIB (Jumat, 29 November 2024 pukul 01.30 WIT)"
    )


def test_a_range_names_day_and_zone_once() -> None:
    assert formats.format_time_range(NINE, NOON, JAKARTA, "id") == f"09.00{DASH}12.00 WIB"
    assert formats.format_moment_range(NINE, NOON, JAKARTA, "en", reader_zone=MAKASSAR) == (
        f"Thursday, 28 November 2024 at 09.00{DASH}12.00 WIB (10.00{DASH}13.00 WITA)"
    )


def test_a_range_over_midnight_names_both_days() -> None:
    end = NEARLY_MIDNIGHT + timedelta(hours=2)
    both = f"Kamis, 28 November 2024 pukul 23.30 WIB {DASH} Jumat, 29 November 2024 pukul 01.30 WIB"
    assert formats.format_time_range(NEARLY_MIDNIGHT, end, JAKARTA, "id") == both
    assert formats.format_moment_range(NEARLY_MIDNIGHT, end, JAKARTA, "id") == both
    there = formats.format_moment_range(NEARLY_MIDNIGHT, end, JAKARTA, "id", reader_zone=JAYAPURA)
    assert there == f"{both} (Jumat, 29 November 2024 pukul 01.30{DASH}03.30 WIT)"


def test_a_range_that_is_over_midnight_only_for_the_reader_names_the_readers_days() -> None:
    start = datetime(2024, 11, 28, 14, 0, tzinfo=UTC)
    assert formats.format_time_range(
        start, start + timedelta(hours=2), JAKARTA, "id", reader_zone=JAYAPURA
    ) == (
        f"21.00{DASH}23.00 WIB (Kamis, 28 November 2024 pukul 23.00 WIT {DASH} "
        "Jumat, 29 November 2024 pukul 01.00 WIT)"
    )


def test_a_whole_day_is_a_date_and_never_a_moment() -> None:
    assert formats.format_day(date(2026, 5, 1), "id") == "Jumat, 1 Mei 2026"
    assert formats.format_short_day(date(2026, 8, 17), "id") == "17 Agu 2026"
    with pytest.raises(TypeError, match="local_date"):
        formats.format_day(NINE, "id")


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        formats.format_moment(NINE.replace(tzinfo=None), JAKARTA, "id")


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2024, 11, 28), date(2024, 11, 28), "Kamis, 28 November 2024"),
        (date(2024, 11, 28), date(2024, 11, 30), f"28{DASH}30 November 2024"),
        (date(2024, 11, 28), date(2024, 12, 2), f"28 November {DASH} 2 Desember 2024"),
        (date(2024, 12, 30), date(2025, 1, 3), f"30 Desember 2024 {DASH} 3 Januari 2025"),
    ],
)
def test_days_in_a_row_are_written_short(first: date, last: date, text: str) -> None:
    assert formats.format_day_range(first, last, "id") == text


@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_has_its_label(zone: str) -> None:
    assert formats.format_time(NINE, zone, "id").rsplit(" ", 1)[1] in ("WIB", "WITA", "WIT")


def test_numbers_have_each_languages_separators() -> None:
    assert formats.format_number(1234567.5, "id") == "1.234.567,5"
    assert formats.format_number(1234567.5, "en") == "1,234,567.5"
    assert formats.format_percent(0.45, "id") == "45%"


@pytest.mark.parametrize(
    ("days", "indonesian", "english"),
    [
        (0, "hari ini", "today"),
        (1, "besok", "tomorrow"),
        (-1, "kemarin", "yesterday"),
        (3, "dalam 3 hari", "in 3 days"),
        (-2000, "2.000 hari yang lalu", "2,000 days ago"),
    ],
)
def test_days_away_are_told_in_words(days: int, indonesian: str, english: str) -> None:
    today = date(2024, 11, 28)
    told = [formats.format_days_away(today + timedelta(days=days), today, locale) for locale in ("id", "en")]
    assert told == [indonesian, english]


def test_counts_have_plurals_where_the_language_has() -> None:
    assert [formats.format_working_days(n, "en") for n in (1, 10)] == ["1 working day", "10 working days"]
    assert [formats.format_working_days(n, "id") for n in (1, 10)] == ["1 hari kerja", "10 hari kerja"]


def test_lists_and_ages_read_naturally() -> None:
    assert formats.format_list(["a", "b", "c"], "id") == "a, b, dan c"
    assert formats.format_ago(NINE - timedelta(minutes=5), NINE, "id") == "5 menit yang lalu"
