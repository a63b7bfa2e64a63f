"""Give every text in the reader's language.

Messages are written in English in the code and the templates; the Indonesian lives in
``locales/id/LC_MESSAGES/messages.po`` and is compiled in memory, so no compiled file can go stale.
"""

from __future__ import annotations

import gettext as gnu
import re
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Callable

LOCALES = ("id", "en")
DEFAULT_LOCALE = "id"
FOLDER = Path(__file__).parent / "locales"

LONGEST_HEADER = 500
"""Accept-Language beyond this length is ignored: browsers send a few dozen characters."""

ALIASES = {"in": "id", "ms": "id"}
"""``in`` is the old code of Indonesian; a Malay reader is better served by Indonesian than by English."""

QUALITY = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)


class UnknownLocaleError(ValueError):
    """The hub does not speak this language."""


def lazy(message: str) -> str:
    """Mark a message for translation where the reader is not yet known; translate it when showing it."""
    return message


def po_path(locale: str, folder: Path = FOLDER) -> Path:
    """Return where the catalogue of a language is kept (the English one may be absent)."""
    return folder / locale / "LC_MESSAGES" / "messages.po"


@lru_cache(maxsize=len(LOCALES))
def translations(locale: str) -> gnu.NullTranslations:
    """Return the compiled catalogue. Raises UnknownLocaleError."""
    if locale not in LOCALES:
        raise UnknownLocaleError(f"not a language of the hub: {locale!r}")
    path = po_path(locale)
    if not path.exists():
        return gnu.NullTranslations()
    with path.open("rb") as source:
        catalog = read_po(source, locale=locale, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


def gettext_for(locale: str) -> Callable[[str], str]:
    """Return the function that translates one message. Raises UnknownLocaleError."""
    return translations(locale).gettext


def ngettext_for(locale: str) -> Callable[[str, str, int], str]:
    """Return the function that translates a message by count. Raises UnknownLocaleError."""
    return translations(locale).ngettext


def translate(locale: str, message: str, /, **values: object) -> str:
    """Translate a message and fill in its ``%(name)s`` places.

    Without values the message is returned as it stands, per cent signs and all.
    Raises UnknownLocaleError, and KeyError when a place has no value.
    """
    text = translations(locale).gettext(message)
    return text % values if values else text


def best_locale(accept_language: str | None, preferred: str | None = None) -> str:
    """Choose the language: the person's own choice, else the browser's wish, else Indonesian."""
    if preferred in LOCALES:
        return str(preferred)
    wishes: list[tuple[float, str]] = []
    if accept_language and len(accept_language) <= LONGEST_HEADER:
        for part in accept_language.split(","):
            tag, _, parameter = part.strip().partition(";")
            quality = QUALITY.fullmatch(parameter.strip()) if parameter.strip() else None
            if parameter.strip() and quality is None:
                continue
            language = tag.strip().casefold().replace("_", "-").split("-", maxsplit=1)[0]
            language = DEFAULT_LOCALE if language == "*" else ALIASES.get(language, language)
            weight = float(quality[1]) if quality else 1.0
            if language in LOCALES and weight > 0:
                wishes.append((weight, language))
    # max() keeps the first of equals, which is the order the reader wrote them in.
    return max(wishes, key=lambda wish: wish[0])[1] if wishes else DEFAULT_LOCALE
