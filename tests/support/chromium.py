"""Find the Chromium that the browser tests drive, or install one: ``make browser`` runs this file.

Looked for in this order: ``$CHROMIUM``, the system's own, Playwright's. Where none is found, root on
Debian gets Debian's package, and anybody else Playwright's download; what is done is said.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

VARIABLE = "CHROMIUM"
"""Names an executable; the others are then not looked at."""
REQUIRED = "REQUIRE_BROWSER"
"""Set to 1, it turns a missing browser from a notice into a failure."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEBIAN_PACKAGE = "chromium"
HOW = f"""\
No Chromium was found, so nothing can be tried in a browser. Any one of these helps:
  sudo apt-get install chromium             (Debian, Ubuntu)
  .venv/bin/playwright install chromium     (any system, without root)
  export {VARIABLE}=/path/to/chromium-or-chrome
Then `make browser` says what it found."""


@dataclass(frozen=True, slots=True)
class Found:
    """An executable and whose it is."""

    path: str
    whose: str


def find_chromium() -> Found | None:
    """Return the Chromium to drive, or None. Raises FileNotFoundError if ``$CHROMIUM`` names nothing."""
    if named := os.environ.get(VARIABLE):
        path = shutil.which(named)
        if path is None:
            raise FileNotFoundError(f"{VARIABLE}={named} is no executable file")
        return Found(path, f"named by {VARIABLE}")
    for name in NAMES:
        if path := shutil.which(name):
            return Found(path, "the system's")
    path = _playwrights_path()
    return Found(path, "Playwright's") if Path(path).is_file() else None


def _playwrights_path() -> str:
    """Return where Playwright would keep its own."""
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def is_required() -> bool:
    """Whether a missing browser is a failure here."""
    return os.environ.get(REQUIRED) == "1"


def ways_to_install() -> Sequence[tuple[str, Callable[[], bool]]]:
    """Return what can be tried on this machine, best first: a sentence and the act."""
    ways: list[tuple[str, Callable[[], bool]]] = []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways.append((f"Installing Debian's package {DEBIAN_PACKAGE} with apt-get …", _install_debians))
    ways.append(("Downloading Playwright's own Chromium …", _install_playwrights))
    return ways


def _install_debians() -> bool:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return _runs(["apt-get", "update", "-qq"], quiet) and _runs(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", DEBIAN_PACKAGE], quiet
    )


def _install_playwrights() -> bool:
    return _runs([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def _runs(command: list[str], environment: dict[str, str]) -> bool:
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0


def main() -> int:
    """Find or install, and say which; return the exit code."""
    found = find_chromium()
    for sentence, install in () if found else ways_to_install():
        _say(sentence)
        if install() and (found := find_chromium()):
            break
        _say("  That did not work.")
    if found is None:
        _say(HOW)
        return 1
    version = subprocess.run([found.path, "--version"], capture_output=True, text=True, check=False)
    name = version.stdout.strip().split(" built on ")[0]
    _say(f"Browser: {found.path} ({found.whose}), {name or 'but it does not start: ' + version.stderr}")
    return 0 if name else 1


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
