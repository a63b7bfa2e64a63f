"""The Makefile forgets no suite and keeps the budget; env.example names every variable that is read."""

from __future__ import annotations

import re
import subprocess

from config.settings import ROLES
from tests.support.services import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
WHOLE_SECONDS = 480
OWN_TARGET = {"faults", "oidc"}
"""What is slow and rare: `make faults` and `make oidc` run it."""


def variable(name: str) -> str:
    found = re.search(rf"^{name} := (.*)$", MAKEFILE, re.MULTILINE)
    assert found, name
    return found.group(1)


def test_every_suite_is_run_within_a_budget_and_all_within_eight_minutes() -> None:
    suites = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}
    suites -= OWN_TARGET
    assert set(variable("SUITES").split()) >= suites
    assert sum(int(variable(f"BUDGET_{suite}")) for suite in suites) <= WHOLE_SECONDS


def test_help_names_every_target() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert targets
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in targets.group(1).split():
        assert re.search(rf"^  make {target} +[A-Z]", told, re.MULTILINE), target


def test_the_example_names_every_variable_that_the_code_reads() -> None:
    read: set[str] = set()
    for path in (ROOT / "config").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name == "settings.py":
            read |= set(re.findall(r'reader\.\w+\(\s*"([A-Z_]+)"', text))
        read |= set(re.findall(r'(?:_given|environ)\.get\("([A-Z_]+)"', text))
    assert len(read) > 10
    example = (ROOT / "config" / "env.example").read_text(encoding="utf-8")
    for name in read - {f"DATABASE_URL_{role.upper()}" for role in ROLES} - {"HUB_CRASH_AT", "HUB_PACE"}:
        assert re.search(rf"^#?{name}=", example, re.MULTILINE), name
