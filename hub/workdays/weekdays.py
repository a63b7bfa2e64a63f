"""Notice when a written weekday and a date disagree, as in press releases and letters they often do."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

NUMBERS = {
    "senin": 0, "monday": 0,
    "selasa": 1, "tuesday": 1,
    "rabu": 2, "wednesday": 2,
    "kamis": 3, "thursday": 3,
    "jumat": 4, "friday": 4,
    "sabtu": 5, "saturday": 5,
    "minggu": 6, "ahad": 6, "sunday": 6,
}  # fmt: skip
LONGEST = 40
NOT_LETTERS = re.compile(r"[^a-z]")


class UnknownWeekdayError(ValueError):
    """The text is no weekday in Indonesian or English."""


def parse_weekday(text: str) -> int:
    """Return 0 (Monday) to 6 (Sunday) for a name such as "Kamis", "Jum'at", "hari Ahad" or "Thursday".

    Raises UnknownWeekdayError.
    """
    if len(text) > LONGEST:
        raise UnknownWeekdayError("too long for the name of a weekday")
    plain = unicodedata.normalize("NFKC", text).casefold()
    letters = NOT_LETTERS.sub("", plain).removeprefix("hari")
    try:
        return NUMBERS[letters]
    except KeyError:
        raise UnknownWeekdayError(f"not the name of a weekday: {text!r}") from None


def weekday_disagrees(text_weekday: str, day: date) -> bool:
    """Return whether the written weekday is another one than the date's. Raises UnknownWeekdayError."""
    return parse_weekday(text_weekday) != day.weekday()
