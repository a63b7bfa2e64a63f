"""docs/SECURITY.md answers each requirement of the OWASP ASVS 5.0.0, levels 1 and 2, once, by real tests.

``asvs.csv`` holds the standard's numbers and levels and none of its text.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

from tests.support.services import ROOT

PAGE = (ROOT / "docs" / "SECURITY.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\d+\.\d+\.\d+")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
WITHOUT_TEST = ("Does not apply: ", "No test: ", "Open: ")


@dataclass(frozen=True)
class Answer:
    """One line of a table."""

    numbers: tuple[str, ...]
    how: str
    tried_by: str


def section(heading: str) -> str:
    begin = PAGE.index(f"\n## {heading}\n")
    end = PAGE.find("\n## ", begin + 1)
    return PAGE[begin : end if end > 0 else None]


def answers() -> list[Answer]:
    found = []
    for line in section("Row by row").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and NUMBER.match(cells[0]):
            assert len(cells) == 3, line
            found.append(Answer(tuple(cells[0].split(", ")), cells[1], cells[2]))
    return found


def required() -> dict[str, str]:
    path = ROOT / "tests" / "contracts" / "asvs.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["requirement"]: row["level"] for row in csv.DictReader(lines)}


def test_the_list_is_the_standards() -> None:
    # ASVS 5.0.0: 70 requirements of level 1, 183 of level 2 (and 92 of level 3, which are not promised).
    assert Counter(required().values()) == {"1": 70, "2": 183}


def test_every_requirement_is_answered_once() -> None:
    counted = Counter(number for answer in answers() for number in answer.numbers)
    assert {number for number, count in counted.items() if count > 1} == set()
    assert set(counted) ^ set(required()) == set()


def test_every_answer_names_a_test_or_says_why_there_is_none() -> None:
    for answer in answers():
        if NAMED.search(answer.tried_by) is None:
            has_reason = answer.how.startswith(WITHOUT_TEST) or answer.tried_by.startswith("No test: ")
            assert has_reason, answer.numbers


def test_every_named_test_is_there() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 100
    for path, name in named:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not name or f"\ndef {name}(" in text, f"{path}::{name}"
    for folder in re.findall(r"`(tests/[\w/]+)`", PAGE):
        assert (ROOT / folder).is_dir(), folder


def test_what_is_missing_stands_under_open() -> None:
    still = section("Open")
    for answer in answers():
        if "Open: " in answer.how:
            assert any(number in still for number in answer.numbers), answer.numbers
