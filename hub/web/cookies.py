"""The browser's cookies: every one belongs to this host alone, and no script can read it.

Over TLS (and on this machine) a cookie's name begins with ``__Host-``, which makes browsers insist on Secure,
path / and no domain (RFC 6265bis 4.1.3.2). In an intranet without TLS (``HUB_TLS=off-intranet``) browsers
keep no such cookie, so there the names are bare and the mark is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

from flask import current_app

if TYPE_CHECKING:
    from flask import Request
    from werkzeug.wrappers import Response

    from config.settings import Settings
    from hub.web.application import HubFlask

SIGN_IN = "hub"
LONGEST = 200
BOUND = "__Host-"


class Marks(TypedDict):
    """What every cookie of the hub is marked with."""

    path: str
    secure: bool
    httponly: bool
    samesite: str


def cookie_name(name: str, settings: Settings) -> str:
    """Return what a cookie (``hub``, ``hub-notice``) is called in browsers at the hub's address."""
    return name if settings.is_without_tls else BOUND + name


def held_cookie(request: Request, name: str, *, longest: int) -> str:
    """Return a cookie's value; empty where there is none, or one of an odd shape."""
    value = request.cookies.get(cookie_name(name, _settings()), "")
    return value if len(value) <= longest and value.isascii() else ""


def keep_cookie(response: Response, name: str, value: str, *, seconds: int) -> None:
    """Give the browser a cookie for so long.

    Seconds and no date: a browser's clock is its own, and the demo's is another.
    """
    settings = _settings()
    response.set_cookie(cookie_name(name, settings), value, max_age=seconds, **_marks(settings))


def forget_cookie(response: Response, name: str) -> None:
    """Make the browser forget a cookie."""
    settings = _settings()
    response.delete_cookie(cookie_name(name, settings), **_marks(settings))


def read_cookie(request: Request) -> str | None:
    """Return the token of the sign-in, or None; one of an odd shape counts as none."""
    return held_cookie(request, SIGN_IN, longest=LONGEST) or None


def write_cookie(response: Response, token: str, seconds: int) -> None:
    """Give the browser the token of its sign-in for so long."""
    keep_cookie(response, SIGN_IN, token, seconds=seconds)


def remove_cookie(response: Response) -> None:
    """Make the browser forget its sign-in."""
    forget_cookie(response, SIGN_IN)


def _marks(settings: Settings) -> Marks:
    return {"path": "/", "secure": not settings.is_without_tls, "httponly": True, "samesite": "Lax"}


def _settings() -> Settings:
    return cast("HubFlask", current_app).settings
