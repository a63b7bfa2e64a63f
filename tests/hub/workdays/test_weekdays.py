"""A written weekday that does not belong to its date is noticed."""

from __future__ import annotations

from datetime import date

import pytest

from hub.workdays.weekdays import UnknownWeekdayError, parse_weekday, weekday_disagrees


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Kamis (28/11)", 3),
        ("Senin", 0), ("SELASA", 1), ("rabu", 2), ("Kamis", 3), ("Jumat", 4), ("Jum'at", 4),
        ("Jum\u2019at", 4), ("  Hari Sabtu, ", 5), ("Minggu", 6), ("Ahad", 6), ("Thursday", 3),
        ("sunday.", 6), ("Ｋａｍｉｓ", 3),  # full-width letters, as some keyboards write
    ],
)  # fmt: skip
def test_names_are_read_as_people_write_them(text: str, number: int) -> None:
    assert parse_weekday(text) == number


@pytest.mark.parametrize("text", ["", "besok", "Kamis Jumat", "28", "hari", "Kamis" * 20])
def test_anything_else_is_no_weekday(text: str) -> None:
    with pytest.raises(UnknownWeekdayError):
        parse_weekday(text)


def test_the_articles_thursday_fits_2024_and_not_2025() -> None:
    assert not weekday_disagrees("Kamis", date(2024, 11, 28))
    assert weekday_disagrees("Kamis", date(2025, 11, 28))


@pytest.mark.parametrize(("text", "day"), [("Rabu", date(2025, 12, 18)), ("Jumat", date(2025, 9, 4))])
def test_dates_found_wrong_in_press_releases_are_noticed(text: str, day: date) -> None:
    assert weekday_disagrees(text, day)
