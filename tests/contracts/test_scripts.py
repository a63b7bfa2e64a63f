"""Scripts of pages build no markup, run no text, keep nothing in the browser and speak to no other window."""

from __future__ import annotations

import re

from tests.support.services import ROOT

SCRIPTS = sorted((ROOT / "hub").glob("*/static/**/*.js"))
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|postMessage"
    r"|localStorage|sessionStorage|indexedDB|document\.cookie|__proto__"
)


def test_scripts_write_text_as_text_and_keep_nothing() -> None:
    assert len(SCRIPTS) > 3
    found = [
        f"{path.name}: {line.strip()}"
        for path in SCRIPTS
        for line in path.read_text(encoding="utf-8").splitlines()
        if FORBIDDEN.search(line)
    ]
    assert found == []
