"""Say what text the hub takes in, and how names are compared when people search and sort them."""

from __future__ import annotations

import unicodedata

from hub.texts.catalogue import lazy

ROUGH_FACTOR = 4
"""Text this many times over its limit is refused before the work of normalising it; composing never shrinks
real writing by more."""

APOSTROPHES = frozenset("'`\u00b4\u2018\u2019\u02bb\u02bc\uff07")
"""Dropped by fold(), so that Jum'at is found as Jumat."""

TOO_LONG = lazy("This text is longer than %(longest)s characters.")
TOO_MANY_LINES = lazy("This text must fit on one line.")
NOT_PLAIN = lazy("This text contains characters that cannot be stored.")


class UnacceptableTextError(ValueError):
    """Text that is not taken in; ``message`` is for people, untranslated, with ``values`` for its places."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


def clean_text(text: str, *, longest: int, multiline: bool = False) -> str:
    """Return text as it is stored: composed (NFC), with line feeds, stripped of outer white space.

    ``longest`` counts characters. Line breaks and tabs are only taken where ``multiline``.
    Raises UnacceptableTextError for NUL and other control characters, lone surrogates, and text that is
    too long.
    """
    if len(text) > longest * ROUGH_FACTOR:
        raise UnacceptableTextError(TOO_LONG, longest=longest)
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in composed):
        raise UnacceptableTextError(NOT_PLAIN)
    stripped = composed.strip()
    if not multiline and any(sign in "\n\t\u2028\u2029" for sign in stripped):
        raise UnacceptableTextError(TOO_MANY_LINES)
    if len(stripped) > longest:
        raise UnacceptableTextError(TOO_LONG, longest=longest)
    return stripped


def fold(text: str) -> str:
    """Return the key by which text is searched and sorted: no case, no accents, no punctuation.

    Letters and digits stay (full-width ones become plain), apostrophes vanish, everything else becomes single
    spaces. Folding a folded text changes nothing. The result may be empty.
    """
    folded, before = text, None
    while folded != before:  # once is enough for Latin script; a few rare letters need a second round
        before, folded = folded, _fold_once(folded)
    return folded


def _fold_once(text: str) -> str:
    kept: list[str] = []
    for sign in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()):
        category = unicodedata.category(sign)
        if category[0] in "LN":
            kept.append(sign)
        elif category[0] != "M" and sign not in APOSTROPHES:
            kept.append(" ")
    return " ".join("".join(kept).split())
