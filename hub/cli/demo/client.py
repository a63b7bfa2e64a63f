"""A visitor of the hub: an HTTP client that does what a browser or a small program would do.

The sign-in cookie is ``Secure``; browsers send it to http://localhost all the same, Python's cookie jars
do not, so it is carried by hand.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlencode, urlsplit

import orjson
import urllib3

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from urllib3.response import BaseHTTPResponse

API = "/api/v1"
COOKIE = "__Host-hub"
ANSWER_SECONDS = 15
PAGE_OF_A_LIST = 100


class RefusedError(Exception):
    """The hub answered with an error, or not at all (status 0)."""

    def __init__(self, method: str, path: str, status: int, said: str) -> None:
        self.status = status
        answered = f"was answered with {status}" if status else "was not answered"
        super().__init__(f"{method} {path} {answered}: {said}")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the hub."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> dict[str, Any]:
        """Return the JSON object."""
        return cast("dict[str, Any]", orjson.loads(self.content))

    @property
    def text(self) -> str:
        """Return the page."""
        return self.content.decode()

    @property
    def etag(self) -> str:
        """Return the version for If-Match."""
        return self.headers["ETag"]


class Visitor:
    """Somebody with a browser: signed in or not, with the cookie and the CSRF token at hand."""

    def __init__(self, base_url: str, *, locale: str = "id") -> None:
        self.base_url = base_url
        self._locale = locale
        self._cookie = ""
        self._csrf = ""
        # The hub's own address only, and never a repetition behind the caller's back.
        self._pool = urllib3.PoolManager(retries=False, timeout=ANSWER_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()

    def sign_in(self, email: str, password: str) -> Self:
        """Sign in; raises RefusedError."""
        reply = self.post("/sign-ins", {"email": email, "password": password})
        self._cookie = reply.headers["Set-Cookie"].split(";")[0]
        self._csrf = reply.body["csrf_token"]
        return self

    def get(self, path: str, **query: object) -> Reply:
        """Read from the API."""
        address = f"{API}{path}"
        return self._ask("GET", f"{address}?{urlencode(query)}" if query else address)

    def every(self, path: str, **query: object) -> Iterator[dict[str, Any]]:
        """Read a whole list, page by page."""
        after: dict[str, object] = {}
        while True:
            body = self.get(path, limit=PAGE_OF_A_LIST, **query, **after).body
            yield from body["items"]
            if not body["next"]:
                return
            after = {"after": body["next"]}

    def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, key: str = "", etag: str = ""
    ) -> Reply:
        """Do something once: the same ``key`` again gives the same answer."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self._send("POST", path, body, etag, headers)

    def put(self, path: str, body: Mapping[str, Any], *, etag: str) -> Reply:
        """Replace what stands there."""
        return self._send("PUT", path, body, etag, {})

    def patch(self, path: str, body: Mapping[str, Any], *, etag: str) -> Reply:
        """Change what stands there."""
        return self._send("PATCH", path, body, etag, {})

    def page(self, url: str) -> Reply:
        """Open a page by its whole address, as a link in a mail is opened."""
        return self._ask("GET", self._own(url), {"Accept": "text/html"})

    def fill_in(self, url: str, fields: Mapping[str, str]) -> Reply:
        """Send a page's form; follows the redirect after it. Raises RefusedError."""
        headers = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
        reply = self._ask("POST", self._own(url), headers, urlencode(fields).encode())
        if place := reply.headers.get("Location"):
            return self.page(place)
        return reply

    def _own(self, url: str) -> str:
        parts = urlsplit(url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, etag: str, headers: dict[str, str]
    ) -> Reply:
        if etag:
            headers["If-Match"] = etag
        headers["Content-Type"] = "application/json"
        return self._ask(method, f"{API}{path}", headers, orjson.dumps({} if body is None else body))

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> Reply:
        sent = {"Accept": "application/json", "Accept-Language": self._locale, **(headers or {})}
        if self._cookie:
            sent["Cookie"] = self._cookie
            sent["X-CSRF-Token"] = self._csrf
        try:
            raw: BaseHTTPResponse = self._pool.request(
                method, self.base_url + path, body=content, headers=sent, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise RefusedError(method, path, 0, str(error)) from error
        reply = Reply(raw.status, raw.headers, raw.data)
        if raw.status >= 400:  # noqa: PLR2004 -- HTTP's own number
            raise RefusedError(method, path, raw.status, _said(reply))
        return reply


def _said(reply: Reply) -> str:
    """Return the sentence of a problem, or the beginning of whatever came instead."""
    if "problem+json" not in reply.headers.get("Content-Type", ""):
        return reply.text[:200]
    body = reply.body
    faults = "; ".join(f"{fault['field']}: {fault['message']}" for fault in body.get("errors", []))
    return f"{body['detail']} ({body['code']}) {faults}".strip()
