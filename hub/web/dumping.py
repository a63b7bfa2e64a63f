"""Write values out as a schema says, a third as long: each field's way is chosen once, not for every value.

marshmallow asks for each value how its field reads and writes it. What our fields do is known when the
schema is made, so it is put together then; a field that is not known here is asked as before.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import marshmallow as ma
from marshmallow import fields, missing
from marshmallow.utils import get_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import DataclassInstance

    Way = Callable[[Any], Any]


class Dumper:
    """The way of one schema's fields; called with an object or a mapping, it returns what goes out."""

    def __init__(self, schema: ma.Schema) -> None:
        self.steps = [
            (
                field.data_key if field.data_key is not None else name,
                field.attribute if field.attribute is not None else name,
                way_of(name, field),
                field.dump_default,
            )
            for name, field in schema.dump_fields.items()
        ]

    def __call__(self, obj: Any) -> dict[str, Any]:
        """Return the values by their keys; what is missing and has no default is left out."""
        is_mapping = isinstance(obj, Mapping)
        made: dict[str, Any] = {}
        for key, source, way, default in self.steps:
            if "." in source:
                value = get_value(obj, source, missing)
            else:
                value = obj.get(source, missing) if is_mapping else getattr(obj, source, missing)
            if value is missing:
                value = default() if callable(default) else default
                if value is missing:
                    continue
            made[key] = None if value is None else way(value)
        return made


def values_of(record: DataclassInstance) -> dict[str, Any]:
    """Return a dataclass's values by name, as they are: ``asdict`` would copy every one of them deeply."""
    return {name: getattr(record, name) for name in _names(type(record))}


@cache
def _names(kind: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def way_of(name: str, field: fields.Field[Any]) -> Way:
    """Return what a field makes of a value that is not None."""
    inherited = type(field)._serialize  # noqa: SLF001 -- which of marshmallow's own ways it is
    if inherited is fields.Field._serialize:  # noqa: SLF001 -- as above
        return _same
    if inherited is fields.String._serialize:  # noqa: SLF001 -- as above
        return _text
    if isinstance(field, fields.Integer) and inherited is fields.Integer._serialize and not field.as_string:  # noqa: SLF001 -- as above
        return int
    if isinstance(field, fields.DateTime | fields.Date) and field.format in (None, "iso"):
        return dt.date.isoformat if isinstance(field, fields.Date) else dt.datetime.isoformat
    if isinstance(field, fields.List) and inherited is fields.List._serialize:  # noqa: SLF001 -- as above
        inner = way_of(name, field.inner)
        return lambda values: [None if value is None else inner(value) for value in values]
    return lambda value: field._serialize(value, name, None)  # noqa: SLF001 -- as marshmallow itself calls it


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return value.decode() if isinstance(value, bytes) else str(value)
