"""The browser, the hub it opens, and what happens where a machine has no browser.

Without Chromium these tests are skipped and the summary says so in capitals; with REQUIRE_BROWSER=1
they fail. What a failed test last saw is kept under ``artefacts/failures``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.threads import furnish
from tests.browser.town import running_town
from tests.support import chromium
from tests.support.browser import ARTEFACTS, Look, Window, open_window

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from playwright.sync_api import Browser

    from config.settings import Settings
    from tests.browser.threads import Furniture
    from tests.browser.town import Town
    from tests.support.cast import Member

FAILURES = ARTEFACTS / "failures"
MISSING = "no Chromium on this machine: see `make browser`"
_has_failed = pytest.StashKey[bool]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that nothing was tried in a browser."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_sep("!", "NOTHING WAS TRIED IN A BROWSER", red=True, bold=True)
        terminalreporter.write_line(chromium.HOW)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the fixtures know whether the test itself failed."""
    report = yield
    if report.when == "call":
        item.stash[_has_failed] = report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield the browser of this xdist worker."""
    found = chromium.find_chromium()
    if found is None:
        if chromium.is_required():
            pytest.fail(MISSING, pytrace=False)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        # Without a sandbox (Playwright's default): containers often allow none, and it opens our pages only.
        launched = playwright.chromium.launch(executable_path=found.path, args=["--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def town(browser: Browser, shared_settings: Settings) -> Iterator[Town]:
    """Yield the running hub, a month after its first day, so that every page has something to show.

    The browser is asked for first: where it is missing nothing is started.
    """
    del browser
    with running_town(shared_settings) as running:
        running.furniture = furnish(running)
        yield running


@pytest.fixture(scope="session")
def furniture(town: Town) -> Furniture:
    """Return the collaboration at every step that the town was furnished with."""
    return town.furniture


class Open(Protocol):
    """Opens a window with a look, for somebody or for nobody."""

    def __call__(self, look: Look | None = None, member: Member | None = None) -> Window:
        """Return the window; it is closed, and judged, after the test."""


@pytest.fixture
def window(request: pytest.FixtureRequest, browser: Browser, town: Town) -> Iterator[Open]:
    """Yield the function that opens windows; each must have been without fault at the end of the test."""
    opened: list[Window] = []

    def open_one(look: Look | None = None, member: Member | None = None) -> Window:
        look = look or Look()
        if member:
            town.speak(member, look.language)
        cookie = town.person(member).cookie if member else None
        one = open_window(browser, town.base_url, look, cookie=cookie)
        opened.append(one)
        return one

    yield open_one
    if request.node.stash.get(_has_failed, False):
        for number, one in enumerate(opened):
            _keep_failure(f"{request.node.nodeid}-{number}", one)
            one.context.close()
        return
    for one in opened:
        one.close()


def _keep_failure(name: str, window: Window) -> None:
    FAILURES.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^\w.-]+", "_", name.removeprefix("tests/browser/"))
    window.page.screenshot(path=FAILURES / f"{stem}.png", full_page=True)
    (FAILURES / f"{stem}.html").write_text(window.page.content(), encoding="utf-8")
