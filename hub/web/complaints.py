"""What is said of input that is refused: the messages of the strict fields, one per dotted path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from hub.texts.catalogue import lazy

REQUIRED = lazy("This is missing.")
NOT_NULL = lazy("This may not be empty.")
NOT_KNOWN = lazy("There is no such field.")
NOT_AN_OBJECT = lazy("This must be an object.")
NOT_TEXT = lazy("This must be text.")
NOT_A_NUMBER = lazy("This must be a whole number in plain digits.")
OUT_OF_RANGE = lazy("This must be from %(lowest)s to %(greatest)s.")
NOT_A_FLAG = lazy("This must be true or false.")
NOT_A_MOMENT = lazy("This must be a moment with its offset, such as 2024-11-28T09:00:00+07:00.")
NOT_A_LOCAL_MOMENT = lazy("This must be a local date and time, such as 2024-11-28T09:00.")
NOT_A_DAY = lazy("This must be a date, such as 2024-11-28.")
NOT_A_CHOICE = lazy("This must be one of: %(choices)s.")
NOT_AN_ADDRESS = lazy("This is not an e-mail address.")
NOT_A_CURSOR = lazy("This is not a place in this list; start from the beginning.")
NOT_A_LIST = lazy("This must be a list.")
TOO_MANY = lazy("This list has more than %(longest)s items.")
DOUBLED = lazy("This list names something twice.")


class Said(str):
    """A message in English that still knows its msgid and values, so that an edge can translate it."""

    __slots__ = ("msgid", "values")

    msgid: str
    values: Mapping[str, object]

    def __new__(cls, message: str, /, **values: object) -> Self:
        """Return the message with its places filled in."""
        said = super().__new__(cls, message % values if values else message)
        said.msgid = message
        said.values = values
        return said


def flat_messages(messages: object, path: str = "") -> dict[str, str]:
    """Return marshmallow's nested messages as one message per dotted path (``agenda.0.title``)."""
    if isinstance(messages, dict):
        flat: dict[str, str] = {}
        for key, inner in messages.items():
            step = "" if key == "_schema" else str(key)
            flat.update(flat_messages(inner, ".".join(part for part in (path, step) if part)))
        return flat
    if isinstance(messages, list):
        return {path: messages[0]} if messages else {}
    return {path: str(messages)}
