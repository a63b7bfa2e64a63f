"""Give every answer the headers that keep browsers and caches from doing harm."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from hub.web.request import scope

if TYPE_CHECKING:
    from flask import Response

    from config.settings import Settings

STATIC_SECONDS = 31_536_000
YEAR = 31_536_000


def nonce() -> str:
    """Return the nonce that this answer's scripts must carry; asking for it allows them."""
    current = scope()
    if current.nonce is None:
        current.nonce = secrets.token_urlsafe(16)
    return current.nonce


def set_headers(response: Response, settings: Settings, *, is_static: bool) -> Response:
    """Set the security and caching headers of one answer."""
    headers = response.headers
    headers["Content-Security-Policy"] = content_policy(is_page=response.mimetype == "text/html")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if settings.base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    if is_static and response.status_code < 400:  # noqa: PLR2004 -- HTTP's own number
        # The address carries the content's hash, so a changed file has another address.
        headers["Cache-Control"] = f"public, max-age={STATIC_SECONDS}, immutable"
    else:
        headers["Cache-Control"] = "no-store"
        response.vary.update(("Cookie", "Authorization", "Accept-Language"))
    return response


def content_policy(*, is_page: bool) -> str:
    """Return the content security policy: nothing at all for data, only our own files for a page."""
    rules = ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"]
    if is_page:
        rules += ["style-src 'self'", "img-src 'self' data:", "form-action 'self'"]
        if (script := scope().nonce) is not None:
            rules += [f"script-src 'nonce-{script}'", "connect-src 'self'"]
    return "; ".join(rules)
