"""Write the place in a long list as a short text, and read it back strictly."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

import orjson
from marshmallow import ValidationError

from hub.texts.plain import UnacceptableTextError, clean_text
from hub.web.complaints import NOT_A_CURSOR, Said
from hub.web.fields import GREATEST, HubField, described
from hub.web.moments import DAY, read_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_CURSOR = 600


class Cursor(HubField):
    """A place in a list, as ``hub.web.paging.page`` gave it; loads as the list of its key's values.

    ``kinds`` are the types of those values (int, str, datetime, date, UUID); a cursor of another list
    is refused.
    """

    def __init__(self, *kinds: type, **options: Any) -> None:
        super().__init__(**described(options, maxLength=LONGEST_CURSOR))
        self.kinds = kinds

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        del attr, data, options
        try:
            return self._read(value)
        except (ValueError, ValidationError, UnacceptableTextError, binascii.Error) as error:
            raise ValidationError(Said(NOT_A_CURSOR)) from error

    def _read(self, value: Any) -> list[Any]:
        if not isinstance(value, str) or len(value) > LONGEST_CURSOR or not value.isascii():
            raise ValueError("not the shape of a cursor")
        padded = value + "=" * (-len(value) % 4)
        key = orjson.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
        if not isinstance(key, list) or not key or len(key) != len(self.kinds or key):
            raise ValueError("not the key of this list")
        kinds = self.kinds or tuple(type(part) for part in key)
        return [_read_key_part(part, kind) for part, kind in zip(key, kinds, strict=True)]


def write_cursor(key: Sequence[object]) -> str:
    """Return the cursor of a key (ints, strings, datetimes, dates, UUIDs)."""
    return base64.urlsafe_b64encode(orjson.dumps(list(key))).rstrip(b"=").decode("ascii")


def _read_key_part(part: object, kind: type) -> object:
    if kind is int and isinstance(part, int) and not isinstance(part, bool) and -GREATEST <= part <= GREATEST:
        return part
    if isinstance(part, str):
        if kind is str:
            return clean_text(part, longest=300)
        if kind is uuid.UUID:
            return uuid.UUID(part)
        if kind is dt.datetime:
            return read_moment(part)
        if kind is dt.date and DAY.fullmatch(part):
            return dt.date.fromisoformat(part)
    raise ValueError("not the key of this list")
