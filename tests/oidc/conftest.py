"""A true provider (npm's oidc-provider), a hub that knows it, and a browser between them.

Without Node.js, npm or Chromium nothing is tried and the reason is said; with REQUIRE_OIDC=1 that fails.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
import urllib3
from playwright.sync_api import sync_playwright

from hub.db.transaction import Database
from tests.support import chromium
from tests.support.cast import build_cast
from tests.support.fleet import Fleet, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from config.settings import Settings
    from tests.support.cast import Cast

HERE = Path(__file__).parent
KEPT = HERE.parents[1] / ".oidc-provider"
"""Where npm puts the provider: once for each lock file."""
SECRET = "a secret: of / the client+"
NAME = "SSO Uji"
INSTALL_SECONDS = 180
WEB = ("gunicorn", "--config", "python:config.gunicorn", "hub.wsgi:app")


@dataclass(frozen=True, slots=True)
class Meeting:
    """A hub and the provider it knows."""

    base_url: str
    issuer: str
    cast: Cast
    provider: subprocess.Popen[str]


def give_up(reason: str) -> NoReturn:
    """Skip what cannot be tried here, or fail where it is demanded."""
    if os.environ.get("REQUIRE_OIDC") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield a browser."""
    found = chromium.find_chromium()
    if found is None:
        give_up("no Chromium on this machine: see `make browser`")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found.path, args=["--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def installed() -> Path:
    """Return the folder with the provider, installed by its lock file."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        give_up("Node.js and npm are needed for the true provider (Debian: apt-get install nodejs npm)")
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    done = KEPT / "installed-lock.json"
    if not done.is_file() or done.read_text(encoding="utf-8") != lock:
        KEPT.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, KEPT)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            subprocess.run(
                command, cwd=KEPT, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            give_up(f"the true provider could not be installed: {error} {error.stderr!r}")
        done.write_text(lock, encoding="utf-8")
    shutil.copy(HERE / "provider.mjs", KEPT)
    return KEPT


@pytest.fixture(scope="session")
def meeting(browser: Browser, installed: Path, shared_settings: Settings) -> Iterator[Meeting]:
    """Yield a running hub and a running provider that know each other."""
    del browser
    web, port = free_port(), free_port()
    issuer, base_url = f"http://127.0.0.1:{port}", f"http://localhost:{web}"
    here = dataclasses.replace(shared_settings, base_url=base_url, web_bind=f"127.0.0.1:{web}")
    owner = Database.connect(here, "owner")
    with owner.transaction() as session:
        cast = build_cast(session)
    owner.dispose()
    log = here.home / "provider.log"
    with log.open("w", encoding="utf-8") as said, Fleet(here) as fleet:
        provider = subprocess.Popen(
            ["node", "provider.mjs", str(port), "sinergi-hub", SECRET, f"{base_url}/sign-in/provider/back"],
            cwd=installed,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            fleet.start(
                "web",
                (sys.executable, "-m", *WEB),
                HUB_WEB_BIND=here.web_bind,
                HUB_WEB_WORKERS="1",
                HUB_OIDC_ISSUER=issuer,
                HUB_OIDC_CLIENT_ID="sinergi-hub",
                HUB_OIDC_CLIENT_SECRET=SECRET,
                HUB_OIDC_NAME=NAME,
            )
            wait_until(
                lambda: "listening" in log.read_text(encoding="utf-8") or provider.poll() is not None,
                "the provider listens",
                60,
            )
            assert provider.poll() is None, log.read_text(encoding="utf-8")
            wait_until(lambda: _answers(base_url), "the web process answers", 60)
            yield Meeting(base_url, issuer, cast, provider)
        finally:
            if provider.stdin is not None:
                provider.stdin.close()
            provider.kill()
            provider.wait(10)


def _answers(base_url: str) -> bool:
    try:
        return urllib3.request("GET", f"{base_url}/healthz", retries=False, timeout=2).status == 200
    except urllib3.exceptions.HTTPError:
        return False
