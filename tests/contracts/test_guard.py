"""Every free text of the input is watched by the no-inmate-data guard, or stands here with its reason."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

import hub
from hub.web.fields import HubSchema, Line, ListOf, Nested

if TYPE_CHECKING:
    from collections.abc import Iterator

UNWATCHED = {
    "host_name": "a unit is searched for by it, and nothing is kept of it",
    "weekday": "one of seven words",
    "day": "a date, read as one",
    "starts": "a time of day, read as one",
    "ends": "a time of day, read as one",
    "q": "a search: nothing is kept of it",
    "credential": "what a device signs to prove a passkey: nobody types it, and nothing is kept of it",
}
DRAFTS = {
    "ProposalInSchema": "asked when it is submitted",
    "ProposalDraftSchema": "asked when it is submitted",
    "ProposalEditSchema": "asked when it is submitted",
    "OutcomeInSchema": "asked when it is published",
    "OutcomeFormSchema": "asked when it is published",
}


def schemas() -> Iterator[type[HubSchema]]:
    """Return every schema of the hub that loads something."""
    for module in pkgutil.walk_packages(hub.__path__, "hub."):
        if "migrations" in module.name or module.name.endswith("wsgi"):
            continue
        for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(found, HubSchema) and found.__module__ == module.name:
                yield found


def lines(schema: HubSchema) -> Iterator[tuple[str, Line]]:
    for name, field in schema.load_fields.items():
        inner = field.inner if isinstance(field, ListOf) else field
        if isinstance(inner, Nested):
            yield from lines(inner.schema)  # type: ignore[arg-type]  # our own schemas hold our own
        elif isinstance(inner, Line) and not inner.dump_only:
            yield name, inner


def test_every_free_text_is_watched_or_named_here() -> None:
    unwatched = {
        name
        for schema in schemas()
        for name, field in lines(schema())
        if not field.is_watched and "email" not in str(field.metadata.get("format", ""))
    }
    assert unwatched <= UNWATCHED.keys()
    watched = {name for schema in schemas() for name, field in lines(schema()) if field.is_watched}
    assert {"urgency", "reason", "note", "seen", "will_try", "text", "title", "place", "name"} <= watched


def test_only_drafts_that_are_asked_later_are_kept_unasked() -> None:
    assert {schema.__name__ for schema in schemas() if schema.is_draft} == set(DRAFTS)
