"""The structure: import contract, empty packages, and what each process does not load."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("hub", "workers", "config")
BANNED_NAMES = {"utils", "helpers", "common", "services", "managers"}


def tracked(*patterns: str) -> list[Path]:
    """Return the files git tracks, or would: so that a new file is held to the same promises."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def loaded_by(code: str) -> set[str]:
    """Return the top-level packages that are loaded after running ``code`` in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(' '.join(m.split('.')[0] for m in sys.modules))"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


def test_import_contract_holds() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", tracked("*__init__.py"), ids=lambda path: str(path.relative_to(ROOT)))
def test_package_file_is_a_docstring_and_nothing_else(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert len(body) == 1, "one blueprint imported here would load Flask into every worker"
    assert isinstance(body[0], ast.Expr)
    assert isinstance(body[0].value, ast.Constant)


def test_no_drawer_for_everything() -> None:
    names = {path.stem for path in tracked("hub/*.py", "workers/*.py", "config/*.py")}
    assert not names & BANNED_NAMES


def test_worker_does_not_load_flask() -> None:
    loaded = loaded_by("import workers.app, workers.relay.relay")
    assert "celery" in loaded
    assert not loaded & {"flask", "werkzeug", "flask_smorest"}


def test_web_does_not_load_the_broker() -> None:
    loaded = loaded_by("import hub.factory")
    assert "flask" in loaded
    assert not loaded & {"celery", "kombu", "redis"}


def test_environment_is_read_in_config_only() -> None:
    reading = re.compile(r"os\.environ|os\.getenv|from os import .*(environ|getenv)")
    found = [
        str(path.relative_to(ROOT))
        for path in tracked("hub/*.py", "workers/*.py")
        if reading.search(path.read_text(encoding="utf-8"))
    ]
    assert not found


BARE_NOW = re.compile(
    r"(?<![\w.])(now\(\)|CURRENT_TIMESTAMP|clock_timestamp\(\)|LOCALTIMESTAMP)", re.IGNORECASE
)
CONDITION = re.compile(r"due_at|expires_at|valid|during|respond_by|slot_on|revoked_at|blocked_until|lease")


def test_no_bare_now_in_a_due_condition() -> None:
    """hub_now() is the only judge; now() in such a line would ignore the demo's clock."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked("hub/*.py", "workers/*.py")
        if "migrations" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if BARE_NOW.search(line) and CONDITION.search(line)
    ]
    assert not found


def test_no_process_waits_outside_the_rows() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in tracked("hub/*.py", "workers/*.py")
        if re.search(r"\beta=|countdown=|\.delay\(|\.retry\(", path.read_text(encoding="utf-8"))
    ]
    assert not found


REGISTRY = re.compile(
    "py" r"pi\.org|python" r"hosted|npm" r"js\.|/" r"work/|/fa" r"rm/|//deb" r"\.debian|/root" "/"
)


def test_no_registry_address_or_machine_path_in_a_tracked_file() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if REGISTRY.search(text):
            found.append(str(path.relative_to(ROOT)))
    assert not found
