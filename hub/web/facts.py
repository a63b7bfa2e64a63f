"""What a schema says of the fields of its form: their names, their kinds and their bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import marshmallow as ma

from hub.web.fields import (
    Address,
    Choice,
    Day,
    Flag,
    Line,
    ListOf,
    LocalMoment,
    Nested,
    Number,
    Paragraph,
    Password,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KINDS: Sequence[tuple[type[ma.fields.Field[Any]], str]] = (
    (Paragraph, "paragraph"),
    (Address, "address"),
    (Line, "line"),
    (Password, "password"),
    (Number, "number"),
    (Flag, "flag"),
    (LocalMoment, "local-moment"),
    (Day, "day"),
    (Choice, "choice"),
    (Nested, "group"),
)
"""The first class that fits names the kind of a field; a list is ``rows`` or ``choices``."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the schema says of one field."""

    kind: str
    is_required: bool = False
    longest: int | None = None
    lowest: int | None = None
    greatest: int | None = None
    words: tuple[str, ...] = ()

    @property
    def options(self) -> Sequence[tuple[str, str]]:
        """Return the words as a template takes them: what is sent, what is shown."""
        return [(word, word) for word in self.words]


def facts_of(field: ma.fields.Field[Any]) -> Facts:
    """Return what is said of one field."""
    if isinstance(field, ListOf):
        inner = field.inner
        if isinstance(inner, ma.fields.Nested):
            return Facts("rows", field.required, greatest=field.max_length)
        return Facts("choices", field.required, words=getattr(inner, "choices", ()))
    kind = next((kind for cls, kind in KINDS if isinstance(field, cls)), "line")
    return Facts(
        kind,
        field.required,
        longest=getattr(field, "max_length", None),
        lowest=getattr(field, "lowest", None),
        greatest=getattr(field, "greatest", None),
        words=getattr(field, "choices", ()),
    )


def inputs_of(schema: ma.Schema) -> Iterator[tuple[str, ma.fields.Field[Any]]]:
    """Return the fields that a schema reads, by the names they have in a form."""
    for name, field in schema.load_fields.items():
        yield field.data_key or name, field


def field_of(schema: ma.Schema, name: str) -> ma.fields.Field[Any]:
    """Return the field of a form's name (``agenda-0-title``). Raises KeyError for one that is not known."""
    steps = [step for step in name.split("-") if not step.isdecimal()]
    for place, step in enumerate(steps):
        field = dict(inputs_of(schema))[step]
        if place == len(steps) - 1:
            return field
        inner = field.inner if isinstance(field, ListOf) else field
        if not isinstance(inner, ma.fields.Nested):
            break
        schema = inner.schema
    raise KeyError(name)


def has_field(schema: ma.Schema, name: str) -> bool:
    """Return whether a schema knows the field of a form's name."""
    try:
        field_of(schema, name)
    except KeyError:
        return False
    return True


def names_of(schema: ma.Schema, prefix: str = "") -> Iterator[str]:
    """Return the names of all fields, without the numbers of rows, in the schema's order."""
    for key, field in inputs_of(schema):
        yield prefix + key
        inner = field.inner if isinstance(field, ListOf) else field
        if isinstance(inner, ma.fields.Nested):
            yield from names_of(inner.schema, f"{prefix}{key}-")
