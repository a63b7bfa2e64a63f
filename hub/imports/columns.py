"""What the columns of a file mean: guessed from their names, said by a person, and read row by row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hub.texts.catalogue import lazy
from hub.texts.plain import UnacceptableTextError, clean_text, fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST: Final = 200
NUMBER: Final = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
FORMULA_SIGNS: Final = ("=", "+", "-", "@")
LIKE_A_FORMULA = lazy("Column %(column)s begins like a formula (= + - @). It is not taken, so that no"
                      " spreadsheet ever calculates it.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """Something a row may say: its name, what it is called on pages, and names of columns that mean it."""

    name: str
    label: str
    words: tuple[str, ...]
    is_needed: bool = False


class RefusedError(ValueError):
    """A row cannot be taken; ``message`` is an English msgid with its ``values``."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


def guess(fields: Sequence[Field], header: Sequence[str]) -> dict[str, int]:
    """Return the number of the column (from 0) that seems to mean each field; the first fitting one."""
    keys = [fold(name) for name in header]
    found: dict[str, int] = {}
    for field in fields:
        for word in (field.name, *field.words):
            place = next((at for at, key in enumerate(keys) if key == fold(word)), None)
            if place is not None and place not in found.values():
                found[field.name] = place
                break
    return found


def doubled(header: Sequence[str]) -> list[str]:
    """Return the names that stand over more than one column."""
    keys = [fold(name) for name in header]
    return [name for at, name in enumerate(header) if keys[at] and keys[at] in keys[:at]]


def said_by(columns: Mapping[str, int], cells: Sequence[str]) -> dict[str, str]:
    """Return what a row says, field by field; what is empty is left out.

    Raises RefusedError for text the hub does not take, and for what a spreadsheet would take for a formula.
    """
    said: dict[str, str] = {}
    for name, column in columns.items():
        try:
            text = clean_text(cells[column], longest=LONGEST)
        except UnacceptableTextError as error:
            raise RefusedError(error.message, **error.values) from error
        if text.startswith(FORMULA_SIGNS) and not NUMBER.fullmatch(text):
            raise RefusedError(LIKE_A_FORMULA, column=column + 1)
        if text:
            said[name] = text
    return said


def harmless(cell: str) -> str:
    """Return a cell for a file that is given out: no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell[:1] in (*FORMULA_SIGNS, "\t", "\r") and not NUMBER.fullmatch(cell) else cell
