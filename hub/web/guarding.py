"""The no-inmate-data guard at the hub's edge: every free text of a form or of the API passes here.

A schema of a draft (``is_draft``) is only warned of: nobody else reads it yet, and publishing it asks. Who
has looked and is sure confirms: a form by the box beside the field, a program by a header. The box stands
for the pieces that were shown, so what is typed later asks anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from hub.audit.guard import Confirmed, demand_no_inmates, mark_of, suspected_in
from hub.texts.catalogue import translate
from hub.texts.inmates import WORDS, excerpts_of, kinds_of
from hub.web.fields import HubSchema
from hub.web.request import actor, locale, session
from hub.web.watched import has_watched_texts, watched_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import marshmallow as ma

HEADER = "Confirms-No-Inmate-Data"
FORM_FIELD = "_no_inmates"
LONGEST_PIECE = 80
MOST_PIECES = 5
MOST_MARKS = 200


@dataclass(frozen=True, slots=True)
class Suspected:
    """What a page says beside a text that may tell who is in custody."""

    name: str
    seen: tuple[str, ...]
    pieces: tuple[str, ...]
    mark: str
    is_confirmed: bool


def confirmed() -> Confirmed:
    """Return what this request says is no inmate's data."""
    marks = ",".join(request.form.getlist(FORM_FIELD)).split(",")
    return Confirmed(
        is_everything=request.headers.get(HEADER, "").strip().lower() == "true",
        marks=frozenset(mark for mark in marks[:MOST_MARKS] if mark),
    )


def show_suspected(name: str, text: str) -> Suspected | None:
    """Return what a page says beside a field, in the reader's language; None where nothing is suspected."""
    kinds = kinds_of(text)
    if not kinds:
        return None
    mark = mark_of(text)
    return Suspected(
        name=name,
        seen=tuple(translate(locale(), WORDS[kind]) for kind in kinds),
        pieces=tuple(piece[:LONGEST_PIECE] for piece in excerpts_of(text)[:MOST_PIECES]),
        mark=mark,
        is_confirmed=confirmed().covers(mark),
    )


def show_all_suspected(texts: Mapping[str, str]) -> list[Suspected]:
    """Return what a page says of several texts, such as those of a draft that is to be published."""
    shown = [show_suspected(name, text) for name, text in texts.items()]
    return [one for one in shown if one is not None]


def demand_unsuspected(schema: ma.Schema, given: object, *, subject: str | None = None) -> None:
    """Look at every watched text of an input that its schema has accepted.

    ``subject`` is what the audit log calls the thing; without it the route says it. Raises
    InmateDataSuspected where a text is suspicious and not confirmed.
    """
    if isinstance(schema, HubSchema) and schema.is_draft:
        return
    texts = dict(watched_texts(schema, given))
    if suspected_in(texts):
        demand_no_inmates(
            session(), actor=actor(), subject=subject or _subject(), texts=texts, confirmed=confirmed()
        )


def watches(schema: object) -> bool:
    """Return whether inputs of this schema (a class or an instance) may be refused by the guard."""
    made = schema() if isinstance(schema, type) and issubclass(schema, HubSchema) else schema
    return isinstance(made, HubSchema) and not made.is_draft and has_watched_texts(made)


def _subject() -> str:
    """Return what a route is about: ``tasks/12`` for ``/api/v1/tasks/12/close``; never a link's token."""
    ids = [value for value in (request.view_args or {}).values() if isinstance(value, int)]
    kind = request.path.removeprefix("/api/v1").strip("/").partition("/")[0]
    return f"{kind}/{ids[0]}" if ids else str(request.endpoint)
