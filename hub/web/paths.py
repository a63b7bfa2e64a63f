"""Where a reader may be sent on to: only a page of the hub itself, never another site."""

from __future__ import annotations

from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from hub.web.request import hub_app

LONGEST = 500
NO_PAGES = ("/api/", "/static/", "/healthz")


def path_of_page(asked: str | None) -> str | None:
    """Return the path and query if GET shows a page of ours there, else None.

    Only what the routes themselves know is a page; so no spelling of another host gets through.
    """
    return _own(asked, "GET")


def path_of_form(asked: str | None) -> str | None:
    """Return the path and query if a form of ours is sent there, else None."""
    return _own(asked, "POST")


def _own(asked: str | None, method: str) -> str | None:
    if not asked or len(asked) > LONGEST or not asked.isascii() or not asked.isprintable() or "\\" in asked:
        return None
    parts = urlsplit(asked)
    if parts.scheme or parts.netloc or not asked.startswith("/") or asked.startswith("//"):
        return None
    if parts.path.startswith(NO_PAGES):
        return None
    try:
        hub_app().url_map.bind("localhost").match(parts.path, method=method)
    except (HTTPException, RequestRedirect):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")
