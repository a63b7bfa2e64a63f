"""What the forms of imports take in."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from hub.imports.files import MOST_COLUMNS
from hub.imports.models import KINDS, OUTCOMES, VERDICTS
from hub.imports.register import KINDS as KNOWN
from hub.web.fields import Choice, Flag, HubSchema, Number

if TYPE_CHECKING:
    import marshmallow as ma


class FileForm(HubSchema):
    """A file of some kind; the file itself is no text."""

    kind = Choice(KINDS, required=True)


class SureForm(HubSchema):
    """What is asked about before it is done."""

    sure = Flag(load_default=False)


class KindQuery(HubSchema):
    """Which kind of list is to be brought."""

    kind = Choice(KINDS, load_default="people")


class LinesQuery(HubSchema):
    """Which lines of an import are shown, after which one; ``still``: the page does not renew itself."""

    verdict = Choice(VERDICTS, load_default=None)
    outcome = Choice(OUTCOMES, load_default=None)
    after = Number(load_default=0)
    still = Flag(load_default=False)


@cache
def columns_form(kind: str) -> type[HubSchema]:
    """Return the schema of the form that says which column means which field of a kind."""
    fields: dict[str, ma.fields.Field[Any]] = {
        field.name: Number(0, MOST_COLUMNS - 1, load_default=None, allow_none=True)
        for field in KNOWN[kind].fields
    }
    return HubSchema.from_dict(fields, name=f"ColumnsOf{kind.title()}")  # type: ignore[return-value]  # it makes a subclass
