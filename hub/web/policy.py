"""Say who may call a route and how the object it is about is found.

Each capability has a ``policy.py`` with ``POLICIES``, one row per endpoint (``"visits.show_visit"``).
A route without a row, or a row without a route, stops the start: nothing is open by being forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from hub.web.csrf import SAFE_METHODS
from hub.web.scopes import BROWSER, Needed

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import Rule

Who: TypeAlias = Literal["anyone", "signed_in", "admin", "auditor", "link"]
Find: TypeAlias = Callable[..., object]
"""``find(session, actor, **view_args)``; raises NotFound for what the actor may not know of."""
API = "/api/"


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call a route.

    ``auditor``: who may read the audit log, so administrators, too.
    ``link``: whoever holds the link in the address; a cookie is neither needed nor believed there.
    ``find`` locates the object by the route's arguments; the view gets it from ``found()``.
    ``answer`` says what is kept for a repeated POST: ``kept`` the whole answer, ``secret`` only that it
    was done (the answer shows a secret once), ``none`` nothing (no key is asked for).
    ``needs_second_factor``: closed to administrators and overseers who have not set one up, where the hub
    demands it of them (``HUB_SECOND_FACTOR``).
    ``largest_body``: bytes of a body that brings a file; elsewhere the application's limit holds.
    ``fresh``: dangerous enough that whoever is signed in proves again who they are, unless they just did. A
    form waits for the proof with what was typed; a token proves nothing, so no program gets in.
    ``is_bare``: the view runs without the request's transaction and actor, and looks after itself.
    ``scope`` is what a token needs here; a route of the API that changes something must name one, or say
    that it is for browsers only. What only reads has its scope from ``scope_of``.
    """

    who: Who
    find: Find | None = None
    answer: Literal["kept", "secret", "none"] = "kept"
    is_bare: bool = False
    needs_second_factor: bool = True
    largest_body: int | None = None
    scope: Needed | None = None
    fresh: bool = False


class PolicyGapError(Exception):
    """Routes and policies do not match, so the hub does not start."""


def scope_of(policy: Policy, rule: Rule, method: str) -> Needed | None:
    """Return what a token needs for a method of a route; None where anyone may call it, or it is missing."""
    if policy.scope is not None or policy.who in ("anyone", "link"):
        return policy.scope
    if not rule.rule.startswith(API):
        return BROWSER
    if method in SAFE_METHODS:
        return "read" if policy.who == "signed_in" else "operations:read"
    return None


def demand_policies(app: Flask, policies: Mapping[str, Policy]) -> None:
    """Raise PolicyGapError unless every route has a row with its scope, and every row a route."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    problems = [f"route without a policy: {name}" for name in sorted(endpoints - policies.keys())]
    problems += [f"policy without a route: {name}" for name in sorted(policies.keys() - endpoints)]
    problems += [
        f"route without a scope: {rule.endpoint} ({method})"
        for rule in app.url_map.iter_rules()
        if (policy := policies.get(rule.endpoint)) is not None and policy.who not in ("anyone", "link")
        for method in sorted((rule.methods or set()) - {"OPTIONS"})
        if scope_of(policy, rule, method) is None
    ]
    if problems:
        raise PolicyGapError("; ".join(problems))


def joined(*tables: Mapping[str, Policy]) -> dict[str, Policy]:
    """Return all rows in one table. Raises PolicyGapError where two capabilities claim one endpoint."""
    rows: dict[str, Policy] = {}
    for table in tables:
        if doubled := rows.keys() & table.keys():
            raise PolicyGapError(f"two policies for: {', '.join(sorted(doubled))}")
        rows.update(table)
    return rows


def view_arguments(view_args: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a route's arguments as keyword arguments (Flask has None where there are none)."""
    return dict(view_args or {})
