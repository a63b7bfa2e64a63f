"""Render pages: HTML in the reader's language, with what every page's layout needs.

A page's template extends ``web/layout.html`` and finds the layout's needs in ``page``: the nonce, the
CSRF token, a fresh idempotency key, the address of a static file.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from hub.texts.rendering import render
from hub.web.assets import find_asset
from hub.web.csrf import csrf_token, masked
from hub.web.headers import nonce
from hub.web.notices import Notice, read_notice
from hub.web.paths import path_of_page
from hub.web.request import Surroundings, hub_app, locale, scope

if TYPE_CHECKING:
    from hub.actor import Actor


class Page:
    """What a layout may ask, as ``page.…`` in a template."""

    @cached_property
    def csrf(self) -> str:
        """Return the token for a hidden field ``_csrf``; empty where nobody is signed in by cookie.

        It looks different in every answer: compressed pages would otherwise give it away (BREACH).
        """
        cookie = scope().cookie
        return masked(csrf_token(cookie)) if cookie else ""

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
    def here(self) -> str:
        """Return the address a reader comes back to: this page's path and query, or where GET leads to."""
        return path_of_page(request.full_path.rstrip("?")) or "/"

    @property
    def actor(self) -> Actor:
        """Return who reads the page."""
        return scope().actor

    @property
    def zone(self) -> str:
        """Return the zone in which the reader reads times."""
        return scope().actor.zone

    @property
    def is_admin(self) -> bool:
        """Return whether the reader administers the hub."""
        return scope().actor.is_admin

    @property
    def takes_passkeys(self) -> bool:
        """Return whether browsers allow passkeys at the hub's address."""
        return hub_app().settings.takes_passkeys

    @property
    def provider(self) -> str:
        """Return what people call the identity provider; empty where there is none."""
        return hub_app().settings.oidc_name

    @property
    def may_sign_in(self) -> bool:
        """Return whether the page offers to sign in: not where a link is all one needs."""
        rule = request.url_rule
        policy = hub_app().policies.get(rule.endpoint) if rule is not None else None
        return policy is None or policy.who != "link"

    @property
    def unit(self) -> str:
        """Return the name of the unit the reader serves in first, or an empty text."""
        return self._surroundings.unit

    @property
    def unread(self) -> str:
        """Return how many notifications are unread ("3", "99+"); empty where none is."""
        return self._surroundings.unread

    @cached_property
    def notice(self) -> Notice | None:
        """Return what the page before left to be said."""
        return read_notice()

    @cached_property
    def _surroundings(self) -> Surroundings:
        current = scope()
        ask = hub_app().surroundings
        if ask is None or current.session is None or current.actor.person_id is None:
            return Surroundings()
        return ask(current.session, current.actor)

    @property
    def person(self) -> str:
        """Return the name of who is signed in, or an empty text."""
        actor = scope().actor
        return actor.label if actor.person_id is not None else ""

    def static(self, name: str) -> str:
        """Return the address of one of our files (hub/web/assets.py); it changes with the content."""
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
    return hashlib.sha256(find_asset(name).read_bytes()).hexdigest()[:12]
