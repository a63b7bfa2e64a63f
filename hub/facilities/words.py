"""Cut names, towns and searches into the folded words by which they are compared.

A facility has the words of its names apart from those of its area: who searches "jawa tengah" means
the regional office, not each of its units.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from hub.facilities.names import SHORT_PROVINCES
from hub.texts.plain import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

IN_BRACKETS = re.compile(r"\([^)]*\)")
NO_PLACE = frozenset(
    (
        *("lapas", "rutan", "bapas", "lpka", "lp", "lpp", "lpn", "kanwil", "ditjenpas", "kemenkumham"),
        *("kelas", "i", "ia", "ib", "ii", "iia", "iib", "iii", "kota", "kabupaten", "administrasi"),
        *("narkotika", "perempuan", "terbuka", "pemuda", "khusus", "anak", "lembaga", "pemasyarakatan"),
        *("rumah", "tahanan", "negara", "balai", "pembinaan", "kantor", "wilayah", "direktorat", "jenderal"),
    )
)
"""Words that are never half of a town's name."""
EQUALS = {
    "1": ("i",),
    "1a": ("ia", "i"),
    "2": ("ii",),
    "2a": ("iia",),
    "2b": ("iib",),
    "3": ("iii",),
    "kls": ("kelas",),
    "kab": ("kabupaten",),
    "wanita": ("perempuan",),
    "narkoba": ("narkotika",),
    "lapastik": ("lpn",),
    "penjara": ("lapas", "rutan"),
}
"""Words that mean others: classes in digits, what women's and narcotics units are also called."""
FILLING = frozenset(("di", "ke", "dan", "unit", "upt", "yang", "the", "of"))
"""Words of a search that say nothing about a facility."""
MOST_WORDS = 12
"""Words of a search that are looked up; the longest name in the registry has seven."""


def name_text(names: Iterable[str | None]) -> str:
    """Return the words of these names in order, each after a space; names of two words also as one.

    "Palangka Raya" is found as "palangkaraya", too.
    """
    words = {word for name in names if name for word in _with_joins(fold(name).split())}
    return "".join(f" {word}" for word in sorted(words))


def area_text(city: str | None, province: str | None) -> str:
    """Return the words of the town and the province, each after a space; a remark in brackets is left out."""
    short = SHORT_PROVINCES.get(province or "")
    return name_text([IN_BRACKETS.sub("", city or ""), province, short])


def asked_words(text: str) -> list[str]:
    """Return the distinct words of a search, folded, without those that say nothing."""
    words = list(dict.fromkeys(fold(text).split()))[:MOST_WORDS]
    if "anak" in words and (prison := {"lapas", "lp"} & set(words)):
        # Until 2014 a juvenile institution was a "lapas anak".
        words = ["lpka" if word == "anak" else word for word in words if word not in prison]
    return [word for word in words if word not in FILLING] or words


def joins(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Return the neighbours that may be two halves of one name."""
    return ((one, two) for one, two in pairwise(words) if not {one, two} & NO_PLACE)


def slips(one: str, other: str) -> int:
    """Return how many slips of the keys make one word of the other (optimal string alignment).

    A letter left out, added, mistaken, or two neighbours swapped, is one slip each.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != wanted))
            if i > 1 and j > 1 and sign == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _with_joins(words: Sequence[str]) -> Iterator[str]:
    yield from words
    for one, two in joins(words):
        yield one + two
