"""Render pages: HTML in the reader's language, with what every page's layout needs.

A page's template extends ``web/layout.html`` and finds the layout's needs in ``page``: the nonce, the
CSRF token, a fresh idempotency key, the address of a static file.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, request

from hub.texts.rendering import render
from hub.web.csrf import csrf_token
from hub.web.headers import nonce
from hub.web.request import locale, scope

STATIC = Path(__file__).parent / "static"


class Page:
    """What a layout may ask, as ``page.…`` in a template."""

    @property
    def csrf(self) -> str:
        """Return the token for a hidden field ``_csrf``; empty where nobody is signed in by cookie."""
        cookie = scope().cookie
        return csrf_token(cookie) if cookie else ""

    @property
    def key(self) -> str:
        """Return a fresh idempotency key for a hidden field ``_key``; ask once per form."""
        return secrets.token_urlsafe(18)

    @property
    def nonce(self) -> str:
        """Return the nonce for a ``<script nonce=…>``."""
        return nonce()

    @property
    def path(self) -> str:
        """Return the path of this page, where its form may post to."""
        return request.path

    @property
    def person(self) -> str:
        """Return the name of who is signed in, or an empty text."""
        actor = scope().actor
        return actor.label if actor.person_id is not None else ""

    def static(self, name: str) -> str:
        """Return the address of a file in ``hub/web/static``; it changes with the file's content."""
        return f"/static/{name}?v={_fingerprint(name)}"


def page_blueprint(name: str) -> Blueprint:
    """Return the blueprint of a capability's pages; endpoints are ``<name>.<function>``."""
    return Blueprint(name, name)


def render_page(template: str, /, *, status: int = 200, **values: object) -> Response:
    """Return a page: ``render_page("collaborations/answer.html", invitation=…)``.

    With a status of 400 or more the request's transaction is rolled back.
    """
    body = render(template, locale=locale(), page=Page(), **values)
    return Response(body, status, mimetype="text/html")


@lru_cache(maxsize=100)
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
