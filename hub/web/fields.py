"""Say what input is: the strict fields that every schema of API and form is made of.

marshmallow's own fields take "yes" for true, 1.9 for 1, full-width digits and NUL; these do not. They
know nothing of Flask, so a schema can be used by whatever edge reads the input. The same schema serves
JSON and text input (query strings, forms): under ``text_input`` numbers and flags are read from text.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import uuid
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

import marshmallow as ma
import orjson
from marshmallow import ValidationError

from hub.texts.catalogue import lazy
from hub.texts.plain import UnacceptableTextError, clean_text
from hub.web.dumping import Dumper

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST_LIST = 200
"""No list of the input has more items: its schema runs once per item."""
LONGEST_CURSOR = 600
LONGEST_ADDRESS = 254
GREATEST = 2**63 - 1

DIGITS = re.compile(r"-?[0-9]{1,19}", re.ASCII)
ADDRESS = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.ASCII | re.IGNORECASE,
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
LOCAL_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

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

_is_text: ContextVar[bool] = ContextVar("is_text", default=False)


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


def is_address(text: str) -> bool:
    """Return whether this is an e-mail address in plain ASCII, fit for a header as it stands."""
    is_bounded = len(text) <= LONGEST_ADDRESS and ".." not in text and ".@" not in text
    return is_bounded and not text.startswith(".") and ADDRESS.fullmatch(text) is not None


@contextmanager
def text_input() -> Iterator[None]:
    """While this is open, numbers and flags are read from text, as query strings and forms have them."""
    token = _is_text.set(True)
    try:
        yield
    finally:
        _is_text.reset(token)


def watched_texts(schema: ma.Schema, given: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Return the free texts of an input that its schema has accepted, each with its dotted path."""
    if isinstance(given, Mapping):
        for name, field in schema.load_fields.items():
            key = field.data_key or name
            yield from _watched(field, given.get(key), f"{path}{key}")


def _watched(field: ma.fields.Field[Any], value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(field, Nested):
        yield from watched_texts(field.schema, value, f"{path}.")
    elif isinstance(field, ListOf) and isinstance(value, list):
        for place, item in enumerate(value):
            yield from _watched(field.inner, item, f"{path}.{place}")
    elif isinstance(field, Line) and field.is_watched and isinstance(value, str):
        yield path, value


def has_watched_texts(schema: ma.Schema) -> bool:
    """Return whether an input of this schema can hold a free text that is watched."""
    for field in schema.load_fields.values():
        inner = field.inner if isinstance(field, ListOf) else field
        if isinstance(inner, Nested) and has_watched_texts(inner.schema):
            return True
        if isinstance(inner, Line) and inner.is_watched:
            return True
    return False


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


class HubSchema(ma.Schema):
    """A schema that refuses what it does not know, at every level."""

    error_messages = {"unknown": NOT_KNOWN, "type": NOT_AN_OBJECT}  # noqa: RUF012 -- marshmallow's name
    #: What it loads stays with its own unit: the no-inmate-data guard warns, and asks when it is published.
    is_draft: ClassVar[bool] = False

    class Meta:
        """Options."""

        unknown = ma.RAISE

    @cached_property
    def _dumper(self) -> Dumper:
        return Dumper(self)

    def _serialize(self, obj: Any, *, many: bool = False) -> Any:
        """Write values out; of a dict never a method (``items``) for a missing key."""
        if many and obj is not None:
            return [self._dumper(one) for one in obj]
        return self._dumper(obj)


class HubField(ma.fields.Field[Any]):
    """A field whose messages can be translated."""

    default_error_messages = {  # noqa: RUF012 -- marshmallow's name
        "required": REQUIRED,
        "null": NOT_NULL,
        "validator_failed": NOT_KNOWN,
    }


class Line(HubField, ma.fields.String):
    """One line of plain text, composed and stripped; ``min_length`` is 1 unless it may be empty.

    The no-inmate-data guard watches it, unless it is no free text at all (``is_watched=False``).
    """

    multiline = False

    def __init__(
        self, max_length: int = 200, *, min_length: int = 1, is_watched: bool = True, **options: Any
    ) -> None:
        least = {"minLength": min_length} if min_length else {}
        super().__init__(**_described(options, maxLength=max_length, **least))
        self.max_length = max_length
        self.min_length = min_length
        self.is_watched = is_watched

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        del attr, data, options
        if not isinstance(value, str):
            raise ValidationError(Said(NOT_TEXT))
        try:
            text = clean_text(value, longest=self.max_length, multiline=self.multiline)
        except UnacceptableTextError as error:
            raise ValidationError(Said(error.message, **error.values)) from error
        if len(text) < self.min_length:
            raise ValidationError(Said(REQUIRED))
        return text


class Paragraph(Line):
    """Plain text of several lines."""

    multiline = True

    def __init__(self, max_length: int = 5000, *, min_length: int = 1, **options: Any) -> None:
        super().__init__(max_length, min_length=min_length, **options)


class Password(HubField, ma.fields.String):
    """A password as it was typed: nothing is stripped or composed; its rules are the command's."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        del attr, data, options
        if not isinstance(value, str):
            raise ValidationError(Said(NOT_TEXT))
        return value


class Address(Line):
    """An e-mail address, in plain ASCII; its case is kept."""

    def __init__(self, **options: Any) -> None:
        super().__init__(LONGEST_ADDRESS, is_watched=False, **_described(options, format="email"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if not is_address(text):
            raise ValidationError(Said(NOT_AN_ADDRESS))
        return text


class Number(HubField, ma.fields.Integer):
    """A whole number in a range; ``1.0``, ``"1"`` in JSON, ``true`` and full-width digits are refused."""

    def __init__(self, min: int = 0, max: int = GREATEST, **options: Any) -> None:  # noqa: A002 -- the schema's words
        super().__init__(**_described(options, minimum=min, maximum=max))
        self.lowest = min
        self.greatest = max

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        del attr, data, options
        if _is_text.get() and isinstance(value, str) and DIGITS.fullmatch(value.strip(" ")):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValidationError(Said(NOT_A_NUMBER))
        if not self.lowest <= value <= self.greatest:
            raise ValidationError(Said(OUT_OF_RANGE, lowest=self.lowest, greatest=self.greatest))
        return value


class Flag(HubField, ma.fields.Boolean):
    """True or false and nothing else; in a form, what a checked box sends."""

    words: Mapping[str, bool] = {"true": True, "on": True, "1": True, "false": False, "0": False}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:
        del attr, data, options
        if _is_text.get() and isinstance(value, str):
            value = self.words.get(value)
        if not isinstance(value, bool):
            raise ValidationError(Said(NOT_A_FLAG))
        return value


class Moment(HubField, ma.fields.AwareDateTime):
    """An instant: ISO 8601 with its offset; loaded as UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> dt.datetime:
        del attr, data, options
        return _read_moment(value)


class LocalMoment(HubField, ma.fields.NaiveDateTime):
    """A date and time on a unit's clock, ``YYYY-MM-DDTHH:MM``; which zone is meant, the command knows."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> dt.datetime:
        del attr, data, options
        if not isinstance(value, str) or not LOCAL_MOMENT.fullmatch(value):
            raise ValidationError(Said(NOT_A_LOCAL_MOMENT))
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError as error:
            raise ValidationError(Said(NOT_A_LOCAL_MOMENT)) from error


class Day(HubField, ma.fields.Date):
    """A date, ``YYYY-MM-DD``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> dt.date:
        del attr, data, options
        if not isinstance(value, str) or not DAY.fullmatch(value):
            raise ValidationError(Said(NOT_A_DAY))
        try:
            return dt.date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError(Said(NOT_A_DAY)) from error


class Choice(HubField, ma.fields.String):
    """One of some words."""

    def __init__(self, values: Sequence[str], **options: Any) -> None:
        super().__init__(**_described(options, enum=list(values)))
        self.choices = tuple(values)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        del attr, data, options
        if not isinstance(value, str) or value not in self.choices:
            raise ValidationError(Said(NOT_A_CHOICE, choices=", ".join(self.choices)))
        return value


class ListOf(HubField, ma.fields.List[Any]):
    """A bounded list of one kind of field: ``ListOf(Nested(ItemSchema), min_length=1)``."""

    def __init__(
        self,
        inner: ma.fields.Field[Any] | type[ma.fields.Field[Any]],
        max_length: int = LONGEST_LIST,
        *,
        min_length: int = 0,
        **options: Any,
    ) -> None:
        self.max_length = min(max_length, LONGEST_LIST)
        self.min_length = min_length
        least = {"minItems": min_length} if min_length else {}
        super().__init__(inner, **_described(options, maxItems=self.max_length, **least))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValidationError(Said(NOT_A_LIST))
        if len(value) > self.max_length:
            raise ValidationError(Said(TOO_MANY, longest=self.max_length))
        if len(value) < self.min_length:
            raise ValidationError(Said(REQUIRED))
        return super()._deserialize(value, attr, data, **options)


class Choices(ListOf):
    """Some of some words, each at most once."""

    def __init__(self, values: Sequence[str], *, min_length: int = 0, **options: Any) -> None:
        super().__init__(Choice(values), len(values), min_length=min_length, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        chosen: list[str] = super()._deserialize(value, attr, data, **options)
        if len(set(chosen)) < len(chosen):
            raise ValidationError(Said(DOUBLED))
        return chosen


class Nested(HubField, ma.fields.Nested):
    """Another schema inside; for a list of them say ``ListOf(Nested(Schema))``, which is bounded."""

    def __init__(self, nested: type[ma.Schema], **options: Any) -> None:
        if options.get("many"):
            raise TypeError("a list needs a bound: ListOf(Nested(…))")
        super().__init__(nested, **options)
        self.error_messages["type"] = NOT_AN_OBJECT


class Cursor(HubField):
    """A place in a list, as ``hub.web.paging.page`` gave it; loads as the list of its key's values.

    ``kinds`` are the types of those values (int, str, datetime, date, UUID); a cursor of another list
    is refused.
    """

    def __init__(self, *kinds: type, **options: Any) -> None:
        super().__init__(**_described(options, maxLength=LONGEST_CURSOR))
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


def _described(options: Mapping[str, Any], **facts: object) -> dict[str, Any]:
    """Return a field's options with what its description in OpenAPI says of it."""
    return {**options, "metadata": {**facts, **options.get("metadata", {})}}


def _read_key_part(part: object, kind: type) -> object:
    if kind is int and isinstance(part, int) and not isinstance(part, bool) and -GREATEST <= part <= GREATEST:
        return part
    if isinstance(part, str):
        if kind is str:
            return clean_text(part, longest=300)
        if kind is uuid.UUID:
            return uuid.UUID(part)
        if kind is dt.datetime:
            return _read_moment(part)
        if kind is dt.date and DAY.fullmatch(part):
            return dt.date.fromisoformat(part)
    raise ValueError("not the key of this list")


def _read_moment(value: object) -> dt.datetime:
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        raise ValidationError(Said(NOT_A_MOMENT))
    try:
        # Outside the years 1 to 9999 the conversion overflows, although the text is well formed.
        return dt.datetime.fromisoformat(value).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise ValidationError(Said(NOT_A_MOMENT)) from error
