"""Every call there is: a route, a method, and the numbers in its address."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub import factory
from tests.matrix.world import AFAR, ASKED, DONE, DRAFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.routing import Rule
    from werkzeug.test import TestResponse

    from hub.web.application import HubFlask
    from tests.matrix.world import Thing, World
    from tests.support.client import HubClient

WORDS = (DRAFT, ASKED, DONE, AFAR)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LINKS = {"invitation_page", "account_pages.show_new_password", "account_pages.set_new_password"}
ENDS_THE_SIGN_IN = {
    "accounts.end_every_sign_in",
    "accounts.end_sign_in",
    "account_pages.sign_out_by_form",
}
NUMBERS = ("0", "-1", "1.0", "abc", "9" * 40, "%00", "1%2f2", "١")
"""What is no number of a row, as an address may say it."""
ABSENT_NUMBER = "987654321"
ABSENT = {"event_id": "01890000-0000-7000-8000-00000000dead", "handle": "0" * 16, "prefix": "hub_none"}
VOLATILE = re.compile(
    r'nonce="[^"]*"|nonce-[\w+/=-]+|name="_csrf" value="[^"]*"|value="(?:[0-9a-f]{32}|[\w-]{24})"'
    r'|"instance": ?"[^"]*"'
    r"|/(?:static)/[^\"']*"
)
VARIES = ("Content-Security-Policy", "Content-Length", "Date", "X-Correlation-ID", "Set-Cookie")
NOT_FOUND, UNKNOWN, SEE_OTHER = 404, 401, 303


@dataclass(frozen=True, slots=True)
class Call:
    """One method at one address; ``readers`` are the actors who may know what it is about."""

    endpoint: str
    method: str
    path: str
    readers: frozenset[str]

    def __str__(self) -> str:
        """Return how a log would write it."""
        return f"{self.method} {self.path} ({self.endpoint})"

    @property
    def is_api(self) -> bool:
        """Return whether a program calls it."""
        return self.path.startswith("/api/")

    def send(self, client: HubClient, path: str | None = None) -> TestResponse:
        """Send it, with an empty body where a body belongs."""
        if self.method == "GET":
            return client.send("GET", path or self.path)
        if self.is_api:
            return client.send(self.method, path or self.path, json={}, key=uuid.uuid4().hex, version=1)
        return client.post_form(path or self.path, {"_version": "1"})


def routes(app: HubFlask) -> Iterator[tuple[Rule, str]]:
    """Return every route with each of its methods, but for those that end the caller's own sign-in."""
    for rule in app.url_map.iter_rules():
        for method in METHODS:
            if method in (rule.methods or ()) and rule.endpoint not in ENDS_THE_SIGN_IN:
                yield rule, method


def calls(world: World) -> list[Call]:
    """Return every call on every thing. A route whose things the world lacks fails the test."""
    made: list[Call] = []
    with world.app.test_request_context():
        adapter = world.app.url_map.bind("localhost")
        for rule, method in routes(world.app):
            policy = factory.POLICIES[rule.endpoint]
            if not rule.arguments or policy.who in ("link", "anyone"):
                continue
            fitting = [thing for thing in world.things if _fits(rule, thing)]
            assert fitting, f"the world has nothing for {rule.rule}"
            for thing in fitting:
                path = adapter.build(rule.endpoint, {name: thing.names[name] for name in rule.arguments})
                readers = thing.readers if policy.who != "admin" else frozenset({"administrator"})
                made.append(Call(rule.endpoint, method, path, readers))
    return made


def lists(world: World) -> list[Call]:
    """Return every GET without a number in its address: lists and pages of one's own."""
    everybody = frozenset(world.sees)
    return [
        Call(
            rule.endpoint,
            method,
            rule.rule,
            everybody if factory.POLICIES[rule.endpoint].who != "admin" else frozenset({"administrator"}),
        )
        for rule, method in routes(world.app)
        if method == "GET"
        and not rule.arguments
        and not factory.POLICIES[rule.endpoint].is_bare
        and factory.POLICIES[rule.endpoint].who in ("signed_in", "admin")
    ]


def without_object(world: World, call: Call) -> str:
    """Return the same address with the number of nothing."""
    rule = next(rule for rule in world.app.url_map.iter_rules() if rule.endpoint == call.endpoint)
    absent: dict[str, Any] = {name: ABSENT.get(name, ABSENT_NUMBER) for name in rule.arguments}
    with world.app.test_request_context():
        return world.app.url_map.bind("localhost").build(rule.endpoint, absent)


def faults(world: World, name: str, call: Call, response: TestResponse) -> list[str]:
    """Return what is wrong with an answer: its status, and every word that its reader may not read."""
    found = []
    is_known = name in world.sees
    if not is_known:
        is_right = (
            response.status_code == UNKNOWN
            if call.is_api or call.method != "GET"
            else response.status_code in (UNKNOWN, SEE_OTHER)
        )
    elif name in call.readers:
        is_right = response.status_code not in (UNKNOWN, NOT_FOUND) and response.status_code < 500
    else:
        is_right = response.status_code == (403 if call.readers == {"administrator"} else NOT_FOUND)
    if not is_right:
        found.append(f"{name}: {call} answered {response.status_code}")
    found += [f"{name}: {call} has {fault}" for fault in header_faults(response)]
    said = response.get_data(as_text=True) + str(response.headers)
    hidden = set(WORDS) - world.sees.get(name, frozenset())
    found += [f"{name}: {call} says {word}" for word in sorted(hidden) if word in said]
    return found


def header_faults(response: TestResponse, *, is_without_tls: bool = False) -> list[str]:
    """Return what an answer's headers lack that keeps browsers and caches from doing harm.

    Without TLS a cookie that is Secure or bound to its host would not be kept, so there it is the fault.
    """
    headers = response.headers
    policy = headers.get("Content-Security-Policy", "")
    rules = ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'")
    faults = [f"no {rule}" for rule in rules if rule not in policy]
    faults += ["unsafe-inline or unsafe-eval"] if "unsafe-" in policy else []
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    faults += [f"{key}: {headers.get(key)}" for key, value in wanted.items() if headers.get(key) != value]
    for cookie in headers.getlist("Set-Cookie"):
        marks = cookie.split("; ")[1:]
        for mark in ("HttpOnly", "Path=/", "SameSite=Lax"):
            faults += [] if mark in marks else [f"a cookie without {mark}"]
        faults += ["a cookie of a whole domain"] if "Domain" in cookie else []
        is_bound = cookie.startswith("__Host-") and "Secure" in marks
        is_bare = cookie.startswith("hub") and "Secure" not in marks
        if not (is_bare if is_without_tls else is_bound):
            faults.append(f"a cookie with the wrong name or mark: {cookie}")
    faults += ["HSTS without TLS"] if "Strict-Transport-Security" in headers else []
    return faults


def plain(response: TestResponse, path: str) -> str:
    """Return an answer without what differs each time."""
    kept = sorted((key, value) for key, value in response.headers if key not in VARIES)
    text = f"{response.status_code}\n{kept}\n" + VOLATILE.sub("", response.get_data(as_text=True))
    for spelling in (path, path.replace("/", "%2F")):
        text = text.replace(spelling, "…")
    return text


def _fits(rule: Rule, thing: Thing) -> bool:
    is_notice = rule.endpoint.startswith(("inbox.", "inbox_pages."))
    return (
        is_notice == (thing.kind == "notice")
        and rule.arguments <= thing.names.keys()
        and (
            # A partner record names two facilities; a facility's own page is for the registry's entry.
            rule.arguments == thing.names.keys() or "collaboration_id" in thing.names
        )
    )
