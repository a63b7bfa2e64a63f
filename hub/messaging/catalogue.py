"""All event types: the schema of each one's data, encoding for storing, decoding for reading.

A schema is derived from the dataclass's annotations, so the two cannot disagree.
"""

from __future__ import annotations

import datetime as dt
import typing
import uuid
from dataclasses import fields as dataclass_fields
from functools import cache
from typing import Any

from marshmallow import RAISE, Schema, fields

from hub.messaging.event import REGISTERED, AnyEvent

__all__ = ["REGISTERED", "UnknownEvent", "decode", "encode", "known", "schema_of"]

SIMPLE: dict[object, Any] = {
    int: lambda **options: fields.Integer(strict=True, **options),
    str: fields.String,
    bool: lambda **options: fields.Boolean(truthy={True}, falsy={False}, **options),
    uuid.UUID: fields.UUID,
    dt.date: lambda **options: fields.Date(format="iso", **options),
    dt.datetime: lambda **options: fields.AwareDateTime(format="iso", default_timezone=dt.UTC, **options),
}


class UnknownEvent(LookupError):
    """This code does not know the type and version; whatever is due for it stays due."""


def known() -> list[tuple[str, int]]:
    """Return every (type, version) this code can answer."""
    return sorted(REGISTERED)


def encode(event: AnyEvent) -> dict[str, Any]:
    """Return the event's data as JSON values. Raises ValidationError if a field has a wrong type."""
    schema = schema_of(type(event))
    encoded: dict[str, Any] = schema.dump(event.data())
    schema.load(encoded)
    return encoded


def decode(name: str, version: int, data: dict[str, Any]) -> AnyEvent:
    """Return the event as its dataclass. Raises UnknownEvent or ValidationError."""
    cls = REGISTERED.get((name, version))
    if cls is None:
        raise UnknownEvent(f"{name} v{version}")
    return cls(**schema_of(cls).load(data))


def schema_of(cls: type[AnyEvent]) -> Schema:
    """Return the marshmallow schema of an event type's data."""
    return _schema(cls.TYPE, cls.VERSION)


@cache
def _schema(name: str, version: int) -> Schema:
    cls = REGISTERED[name, version]
    hints = typing.get_type_hints(cls)
    made = {item.name: _field(hints[item.name]) for item in dataclass_fields(cls)}
    return Schema.from_dict(made, name=f"{cls.__name__}V{cls.VERSION}")(unknown=RAISE)


def _field(hint: Any) -> fields.Field[Any]:
    """Return the field for an annotation: a simple type, one of them or None, or a tuple/list of them."""
    arguments = typing.get_args(hint)
    if type(None) in arguments:
        (inner,) = (part for part in arguments if part is not type(None))
        return typing.cast("fields.Field[Any]", SIMPLE[inner](required=True, allow_none=True))
    if typing.get_origin(hint) is list:
        return fields.List(SIMPLE[arguments[0]](), required=True)
    return typing.cast("fields.Field[Any]", SIMPLE[hint](required=True))
