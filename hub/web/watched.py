"""Find the free texts of an input: those that the no-inmate-data guard watches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hub.web.fields import Line, ListOf, Nested

if TYPE_CHECKING:
    from collections.abc import Iterator

    import marshmallow as ma


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
