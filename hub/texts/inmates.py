"""See what in a free text may be about somebody in custody: the no-inmate-data guard's eye.

That somebody is or was an inmate is sensitive by itself (UU 27/2022, article 4), so no text of the hub
says it of a recognisable person. These functions only notice: whether it is so, a person decides. They
are linear in the length of the text: every pattern is bounded, and nothing is tried from the same place
twice without a bound.

    suspicions("WBP a.n. Fulan, BI.12/2024")  # two: what names somebody, what is a register number
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from hub.texts.catalogue import lazy
from hub.texts.inmate_names import names_in
from hub.texts.inmate_numbers import numbers_in

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind: TypeAlias = Literal["identity-number", "register-number", "name"]

WORDS: Mapping[Kind, str] = {
    "identity-number": lazy("an identity number (NIK)"),
    "register-number": lazy("a number of the register of inmates"),
    "name": lazy("the name of somebody in custody"),
}
"""What was seen, in words."""

MOST = 50
"""Suspicions of one text that are told; nobody reads more."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something in a text that may tell who is in custody: what it looks like, and where it stands."""

    kind: Kind
    start: int
    end: int


def suspicions(text: str) -> list[Suspicion]:
    """Return what in a text may tell who is in custody, in the order in which it stands there."""
    spaced = text.replace("_", " ")  # as names of files have it
    found = [Suspicion(*one) for one in numbers_in(spaced)]
    found += [Suspicion("name", *place) for place in names_in(spaced)]
    kept: list[Suspicion] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if kept and one.start < kept[-1].end and (one.kind == kept[-1].kind or one.end <= kept[-1].end):
            continue
        kept.append(one)
    return kept[:MOST]


def kinds_of(text: str) -> tuple[Kind, ...]:
    """Return the kinds of what a text seems to hold, each once."""
    return tuple(dict.fromkeys(one.kind for one in suspicions(text)))


def excerpts_of(text: str) -> tuple[str, ...]:
    """Return the suspicious pieces themselves, to show them to who wrote them; they are kept nowhere."""
    return tuple(dict.fromkeys(text[one.start : one.end].strip() for one in suspicions(text)))
