"""Say what input is: the strict fields that every schema of API and form is made of.

marshmallow's own fields take "yes" for true, 1.9 for 1, full-width digits and NUL; these do not. They
know nothing of Flask, so a schema can be used by whatever edge reads the input. The same schema serves
JSON and text input (query strings, forms): under ``text_input`` numbers and flags are read from text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import marshmallow as ma
from marshmallow import ValidationError

from hub.texts.plain import UnacceptableTextError, clean_text
from hub.web.addresses import LONGEST_ADDRESS, is_address
from hub.web.complaints import (
    DOUBLED,
    NOT_A_CHOICE,
    NOT_A_FLAG,
    NOT_A_LIST,
    NOT_A_NUMBER,
    NOT_AN_ADDRESS,
    NOT_AN_OBJECT,
    NOT_KNOWN,
    NOT_NULL,
    NOT_TEXT,
    OUT_OF_RANGE,
    REQUIRED,
    TOO_MANY,
    Said,
)
from hub.web.dumping import Dumper
from hub.web.moments import read_day, read_local_moment, read_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST_LIST = 200
"""No list of the input has more items: its schema runs once per item."""
GREATEST = 2**63 - 1

DIGITS = re.compile(r"-?[0-9]{1,19}", re.ASCII)

_is_text: ContextVar[bool] = ContextVar("is_text", default=False)


@contextmanager
def text_input() -> Iterator[None]:
    """While this is open, numbers and flags are read from text, as query strings and forms have them."""
    token = _is_text.set(True)
    try:
        yield
    finally:
        _is_text.reset(token)


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
        super().__init__(**described(options, maxLength=max_length, **least))
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
        super().__init__(LONGEST_ADDRESS, is_watched=False, **described(options, format="email"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if not is_address(text):
            raise ValidationError(Said(NOT_AN_ADDRESS))
        return text


class Number(HubField, ma.fields.Integer):
    """A whole number in a range; ``1.0``, ``"1"`` in JSON, ``true`` and full-width digits are refused."""

    def __init__(self, min: int = 0, max: int = GREATEST, **options: Any) -> None:  # noqa: A002 -- the schema's words
        super().__init__(**described(options, minimum=min, maximum=max))
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
        return read_moment(value)


class LocalMoment(HubField, ma.fields.NaiveDateTime):
    """A date and time on a unit's clock, ``YYYY-MM-DDTHH:MM``; which zone is meant, the command knows."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> dt.datetime:
        del attr, data, options
        return read_local_moment(value)


class Day(HubField, ma.fields.Date):
    """A date, ``YYYY-MM-DD``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> dt.date:
        del attr, data, options
        return read_day(value)


class Choice(HubField, ma.fields.String):
    """One of some words."""

    def __init__(self, values: Sequence[str], **options: Any) -> None:
        super().__init__(**described(options, enum=list(values)))
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
        super().__init__(inner, **described(options, maxItems=self.max_length, **least))

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


def described(options: Mapping[str, Any], **facts: object) -> dict[str, Any]:
    """Return a field's options with what its description in OpenAPI says of it."""
    return {**options, "metadata": {**facts, **options.get("metadata", {})}}
