"""Let a page's form and the API share one schema: read what was typed, and show it again with its faults.

A form is flat text. ``agenda-0-title`` is the title of the first row of the list ``agenda``; a list's
rows close up where one was left empty. Names that begin with an underscore are the form's own (``_key``,
``_csrf``, ``_version``, ``_add``, ``_remove``). What is left empty counts as not given, unless the schema
takes None or an empty text there.

    form = Form.posted(ProposalInput)
    if form.is_resized:
        return page(form)                      # a row was added or taken away, nothing else
    try:
        done = propose(session(), actor=actor(), **form.load())
    except Invalid as error:
        return page(form.refused(error))       # answered 422, so the transaction is rolled back
    return go(f"/collaborations/{done.id}", lazy("The draft is kept."))
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import marshmallow as ma
from flask import request

from hub.errors import HubError, Invalid, Stale
from hub.texts.catalogue import lazy
from hub.web.complaints import flat_messages
from hub.web.errors import said
from hub.web.fields import (
    Address,
    Choice,
    Day,
    Flag,
    HubSchema,
    Line,
    ListOf,
    LocalMoment,
    Nested,
    Number,
    Paragraph,
    Password,
    text_input,
)
from hub.web.guarding import demand_unsuspected, show_suspected
from hub.web.request import VERSION_FIELD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flask import Request

    from hub.web.guarding import Suspected

LONGEST_KEPT = 20_000
"""Characters of one field that are shown again; nobody wants a megabyte back."""
LONGEST_FORM = 2000
"""No form has more fields than this."""
ADD = "_add"
REMOVE = "_remove"
FIND = "_find"
"""A button that only looks something up for the form, such as the units of a name."""
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
ROW = re.compile(r"(0|[1-9][0-9]{0,2})-", re.ASCII)
ROW_OF = re.compile(r"-(\d+)-", re.ASCII)
SECONDS = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):00(?:\.0+)?", re.ASCII)
"""Some browsers send the seconds of a datetime-local, too."""


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


@dataclass(frozen=True, slots=True)
class Fault:
    """One message of the summary; ``name`` is the field's, empty where it belongs to none."""

    name: str
    message: str


class Form:
    """A form of a page: what stands in its fields, and what is wrong with it."""

    def __init__(
        self,
        schema: type[HubSchema],
        values: Mapping[str, object] | None = None,
        *,
        version: int | None = None,
    ) -> None:
        """Make a form to be filled in; ``values`` stand there at first, as the schema loads them."""
        self.schema = schema()
        self.version: int | str | None = version
        self.is_resized = False
        self.is_stale = False
        self.message = ""
        self.faults: list[Fault] = []
        self._typed: dict[str, list[str]] = {}
        self._now: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}
        self._given: dict[str, Any] = {}
        self._labels: dict[str, str] = {}
        self._suspected: dict[str, Suspected | None] = {}
        self._fill(self.schema, values or {}, "", self._typed)

    @classmethod
    def posted(cls, schema: type[HubSchema]) -> Self:
        """Read the form of the current request."""
        form = cls(schema)
        form.version = request.form.get(VERSION_FIELD)
        form._read(dict(request.form.lists()))
        return form

    def load(self) -> dict[str, Any]:
        """Return what was typed, loaded by the schema. Raises Invalid with a message per field.

        What may tell who is in custody is refused, too, until the box beside it is ticked.
        """
        try:
            with text_input():
                loaded: dict[str, Any] = self.schema.load(self._given)
        except ma.ValidationError as error:
            raise Invalid(CHECK, fields=flat_messages(error.messages)) from error
        demand_unsuspected(self.schema, self._given)
        return loaded

    def refused(
        self,
        error: HubError,
        *,
        names: Mapping[str, str] | None = None,
        now: Mapping[str, object] | None = None,
        version: int | None = None,
    ) -> Self:
        """Take in what a command or the schema refused; return the form.

        ``names`` maps the command's names of fields to the form's. Where somebody else was faster
        (Stale), ``now`` is what stands there now and is shown beside what was typed; with ``version`` the
        form may be sent again.
        """
        messages = error.fields or {"": error.message}
        for path, message in messages.items():
            name = (names or {}).get(path, path).replace(".", "-")
            self.faults.append(Fault(name if self._is_known(name) else "", said(message, error.values)))
        order = {name: place for place, name in enumerate(self._names(self.schema, ""))}
        self.faults.sort(key=lambda fault: order.get(re.sub(r"-\d+(?=-|$)", "", fault.name), -1))
        self.message = said(error.message, error.values)
        self.is_stale = isinstance(error, Stale)
        if now is not None:
            self._fill(self.schema, now, "", self._now)
        if version is not None:
            self.version = version
        return self

    @property
    def is_draft(self) -> bool:
        """Return whether what the form takes in stays with its own unit for now."""
        return self.schema.is_draft

    @property
    def status(self) -> int:
        """Return the HTTP status that the page with this form is answered with."""
        if self.is_stale:
            return Stale.status
        return Invalid.status if self.faults else 200

    def value(self, name: str) -> str:
        """Return the text that stands in a field."""
        return (self._typed.get(name) or [""])[-1][:LONGEST_KEPT]

    def values(self, name: str) -> Sequence[str]:
        """Return the words chosen in a field of several."""
        return [word for word in self._typed.get(name, []) if word]

    def differs(self, name: str) -> str | None:
        """Return what stands in a field by now, if somebody else changed it while this form was open."""
        if name not in self._now or self._now[name] == self._typed.get(name, [""]):
            return None
        return ", ".join(self._now[name])

    def error(self, name: str) -> str | None:
        """Return the first message of a field, in the reader's language."""
        return next((fault.message for fault in self.faults if fault.name == name), None)

    def suspected(self, name: str) -> Suspected | None:
        """Return what in a field's text may tell who is in custody, to be said beside it."""
        if name not in self._suspected:
            field = self._field(name)
            is_watched = isinstance(field, Line) and field.is_watched
            self._suspected[name] = show_suspected(name, self.value(name)) if is_watched else None
        return self._suspected[name]

    def name_field(self, name: str, label: str) -> str:
        """Note how a field is called where it is drawn, for the summary above it; return an empty text."""
        self._labels[name] = label
        return ""

    def label(self, name: str) -> str:
        """Return how a field is called, with the number of its row; empty for one that is not drawn."""
        if name not in self._labels:
            return ""
        row = ROW_OF.search(name)
        list_label = self._labels.get(name[: row.start()], "") if row else ""
        return (
            f"{list_label} {int(row[1]) + 1}, {self._labels[name]}"
            if row and list_label
            else self._labels[name]
        )

    def rows(self, name: str, at_least: int = 0) -> Sequence[int]:
        """Return the numbers of a list's rows that the form shows."""
        return range(max(self._counts.get(name, 0), at_least))

    def facts(self, name: str) -> Facts:
        """Return what the schema says of a field. Raises KeyError for one it does not know."""
        field = self._field(name)
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

    def _read(self, typed: dict[str, list[str]]) -> None:
        own = {name: texts for name, texts in typed.items() if not name.startswith("_")}
        if len(own) > LONGEST_FORM:
            raise Invalid(lazy("This form has too many fields."))
        removed = (typed.get(REMOVE) or [""])[0]
        if removed:
            own = {name: texts for name, texts in own.items() if not name.startswith(f"{removed}-")}
        unread = dict(own)
        self._given = self._gather(self.schema, "", "", unread)
        self._given.update({name: texts[-1] for name, texts in unread.items()})
        added = (typed.get(ADD) or [""])[0]
        if added and self._is_known(added):
            self._counts[added] = self._counts.get(added, 0) + 1
        self.is_resized = bool(removed or added or typed.get(FIND))

    def _gather(
        self, schema: ma.Schema, source: str, target: str, unread: dict[str, list[str]]
    ) -> dict[str, Any]:
        """Return the nested input below ``source``; what was read stands in the form below ``target``."""
        given: dict[str, Any] = {}
        for key, field in _inputs(schema):
            here, there = source + key, target + key
            if isinstance(field, ListOf) and isinstance(field.inner, ma.fields.Nested):
                rows = self._gather_rows(field.inner.schema, here, there, unread)
                if rows is not None:
                    given[key] = rows
            elif isinstance(field, ma.fields.Nested):
                inner = self._gather(field.schema, f"{here}-", f"{there}-", unread)
                if inner:
                    given[key] = inner
            elif here in unread:
                texts = self._typed[there] = unread.pop(here)
                if isinstance(field, ListOf):
                    given[key] = [text for text in texts if text.strip()]
                elif (value := _given(field, texts[-1])) is not ma.missing:
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
            row = self._gather(schema, f"{source}-{number}-", f"{target}-{len(rows)}-", unread)
            # A box nobody ticked and an empty choice say nothing: such a row is an empty one.
            if any(value not in ("false", []) for value in row.values()):
                rows.append(row)
        for name in [name for name in self._typed if name.startswith(f"{target}-{len(rows)}-")]:
            del self._typed[name]
        self._counts[target] = len(rows)
        return rows if found else None

    def _fill(
        self, schema: ma.Schema, values: Mapping[str, object], prefix: str, texts: dict[str, list[str]]
    ) -> None:
        for key, field in _inputs(schema):
            name, value = prefix + key, values.get(key)
            if isinstance(field, ListOf):
                items = list(value) if isinstance(value, (list, tuple)) else []
                if isinstance(field.inner, ma.fields.Nested):
                    self._counts[name] = max(len(items), self._counts.get(name, 0))
                    for number, item in enumerate(items):
                        self._fill(field.inner.schema, item, f"{name}-{number}-", texts)
                else:
                    texts[name] = [_text(item) for item in items]
            elif isinstance(field, ma.fields.Nested):
                inner = value if isinstance(value, dict) else {}
                self._fill(field.schema, inner, f"{name}-", texts)
            elif key in values:
                texts[name] = [_text(value)]

    def _field(self, name: str) -> ma.fields.Field[Any]:
        schema: ma.Schema = self.schema
        steps = [step for step in name.split("-") if not step.isdecimal()]
        for place, step in enumerate(steps):
            field = dict(_inputs(schema))[step]
            if place == len(steps) - 1:
                return field
            inner = field.inner if isinstance(field, ListOf) else field
            if not isinstance(inner, ma.fields.Nested):
                break
            schema = inner.schema
        raise KeyError(name)

    def _is_known(self, name: str) -> bool:
        try:
            self._field(name)
        except KeyError:
            return False
        return True

    def _names(self, schema: ma.Schema, prefix: str) -> Iterator[str]:
        """Return the names of all fields, without the numbers of rows, in the schema's order."""
        for key, field in _inputs(schema):
            yield prefix + key
            inner = field.inner if isinstance(field, ListOf) else field
            if isinstance(inner, ma.fields.Nested):
                yield from self._names(inner.schema, f"{prefix}{key}-")


def is_resized(asked: Request) -> bool:
    """Return whether a button of a form's rows or of a search was pressed: nothing is sent or kept."""
    return any(asked.form.get(button) for button in (ADD, REMOVE, FIND))


CHECK = lazy("Please check what is marked below. Everything you typed is still here.")


def _inputs(schema: ma.Schema) -> Iterator[tuple[str, ma.fields.Field[Any]]]:
    for name, field in schema.load_fields.items():
        yield field.data_key or name, field


def _given(field: ma.fields.Field[Any], text: str) -> Any:
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


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
