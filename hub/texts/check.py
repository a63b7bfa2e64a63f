"""Fail when a text would reach a reader untranslated, wrongly filled in, or not at all.

``python -m hub.texts.check`` compares the code and templates with the catalogues and lists what is missing,
unused, fuzzy, doubled, not in order, or has other ``%(name)s`` places than its message.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from hub.texts.catalogue import DEFAULT_LOCALE, FOLDER, LOCALES, po_path
from hub.texts.extract import HUB, canonical, doubled_entries, entries, find_messages, read_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from babel.messages.catalog import Message

    from hub.texts.extract import Found, MessageId

PLACE = re.compile(r"%\((\w+)\)[a-z]")


def problems(hub: Path = HUB, folder: Path = FOLDER) -> list[str]:
    """Return what is wrong with the catalogues in ``folder`` for the code under ``hub``, one line each."""
    found = find_messages(hub)
    lines: list[str] = []
    for locale in LOCALES:
        path = po_path(locale, folder)
        # English is complete without a catalogue: it may only override.
        if path.exists() or locale == DEFAULT_LOCALE:
            lines += [f"{locale}: {line}" for line in _problems_of(path, locale, found)]
    return lines


@click.command()
def main() -> None:
    """Check that every text is translated."""
    lines = problems()
    for line in lines:
        click.echo(line)
    if lines:
        click.echo(f"{len(lines)} problems; `python -m hub.texts.extract --update` adds entries and sorts")
        sys.exit(1)
    click.echo("every text is translated")


def _problems_of(path: Path, locale: str, found: dict[MessageId, Found]) -> Iterator[str]:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    doubled = doubled_entries(text)
    yield from (f"doubled: {msgid!r}" for msgid in doubled)
    catalog = read_catalog(path, locale)
    known = entries(catalog)
    if locale == DEFAULT_LOCALE:
        for identity, entry in found.items():
            if identity not in known:
                yield f"missing: {identity!r} ({entry.place})"
    for identity, message in known.items():
        if identity not in found:
            yield f"unused: {identity!r}"
        elif message.fuzzy:
            yield f"fuzzy: {identity!r}"
        else:
            yield from _problems_in(message)
    if text and not doubled and text != canonical(catalog, locale):
        yield "not in order: run `python -m hub.texts.extract --update`"


def _problems_in(message: Message) -> Iterator[str]:
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    strings = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    translated = [text for text in strings if text]
    if len(translated) < len(strings):
        yield f"not translated: {message.id!r}"
        return
    # The last form of a message is its plural, which is the one that must name the count.
    expected = set(PLACE.findall(ids[-1]))
    for text in translated:
        places = set(PLACE.findall(text))
        if places != expected:
            yield f"places differ: {message.id!r} has {sorted(expected)}, {text!r} has {sorted(places)}"
        elif expected and not _fills_in(text, expected):
            yield f"cannot be filled in: {text!r}"


def _fills_in(text: str, places: set[str]) -> bool:
    try:
        text % dict.fromkeys(places, 0)
    except (TypeError, ValueError):
        return False
    return True


if __name__ == "__main__":
    main()
