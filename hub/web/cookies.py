"""The browser's cookie: its name binds it to this host, and no script can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Request, Response

NAME = "__Host-hub"
LONGEST = 200


def read_cookie(request: Request) -> str | None:
    """Return the token in the cookie, or None; one of an odd shape counts as none."""
    value = request.cookies.get(NAME)
    return value if value and len(value) <= LONGEST and value.isascii() else None


def write_cookie(response: Response, token: str, seconds: int) -> None:
    """Give the browser its token for so long; ``__Host-`` makes it insist on Secure, path / and no domain.

    Seconds and no date: a browser's clock is its own, and the demo's is another.
    """
    response.set_cookie(NAME, token, max_age=seconds, path="/", secure=True, httponly=True, samesite="Lax")


def remove_cookie(response: Response) -> None:
    """Make the browser forget its token."""
    response.delete_cookie(NAME, path="/", secure=True, httponly=True, samesite="Lax")
