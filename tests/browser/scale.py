"""Weighs what a page costs on a slow line: bytes and requests as they travel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Response

    from tests.support.browser import Window


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
    """Weighs by what the browser's own protocol says has come over the line."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.load = Load()
        self._addresses: dict[str, str] = {}
        self.session = window.context.new_cdp_session(window.page)
        self.session.on("Network.requestWillBeSent", self._asked)
        self.session.on("Network.loadingFinished", self._came)
        self.session.send("Network.enable")

    def weigh(self, path: str) -> tuple[Response | None, Load]:
        """Open a path; return the answer and what it took until the page and all it needs was there."""
        self.load = Load()
        response = self.window.go(path)
        return response, self.load

    def close(self) -> None:
        """Stop weighing."""
        self.session.detach()

    def _asked(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _came(self, event: dict[str, Any]) -> None:
        address = self._addresses.get(event["requestId"], "?").removeprefix(self.window.base_url)
        size = int(event["encodedDataLength"])
        self.load.by_address[address] = self.load.by_address.get(address, 0) + size
