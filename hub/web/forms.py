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

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import marshmallow as ma
from flask import request

from hub.errors import HubError, Invalid, Stale
from hub.texts.catalogue import lazy
from hub.web.complaints import flat_messages
from hub.web.errors import said
from hub.web.facts import Facts, facts_of, field_of, has_field, names_of
from hub.web.fields import HubSchema, Line, text_input
from hub.web.guarding import demand_unsuspected, show_suspected
from hub.web.request import VERSION_FIELD
from hub.web.typed import Typed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
ROW_OF = re.compile(r"-(\d+)-", re.ASCII)


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
        self._typed = Typed()
        self._now = Typed()
        self._given: dict[str, Any] = {}
        self._labels: dict[str, str] = {}
        self._suspected: dict[str, Suspected | None] = {}
        self._typed.fill(self.schema, values or {})

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
            self.faults.append(
                Fault(name if has_field(self.schema, name) else "", said(message, error.values))
            )
        order = {name: place for place, name in enumerate(names_of(self.schema))}
        self.faults.sort(key=lambda fault: order.get(re.sub(r"-\d+(?=-|$)", "", fault.name), -1))
        self.message = said(error.message, error.values)
        self.is_stale = isinstance(error, Stale)
        if now is not None:
            self._now.fill(self.schema, now)
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
        return (self._typed.texts.get(name) or [""])[-1][:LONGEST_KEPT]

    def values(self, name: str) -> Sequence[str]:
        """Return the words chosen in a field of several."""
        return [word for word in self._typed.texts.get(name, []) if word]

    def differs(self, name: str) -> str | None:
        """Return what stands in a field by now, if somebody else changed it while this form was open."""
        if name not in self._now.texts or self._now.texts[name] == self._typed.texts.get(name, [""]):
            return None
        return ", ".join(self._now.texts[name])

    def error(self, name: str) -> str | None:
        """Return the first message of a field, in the reader's language."""
        return next((fault.message for fault in self.faults if fault.name == name), None)

    def suspected(self, name: str) -> Suspected | None:
        """Return what in a field's text may tell who is in custody, to be said beside it."""
        if name not in self._suspected:
            field = field_of(self.schema, name)
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
        return range(max(self._typed.counts.get(name, 0), self._now.counts.get(name, 0), at_least))

    def facts(self, name: str) -> Facts:
        """Return what the schema says of a field. Raises KeyError for one it does not know."""
        return facts_of(field_of(self.schema, name))

    def _read(self, typed: dict[str, list[str]]) -> None:
        own = {name: texts for name, texts in typed.items() if not name.startswith("_")}
        if len(own) > LONGEST_FORM:
            raise Invalid(lazy("This form has too many fields."))
        removed = (typed.get(REMOVE) or [""])[0]
        if removed:
            own = {name: texts for name, texts in own.items() if not name.startswith(f"{removed}-")}
        unread = dict(own)
        self._given = self._typed.gather(self.schema, "", "", unread)
        self._given.update({name: texts[-1] for name, texts in unread.items()})
        added = (typed.get(ADD) or [""])[0]
        if added and has_field(self.schema, added):
            self._typed.counts[added] = self._typed.counts.get(added, 0) + 1
        self.is_resized = bool(removed or added or typed.get(FIND))


def is_resized(asked: Request) -> bool:
    """Return whether a button of a form's rows or of a search was pressed: nothing is sent or kept."""
    return any(asked.form.get(button) for button in (ADD, REMOVE, FIND))


CHECK = lazy("Please check what is marked below. Everything you typed is still here.")
