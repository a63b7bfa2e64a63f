"""The flat texts of a form: gathered into the nested input of a schema, or filled in from its values."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import marshmallow as ma

from hub.web.facts import inputs_of
from hub.web.fields import Line, ListOf, LocalMoment, Password

if TYPE_CHECKING:
    from collections.abc import Mapping

ROW = re.compile(r"(0|[1-9][0-9]{0,2})-", re.ASCII)
SECONDS = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):00(?:\.0+)?", re.ASCII)
"""Some browsers send the seconds of a datetime-local, too."""


class Typed:
    """The texts that stand in a form's fields, by name, and how many rows each of its lists has."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.counts: dict[str, int] = {}

    def gather(
        self, schema: ma.Schema, source: str, target: str, unread: dict[str, list[str]]
    ) -> dict[str, Any]:
        """Return the nested input below ``source``; what was read stands in the form below ``target``."""
        given: dict[str, Any] = {}
        for key, field in inputs_of(schema):
            here, there = source + key, target + key
            if isinstance(field, ListOf) and isinstance(field.inner, ma.fields.Nested):
                rows = self._gather_rows(field.inner.schema, here, there, unread)
                if rows is not None:
                    given[key] = rows
            elif isinstance(field, ma.fields.Nested):
                inner = self.gather(field.schema, f"{here}-", f"{there}-", unread)
                if inner:
                    given[key] = inner
            elif here in unread:
                texts = self.texts[there] = unread.pop(here)
                if isinstance(field, ListOf):
                    given[key] = [text for text in texts if text.strip()]
                elif (value := given_as(field, texts[-1])) is not ma.missing:
                    given[key] = value
        return given

    def _gather_rows(
        self, schema: ma.Schema, source: str, target: str, unread: dict[str, list[str]]
    ) -> list[dict[str, Any]] | None:
        """Return the rows that say something; None where the form had no row at all."""
        start = len(source) + 1
        found = {
            int(place[1])
            for name in unread
            if name.startswith(f"{source}-") and (place := ROW.match(name, start)) is not None
        }
        rows: list[dict[str, Any]] = []
        for number in sorted(found):
            row = self.gather(schema, f"{source}-{number}-", f"{target}-{len(rows)}-", unread)
            # A box nobody ticked and an empty choice say nothing: such a row is an empty one.
            if any(value not in ("false", []) for value in row.values()):
                rows.append(row)
        for name in [name for name in self.texts if name.startswith(f"{target}-{len(rows)}-")]:
            del self.texts[name]
        self.counts[target] = len(rows)
        return rows if found else None

    def fill(self, schema: ma.Schema, values: Mapping[str, object], prefix: str = "") -> None:
        """Put values there as the schema loads them."""
        for key, field in inputs_of(schema):
            name, value = prefix + key, values.get(key)
            if isinstance(field, ListOf):
                items = list(value) if isinstance(value, (list, tuple)) else []
                if isinstance(field.inner, ma.fields.Nested):
                    self.counts[name] = max(len(items), self.counts.get(name, 0))
                    for number, item in enumerate(items):
                        self.fill(field.inner.schema, item, f"{name}-{number}-")
                else:
                    self.texts[name] = [text_of(item) for item in items]
            elif isinstance(field, ma.fields.Nested):
                inner = value if isinstance(value, dict) else {}
                self.fill(field.schema, inner, f"{name}-")
            elif key in values:
                self.texts[name] = [text_of(value)]


def given_as(field: ma.fields.Field[Any], text: str) -> Any:
    """Return a field's text as the schema shall load it; ``missing`` where nothing was typed."""
    if not isinstance(field, Password):
        text = text.strip()
    if text:
        if isinstance(field, LocalMoment) and (moment := SECONDS.fullmatch(text)):
            return moment[1]
        return text
    if field.allow_none:
        return None
    if isinstance(field, Line) and field.min_length == 0:
        return ""
    return ma.missing


def text_of(value: object) -> str:
    """Return a value as its field in a page shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
