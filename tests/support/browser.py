"""Somebody at a browser: one window with a width, a language, a colour scheme, with scripts or without.

A window notes what no page may ever do: an error in the console (a refused style or script is one), an
exception, a request to another origin, a missing file. ``Window.close`` fails if anything was noted.
Waiting is Playwright's own (``expect``); nothing here sleeps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from playwright.sync_api import expect

from hub.texts.catalogue import translate, translations

if TYPE_CHECKING:
    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Locator,
        Page,
        Request,
        Response,
        ViewportSize,
    )

ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts"
SCREENS = ARTEFACTS / "screens"
PATIENCE_MS = 15_000
"""How long an expectation may take; far more than it does, so only a fault ends it."""
HEIGHTS = {390: 844, 1280: 800}
COOKIE = "__Host-hub"
CLIENT_ERRORS = 400
SERVER_ERRORS = 500
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # Not among axe's defaults, though of WCAG 2.2 AA.
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}

expect.set_options(timeout=PATIENCE_MS)

Scheme = Literal["light", "dark"]
Language = Literal["id", "en"]


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at the hub."""

    width: int = 1280
    language: Language = "id"
    scheme: Scheme = "light"
    script: bool = True

    def __str__(self) -> str:
        """Return the name that files and tests carry."""
        return f"{self.width}-{self.language}-{self.scheme}" + ("" if self.script else "-noscript")

    @property
    def size(self) -> ViewportSize:
        """Return the viewport."""
        return {"width": self.width, "height": HEIGHTS[self.width]}


@dataclass
class Window:  # without slots: Playwright keeps its handlers on the object
    """One window of one person; open it by ``open_window``."""

    look: Look
    base_url: str
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note from now on what no page may do."""
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.faults.append(f"exception: {error.error}"))
        self.context.on("request", self._see_request)
        self.context.on("response", self._see_response)

    def _hear(self, message: ConsoleMessage) -> None:
        # A refused document (422, 404) is told there, too; a missing file is seen by its response.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console on {self.page.url}: {message.text}")

    def _see_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.base_url}/", "data:", "blob:")):
            self.faults.append(f"request to another origin: {request.url}")

    def _see_response(self, response: Response) -> None:
        lowest = SERVER_ERRORS if response.request.resource_type == "document" else CLIENT_ERRORS
        if response.status >= lowest:
            self.faults.append(f"{response.status} for {response.request.method} {response.url}")

    # What a person does ---------------------------------------------------------------------------

    def go(self, path: str) -> Response | None:
        """Open a path, or a whole address of this hub."""
        return self.page.goto(path)

    def speak(self) -> None:
        """Let the page speak this window's language, by one press if it does not yet."""
        html = self.page.locator("html")
        if html.get_attribute("lang") != self.look.language:
            name = NAMES[self.look.language]
            press = self.page.get_by_role("link", name=name).or_(self.page.get_by_role("button", name=name))
            press.click()
            expect(html).to_have_attribute("lang", self.look.language)

    def say(self, message: str, **values: object) -> str:
        """Return a text of the hub in this window's language, by its English. Raises LookupError.

        A journey so reads the page as a person does, and breaks when a text is not there any more.
        """
        if translations("id").gettext(message) == message and message not in SAME_IN_BOTH:
            raise LookupError(f"the hub has no text {message!r}")
        return translate(self.look.language, message, **values)

    def field(self, name: str) -> Locator:
        """Return the visible control of the form field with this name."""
        return self.page.locator(f"[name={name!r}]:not([type=hidden])").filter(visible=True)

    def fill(self, **values: str) -> None:
        """Type into fields by their names (``agenda_0_title`` is ``agenda-0-title`` on the page too)."""
        for name, value in values.items():
            self.field(name).fill(value)

    def button(self, message: str, **values: object) -> Locator:
        """Return a button by its text."""
        return self.page.get_by_role("button", name=self.say(message, **values), exact=True)

    def press(self, message: str, **values: object) -> None:
        """Press the button with this text; the page that follows is waited for by what is expected of it."""
        self.button(message, **values).click()

    def link(self, message: str, **values: object) -> Locator:
        """Return a link by its text."""
        return self.page.get_by_role("link", name=self.say(message, **values), exact=True)

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Expect this text in the page's content."""
        expect(self.page.locator("main")).to_contain_text(text)

    def sees_not(self, text: str) -> None:
        """Expect that this text does not stand in the page's content."""
        expect(self.page.locator("main")).not_to_contain_text(text)

    def sees_heading(self, text: str | re.Pattern[str]) -> None:
        """Expect the page's own heading."""
        expect(self.page.locator("h1")).to_contain_text(text)

    def is_at(self, path: str | re.Pattern[str]) -> None:
        """Expect to be at a path (query and fragment left aside)."""
        pattern = path.pattern if isinstance(path, re.Pattern) else re.escape(path)
        expect(self.page).to_have_url(re.compile(rf"^{re.escape(self.base_url)}{pattern}([?#].*)?$"))

    # What a test measures -------------------------------------------------------------------------

    def shot(self, name: str) -> None:
        """Keep a picture of the whole page under ``artefacts/screens``."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"{name}-{self.look}.png", full_page=True)

    def wear(self, look: Look) -> None:
        """Change width and colour scheme of the open page; the language follows by ``speak``."""
        assert look.script == self.look.script
        self.look = look
        self.page.set_viewport_size(look.size)
        self.page.emulate_media(color_scheme=look.scheme)

    def demand_accessible(self) -> None:
        """Fail with what axe finds on the page as it is now, and if it scrolls sideways."""
        self.page.evaluate(axe())
        found = self.page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
        assert not found, f"axe on {self.page.url} ({self.look}):\n" + "\n".join(map(_violation, found))
        self.demand_narrow()

    def demand_narrow(self) -> None:
        """Fail if the page scrolls sideways."""
        over = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, f"{self.page.url} ({self.look}) is {over} px too wide"

    def close(self) -> None:
        """Close the window; fails if a page did what none may do."""
        self.context.close()
        assert not self.faults, f"In the window {self.look}:\n" + "\n".join(self.faults)


NAMES = {"id": "Bahasa Indonesia", "en": "English"}
SAME_IN_BOTH = frozenset({"Agenda", "Status"})
"""Texts that are the same word in both languages."""


def open_window(browser: Browser, base_url: str, look: Look, *, cookie: str | None = None) -> Window:
    """Open a window, signed in by this cookie if one is given."""
    context = browser.new_context(
        base_url=base_url,
        viewport=look.size,
        locale="id-ID" if look.language == "id" else "en-GB",
        color_scheme=look.scheme,
        java_script_enabled=look.script,
        reduced_motion="reduce",
        timezone_id="Asia/Jakarta",
    )
    context.set_default_timeout(PATIENCE_MS)
    if cookie is not None:
        sign_in_by(context, base_url, cookie)
    window = Window(look, base_url, context, context.new_page())
    window.watch()
    return window


def sign_in_by(context: BrowserContext, base_url: str, cookie: str) -> None:
    """Give a window the cookie of a sign-in that was made elsewhere."""
    context.add_cookies(
        [
            {
                "name": COOKIE,
                "value": cookie,
                "url": base_url.replace("http://", "https://"),
                "secure": True,
                "httpOnly": True,
                "sameSite": "Lax",
            }
        ]
    )


@lru_cache(maxsize=1)
def axe() -> str:
    """Return axe-core's script, from the wheel that brings it along."""
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def _violation(found: dict[str, Any]) -> str:
    lines = [f"  {found['id']} ({found['impact']}): {found['help']}"]
    for node in found["nodes"][:3]:
        lines += [f"    {node['html'][:200]}", f"      {node['failureSummary']}"]
    return "\n".join(lines)
