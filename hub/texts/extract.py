"""Collect every message of the hub's code and templates, and bring the Indonesian catalogue up to date.

``python -m hub.texts.extract`` lists them; ``--update`` adds the new ones to the catalogue with an empty
translation and sorts it; ``--prune`` also takes out those no longer used.
The catalogue has one entry per message, sorted, without line numbers, so that several people can edit it.
"""

from __future__ import annotations

import os
import re
import tempfile
from ast import literal_eval
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from hub.texts.catalogue import LOCALES, po_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from babel.messages.catalog import Catalog, Message

HUB = Path(__file__).parent.parent

KEYWORDS = {"_": None, "gettext": None, "lazy": None, "ngettext": (1, 2), "translate": (2,)}
"""Functions whose literal arguments are messages, with the places of those arguments when not the first."""

PYTHON_OPTIONS = {"encoding": "utf-8"}
TEMPLATE_OPTIONS = {"trimmed": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}

HEADER = """\
# {language} for Sinergi Hub. The messages are English; translate them below.
# After adding messages to the code: python -m hub.texts.extract --update
# Before committing: python -m hub.texts.check
msgid ""
msgstr ""
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {locale}\\n"
"Plural-Forms: {plural}\\n"

"""
PLURALS = {"id": "nplurals=1; plural=0;", "en": "nplurals=2; plural=(n != 1);"}
LANGUAGES = {"id": "Indonesian", "en": "English"}
ENTRY = re.compile(r'^msgid ((?:".*"\n?)+)', re.MULTILINE)

MessageId: TypeAlias = str | tuple[str, ...]


class DoubledEntriesError(ValueError):
    """The catalogue has several entries for one message, and only a person can say which is right."""


@dataclass(frozen=True, slots=True)
class Found:
    """A message and one place it stands in."""

    id: MessageId
    place: str


def find_messages(hub: Path = HUB) -> dict[MessageId, Found]:
    """Return every message under a folder, once each, in the order of their first places.

    Where a message stands alone in one place and with a plural in another, the one with a plural is kept.
    """
    found: dict[MessageId, Found] = {}
    for source in _sources(hub):
        for line, identity in _messages_in(source):
            place = f"{source.relative_to(hub.parent)}:{line}"
            found.setdefault(identity, Found(identity, place))
    singulars = {identity[0] for identity in found if isinstance(identity, tuple)}
    return {identity: entry for identity, entry in found.items() if identity not in singulars}


def read_catalog(path: Path, locale: str) -> Catalog:
    """Return a catalogue, empty where there is no file. Raises babel's PoFileError for a broken one."""
    text = path.read_text(encoding="utf-8") if path.exists() else _header(locale)
    return read_po(BytesIO(text.encode()), locale=locale, ignore_obsolete=True, abort_invalid=True)


def entries(catalog: Catalog) -> dict[MessageId, Message]:
    """Return a catalogue's messages by id, without its header."""
    return {_identity(message.id): message for message in catalog if message.id}


def doubled_entries(text: str) -> list[str]:
    """Return the messages that a catalogue's text has several entries for."""
    ids = ("".join(map(literal_eval, entry[1].strip().splitlines())) for entry in ENTRY.finditer(text))
    return [msgid for msgid, times in Counter(ids).items() if times > 1]


def canonical(catalog: Catalog, locale: str) -> str:
    """Return the text of a catalogue's file: sorted, one entry per message, no dates and no line numbers."""
    for message in catalog:
        # Guessed by Babel; nobody should have to write it by hand.
        message.flags -= {"python-format", "python-brace-format"}
    body = BytesIO()
    write_po(
        body, catalog, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    return _header(locale) + body.getvalue().decode().lstrip("\n")


def update(path: Path, locale: str, found: dict[MessageId, Found], *, prune: bool = False) -> int:
    """Bring a catalogue up to date with what was found; return how many entries were added or taken out.

    Raises DoubledEntriesError, and leaves the file alone, where a message has several entries.
    """
    if path.exists() and (doubled := doubled_entries(path.read_text(encoding="utf-8"))):
        raise DoubledEntriesError(f"keep one entry each: {doubled}")
    catalog = read_catalog(path, locale)
    known = entries(catalog).keys()
    changes = 0
    for identity in found:
        if identity not in known:
            before = catalog.get(identity)
            keep = before.string if before is not None and isinstance(before.string, str) else ""
            catalog.delete(identity)  # the same message, with or without a plural until now
            catalog.add(identity, (keep,) * catalog.num_plurals if isinstance(identity, tuple) else keep)
            changes += 1
    if prune:
        for identity in entries(catalog).keys() - found.keys():
            catalog.delete(identity)
            changes += 1
    _write(path, canonical(catalog, locale))
    return changes


@click.command()
@click.option("--update", "updating", is_flag=True, help="Add missing messages to the catalogue.")
@click.option("--prune", is_flag=True, help="Also take out messages that are no longer used.")
@click.option("--locale", type=click.Choice(LOCALES), default="id", help="Which catalogue.")
def main(*, updating: bool, prune: bool, locale: str) -> None:
    """Collect the messages of the hub's code and templates."""
    found = find_messages()
    if updating or prune:
        try:
            changes = update(po_path(locale), locale, found, prune=prune)
        except DoubledEntriesError as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{len(found)} messages, {changes} added or taken out in {po_path(locale).name}")
        return
    for entry in found.values():
        click.echo(f"{entry.place}: {entry.id!r}")


def _sources(hub: Path) -> list[Path]:
    templates = (path for path in hub.glob("*/templates/**/*") if path.is_file())
    return sorted({*hub.rglob("*.py"), *templates})


def _messages_in(source: Path) -> Iterator[tuple[int, MessageId]]:
    python = source.suffix == ".py"
    method, options = ("python", PYTHON_OPTIONS) if python else ("jinja2.ext:babel_extract", TEMPLATE_OPTIONS)
    with source.open("rb") as file:
        for line, identity, _comments, _context in extract(method, file, KEYWORDS, options=options):
            yield line, _identity(identity)


def _identity(identity: str | Iterable[str]) -> MessageId:
    return identity if isinstance(identity, str) else tuple(identity)


def _header(locale: str) -> str:
    return HEADER.format(locale=locale, language=LANGUAGES[locale], plural=PLURALS[locale])


def _write(path: Path, text: str) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".messages-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(path)


if __name__ == "__main__":
    main()
