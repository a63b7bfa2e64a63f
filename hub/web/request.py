"""What a view may ask about the request it answers: its transaction, who acts, what was found.

One request is one transaction: the application opens it, finds the actor, asks the policy, runs the
view and commits. So a view takes its session from here and never commits.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request

from hub.actor import Actor
from hub.errors import HubError, Stale
from hub.texts.catalogue import best_locale, lazy
from hub.web.cookies import held_cookie

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.texts.links import LinkKeys
    from hub.web.application import HubFlask

LANGUAGE_COOKIE = "hub-language"
LONGEST_LANGUAGE = 20
VERSION_FIELD = "_version"
"""A form's hidden field that says what If-Match says: the version that is edited."""
STALE = lazy("Somebody changed this since you read it. Read it again and repeat your change.")
NOBODY = "visitor"
"""Label of the actor who did not sign in: on a link's page the view names who answered."""


class MatchRequired(HubError):
    """An edit must say which version it edits."""

    code = "if-match-missing"
    status = 428


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every page shows of its reader: the unit they serve in, and how much they have not read."""

    unit: str = ""
    unread: str = ""


@dataclass(slots=True)
class RequestScope:
    """What is known of the request; kept by the application in ``flask.g``."""

    actor: Actor
    began: float = field(default_factory=time.perf_counter)
    session: Session | None = None
    found: object = None
    cookie: str | None = None
    """The token of the signed-in browser, when that is how the actor was found."""
    etag: str | None = None
    is_answered_again: bool = False
    nonce: str | None = None
    given: object = None
    """What the body said, before a schema loaded it."""
    locale: str | None = None
    """The language that the reader chose on the page itself, when the page lets them."""


def visitor() -> Actor:
    """Return a new actor for somebody who did not sign in."""
    return Actor(kind="link", label=NOBODY)


def scope() -> RequestScope:
    """Return the scope of this request, made when first asked for."""
    if "hub" not in g:
        g.hub = RequestScope(actor=visitor())
    return cast("RequestScope", g.hub)


def hub_app() -> HubFlask:
    """Return the running application."""
    return cast("HubFlask", current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 -- Flask's own way


def session() -> Session:
    """Return the session of this request's transaction. Raises RuntimeError where the policy is bare."""
    current = scope().session
    if current is None:
        raise RuntimeError("this route has no transaction of its own: its policy is bare")
    return current


def actor() -> Actor:
    """Return who acts. Where the policy lets anyone in, it may be somebody without a ``person_id``."""
    return scope().actor


def found() -> object:
    """Return the object that the policy's ``find`` located."""
    return scope().found


def settings() -> Settings:
    """Return the process's settings."""
    return hub_app().settings


def database() -> Database:
    """Return the database, for the few bare views that open transactions themselves."""
    return hub_app().database


def link_keys() -> LinkKeys:
    """Return the keys that sign links such as an invitation's."""
    return hub_app().link_keys


def locale() -> str:
    """Return the language of the answer: the page's own, the person's, the browser's, else Indonesian.

    The browser's is what its reader last pressed, else what it asks for.
    """
    if (chosen := scope().locale) is not None:
        return chosen
    person = scope().actor
    if person.person_id is not None:
        preferred = person.locale
    else:
        preferred = held_cookie(request, LANGUAGE_COOKIE, longest=LONGEST_LANGUAGE)
    return best_locale(request.headers.get("Accept-Language"), preferred)


def client_address() -> str:
    """Return the address the request came from; an IPv6 one as its /64, which one line owns.

    Proxies are believed as far as the settings say (``HUB_TRUSTED_PROXIES``).
    """
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def require_match(version: int) -> None:
    """Compare ``If-Match``, or a form's ``_version``, with the version of what is to be edited.

    Raises MatchRequired (428) where both are missing, Stale (412) where somebody was faster.
    """
    if "If-Match" in request.headers:
        # A compressed answer's tag names the compression after a colon.
        is_same = request.if_match.star_tag or str(version) in {
            tag.partition(":")[0] for tag in request.if_match.as_set()
        }
    elif (shown := request.form.get(VERSION_FIELD)) is not None:
        is_same = shown == str(version)
    else:
        raise MatchRequired(lazy("Send the version you edit in the If-Match header."))
    if not is_same:
        raise Stale(STALE)


def set_etag(version: int) -> None:
    """Give the answer the ``ETag`` that a later edit must send as ``If-Match``."""
    scope().etag = str(version)
