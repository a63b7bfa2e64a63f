"""The searches of queries.csv find the unit that is meant: first in 95 of 100, in the first ten in 99.

The list has 300 searches over the real registry: short names, abbreviations and town codes as people type
them, classes in digits, other orders of words, towns instead of names, and four kinds of slips of the keys.
Each means one unit only.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from hub.facilities.finding import search

if TYPE_CHECKING:
    from hub.db.transaction import Database

QUERIES = Path(__file__).parent / "queries.csv"
FIRST, IN_TEN = 0.95, 0.99


def test_the_right_unit_comes_first(registry: Database) -> None:
    with QUERIES.open(encoding="utf-8", newline="") as file:
        asked = [(row["query"], row["facility"], row["why"]) for row in csv.DictReader(file)]
    assert len(asked) == len({query for query, _, _ in asked}) == 300
    places: Counter[int | None] = Counter()
    missed: list[str] = []
    with registry.transaction() as session:
        for query, wanted, why in asked:
            names = [found.facility.name for found in search(session, text=query, limit=10)]
            place = names.index(wanted) + 1 if wanted in names else None
            places[place] += 1
            if place != 1:
                missed.append(f"{query!r} ({why}): {wanted} is {place}, before it {names[:3]}")
    said = "\n".join(missed)
    assert places[1] >= FIRST * len(asked), said
    assert len(asked) - places[None] >= IN_TEN * len(asked), said
