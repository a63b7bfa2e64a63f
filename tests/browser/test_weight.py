"""What a page costs on a slow line: bytes and requests as they travel, on the first visit and the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.screens import SCREENS
from tests.support.browser import Look

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.screens import Screen
    from tests.browser.threads import Furniture
    from tests.browser.town import Town
    from tests.support.browser import Window

FIRST_BYTES = 80_000
NEXT_BYTES = 15_000
FIRST_REQUESTS = 12
NEXT_REQUESTS = 3
"""The page itself, and what a script asks for live."""


@pytest.mark.parametrize("screen", [screen for screen in SCREENS if screen.act is None], ids=str)
def test_weight(screen: Screen, window: Open, town: Town, furniture: Furniture) -> None:
    one = window(Look(390), town.member(screen.who))
    path = screen.where(town, furniture)
    scale = Scale(one)
    first = scale.weigh(path)
    one.go("about:blank")
    following = scale.weigh(path)
    assert first.bytes <= FIRST_BYTES, first
    assert first.requests <= FIRST_REQUESTS, first
    assert following.bytes <= NEXT_BYTES, following
    assert following.requests <= NEXT_REQUESTS, following


class Load:
    """What travelled for one page."""

    def __init__(self) -> None:
        self.by_address: dict[str, int] = {}

    @property
    def bytes(self) -> int:
        """Return how many bytes came over the line, headers included."""
        return sum(self.by_address.values())

    @property
    def requests(self) -> int:
        """Return how many requests went over the line: what the cache answers costs nothing."""
        return sum(size > 0 for size in self.by_address.values())

    def __repr__(self) -> str:
        """Return the list, heaviest first."""
        heaviest = sorted(self.by_address.items(), key=lambda pair: -pair[1])
        return f"{self.bytes} bytes: " + ", ".join(f"{address} {size}" for address, size in heaviest)


class Scale:
    """Weighs what the browser's own protocol says has come over the line."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.load = Load()
        self._addresses: dict[str, str] = {}
        session = window.context.new_cdp_session(window.page)
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._came)
        session.on("Network.dataReceived", self._streamed)
        session.send("Network.enable")

    def weigh(self, path: str) -> Load:
        """Open a path and return what it took until the page and all it needs had been loaded."""
        self.load = Load()
        self.window.go(path)
        return self.load

    def _asked(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _streamed(self, event: dict[str, Any]) -> None:
        self._add(event["requestId"], 0)

    def _came(self, event: dict[str, Any]) -> None:
        self._add(event["requestId"], event["encodedDataLength"])

    def _add(self, request: str, size: int) -> None:
        address = self._addresses.get(request, "?").removeprefix(self.window.base_url)
        self.load.by_address[address] = self.load.by_address.get(address, 0) + int(size)
