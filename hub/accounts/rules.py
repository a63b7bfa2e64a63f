"""Say which passwords are good enough, and who may manage people."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from hub.errors import Forbidden, Invalid
from hub.texts.catalogue import lazy
from hub.texts.plain import fold

if TYPE_CHECKING:
    from hub.actor import Actor

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128
FEWEST_SIGNS = 5
"""Different characters in a password: "aaaaaaaaaaaa" is long and no secret."""
COMMON = Path(__file__).with_name("common_passwords.txt")
"""The most used ones of twelve characters and more, here and elsewhere; one a line, folded."""
OWN_WORDS = (
    "lapas", "rutan", "bapas", "lpka", "kanwil", "ditjenpas", "kemenkumham", "kemenimipas", "pemasyarakatan",
    "sinergi", "sinergihub", "password", "katasandi", "rahasia", "admin",
)  # fmt: skip
"""Words that everybody here thinks of first; what is left without them must still be long enough."""
SHORTEST_REST = 9


def demand_good_password(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Raise Invalid unless the password is long enough, typed, and not one that others try first.

    ``about`` are the person's own names and address: a password made of them is no secret.
    """
    if (fault := _fault(password, about)) is not None:
        raise Invalid(fault, fields={"password": fault}, shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)


def demand_admin(actor: Actor) -> None:
    """Raise Forbidden unless the actor administers the hub."""
    if not actor.is_admin:
        raise Forbidden(lazy("Only an administrator may do this."))


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text(encoding="utf-8").split())


def _fault(password: str, about: tuple[str, ...]) -> str | None:
    if len(password) < SHORTEST_PASSWORD or len(password) > LONGEST_PASSWORD:
        return lazy("A password has %(shortest)s to %(longest)s characters.")
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in password):
        return lazy("A password may not contain control characters.")
    plain = fold(password).replace(" ", "")
    if len(set(password)) < FEWEST_SIGNS or plain in _common():
        return lazy("This password is among the first that others try.")
    rest = plain
    known = {
        fold(part).replace(" ", "") for text in about for part in (text, *text.replace("@", " ").split())
    }
    for word in sorted({*OWN_WORDS, *known}, key=len, reverse=True):
        if len(word) > 3:  # noqa: PLR2004 -- shorter ones stand inside other words by chance
            rest = rest.replace(word, "")
    if plain != rest and len(rest) < SHORTEST_REST:
        return lazy("This password is made of words that others think of first.")
    return None
