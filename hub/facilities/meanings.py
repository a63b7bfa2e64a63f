"""What the words of a search may mean, out of all words that facilities have (``facility_words``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy
from sqlalchemy import Text, case, cast, literal
from sqlalchemy.dialects.postgresql import ARRAY, array

from hub.facilities.models import Facility
from hub.facilities.words import EQUALS, joins, slips

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

SLIPS_FROM = 4
"""Letters of the shortest word in which a slip of the keys is forgiven; in a shorter one all look alike."""
MOST_SLIPS = 2
TWO_SLIPS_FROM = 7
LONGEST_SLIPPED = 40
CODE_LETTERS = (3, 4)
"""Letters of a word that may be a town's code: its first letter and some that follow in it."""
MOST_WORDS = 300
"""Words that one beginning may mean."""

LOOK_UP = sqlalchemy.text(
    """
    SELECT asked.word AS asked, known.word AS known
    FROM unnest(CAST(:words AS text[])) AS asked(word),
    LATERAL (
        SELECT word FROM facility_words
        WHERE word >= asked.word COLLATE "C" AND word < (asked.word || chr(1114111)) COLLATE "C"
        ORDER BY word LIMIT :most
    ) AS known
    UNION ALL
    SELECT asked.word, known.word
    FROM unnest(CAST(:slipped AS text[])) AS asked(word), facility_words AS known
    WHERE (:is_desperate OR NOT EXISTS (SELECT FROM facility_words AS begun
            WHERE begun.word >= asked.word COLLATE "C"
            AND begun.word < (asked.word || chr(1114111)) COLLATE "C"))
    AND length(known.word) BETWEEN length(asked.word) - 2 AND length(asked.word) + 2
    AND levenshtein_less_equal(asked.word, known.word, 2) <= 2
    UNION ALL
    SELECT asked.word, known.word
    FROM unnest(CAST(:codes AS text[]), CAST(:patterns AS text[])) AS asked(word, pattern),
    facility_words AS known
    WHERE NOT EXISTS (SELECT FROM facility_words AS same WHERE same.word = asked.word COLLATE "C")
    AND known.word LIKE asked.pattern COLLATE "C"
    """
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """The words that one word of a search may mean, by how much must be guessed."""

    exact: tuple[str, ...]
    begun: tuple[str, ...]
    one_slip: tuple[str, ...]
    two_slips: tuple[str, ...]
    code: tuple[str, ...]

    @property
    def every(self) -> list[str]:
        """Return all of them."""
        return list(dict.fromkeys((*self.exact, *self.begun, *self.one_slip, *self.two_slips, *self.code)))

    def cost(self) -> ColumnElement[int]:
        """Return how much must be guessed to find a facility by this word: 0 for a word of its names."""
        steps = (
            (Facility.name_words, self.exact, 0),
            (Facility.name_words, self.begun, 1),
            (Facility.words, self.exact, 2),
            (Facility.name_words, self.one_slip, 3),
            (Facility.words, self.begun, 4),
            (Facility.name_words, self.code, 5),
            (Facility.words, self.one_slip, 6),
            (Facility.name_words, self.two_slips, 7),
        )
        cases = [(column.overlap(texts(words)), cost) for column, words, cost in steps if words]
        return case(*cases, else_=9) if cases else literal(9)


def look_up(session: Session, words: Sequence[str], *, is_desperate: bool) -> list[Meaning]:
    """Return what each word may mean; two halves of one name count as that name.

    ``is_desperate`` also forgives slips in words that some facility has: two towns' names may differ by one.
    """
    if not words:
        return []
    halves = {one + two: (one, two) for one, two in joins(words)}
    asked = [*words, *halves]
    codes = [word for word in words if len(word) in CODE_LETTERS and word.isalpha()]
    rows = session.execute(
        LOOK_UP,
        {
            "words": asked,
            "slipped": [word for word in words if SLIPS_FROM <= len(word) <= LONGEST_SLIPPED],
            "codes": codes,
            "patterns": ["%".join(word) + "%" for word in codes],
            "is_desperate": is_desperate,
            "most": MOST_WORDS,
        },
    )
    known: dict[str, set[str]] = {word: set() for word in asked}
    for word, meant in rows:
        known[word].add(meant)
    remaining = list(words)
    for whole, (one, two) in halves.items():
        has_both = one in known[one] and two in known[two]
        if whole in known[whole] and not has_both and one in remaining and two in remaining:
            remaining[remaining.index(one)] = whole
            remaining.remove(two)
    return [_meaning(word, known[word]) for word in remaining]


def _meaning(word: str, known: Iterable[str]) -> Meaning:
    steps: dict[str, list[str]] = {"exact": [], "begun": [], "one_slip": [], "two_slips": [], "code": []}
    for one in sorted(known):
        if one == word:
            steps["exact"].append(one)
        elif one.startswith(word):
            steps["begun"].append(one)
        elif len(word) >= SLIPS_FROM and (number := slips(word, one)) <= MOST_SLIPS:
            if number == 1:
                steps["one_slip"].append(one)
            elif len(word) >= TWO_SLIPS_FROM:
                steps["two_slips"].append(one)
        elif len(word) in CODE_LETTERS and one.startswith(word[0]):
            steps["code"].append(one)
    steps["exact"] += [one for one in EQUALS.get(word, ()) if one not in steps["exact"]]
    return Meaning(**{step: tuple(words) for step, words in steps.items()})


def texts(words: Sequence[str]) -> ColumnElement[Sequence[str]]:
    """Return words as an array of the database."""
    return cast(array(words), ARRAY(Text))
