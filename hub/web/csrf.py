"""Refuse requests that another site made a browser send.

Where the request comes from is asked first (Sec-Fetch-Site, Origin); a signed-in browser must also show
a token that only our pages and programs know. A bearer token needs none: no browser sends it by itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hub.errors import Forbidden
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from flask import Request

HEADER = "X-CSRF-Token"
FORM_FIELD = "_csrf"
MASKED_LENGTH = 88
"""Characters of a masked token: 32 bytes of pad and 32 bytes under it, in base64."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_token(cookie: str) -> str:
    """Return the token that belongs to a signed-in browser's cookie: nobody without the cookie knows it."""
    return hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()


def masked(token: str) -> str:
    """Return a token under a random pad, new each time; ``unmasked`` takes the pad off again."""
    plain = bytes.fromhex(token)
    pad = secrets.token_bytes(len(plain))
    hidden = bytes(one ^ other for one, other in zip(plain, pad, strict=True))
    return base64.urlsafe_b64encode(pad + hidden).decode("ascii")


def unmasked(shown: str) -> str:
    """Return the token under the pad; what was never masked comes back as it is."""
    if len(shown) != MASKED_LENGTH:
        return shown
    try:
        both = base64.b64decode(shown.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return shown
    half = len(both) // 2
    return bytes(one ^ other for one, other in zip(both[:half], both[half:], strict=True)).hex()


def demand_csrf_token(request: Request, cookie: str) -> None:
    """Raise Forbidden unless an unsafe request shows the token of its cookie."""
    shown = request.headers.get(HEADER) or request.form.get(FORM_FIELD) or ""
    if not hmac.compare_digest(unmasked(shown).encode(), csrf_token(cookie).encode()):
        raise Forbidden(
            lazy("The form is out of date. Load the page again and repeat what you did."), code="csrf"
        )


def demand_own_origin(request: Request, base_url: str) -> None:
    """Raise Forbidden where a browser says that another site sent this unsafe request.

    "Origin: null" comes from our own pages, too, because of their referrer policy; older browsers, which
    send no Sec-Fetch-Site with it, are held by the token alone.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        own = site in ("same-origin", "none")
    else:
        origin = request.headers.get("Origin")
        own = origin in (None, "null", _origin(base_url), _origin(request.host_url))
    if not own:
        raise Forbidden(lazy("Another site sent this request, so it was not carried out."), code="cross-site")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
