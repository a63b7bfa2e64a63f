"""docs/RELIABILITY.md says of every fault which promise it strikes."""

from __future__ import annotations

import re

from tests.faults.fault import all_faults
from tests.support.services import ROOT

PAGE = (ROOT / "docs" / "RELIABILITY.md").read_text(encoding="utf-8")


def test_every_fault_stands_beside_the_promise_it_strikes() -> None:
    promised = PAGE.partition("## Promised")[2].partition("\n## ")[0]
    testers = " ".join(row.rsplit("|", 2)[1] for row in re.findall(r"^\|.*\|$", promised, re.MULTILINE))
    named = set(re.findall(r"\b[CF]\d+P?\b", testers))
    assert named == set(all_faults())
