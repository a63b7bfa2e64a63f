"""What a token may be used for: a few scopes, one for each kind of act.

A person may do what posts and grants allow; a token of theirs may do so much of it as its scopes say. Each
route of the API asks for exactly one (``hub.web.policy.scope_of``); pages and what proves who somebody is
are for browsers only. Scopes are named in OAuth's way, and a missing one is answered as RFC 6750 (3.1) says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from hub.errors import Forbidden
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub.actor import Actor

Scope: TypeAlias = Literal[
    "read",
    "proposals:write",
    "invitations:write",
    "visits:write",
    "follow-ups:write",
    "inbox:write",
    "account:write",
    "operations:read",
    "operations:write",
]
BROWSER: Final = "browser"
"""What a route asks for that no token opens; no token has it."""
Needed: TypeAlias = Scope | Literal["browser"]

SCOPES: Mapping[Scope, str] = {
    "read": lazy("Read what you may read yourself"),
    "proposals:write": lazy("Write proposals, send them and take them back"),
    "invitations:write": lazy("Answer invitations, renew and revoke their links"),
    "visits:write": lazy("Move visits, note that they took place, write and share what came of them"),
    "follow-ups:write": lazy("Close tasks, reopen them, hand them back"),
    "inbox:write": lazy("Mark notifications as read"),
    "account:write": lazy("Change how the hub speaks to you, end your sign-ins and tokens"),
    "operations:read": lazy("See how the hub is doing (administrators)"),
    "operations:write": lazy("Deliver again what has failed (administrators)"),
}
"""Every scope with what it allows, as its owner is told, the least first."""
LEAST: tuple[Scope, ...] = ("read",)
FOR_ADMINISTRATORS: frozenset[Scope] = frozenset({"operations:read", "operations:write"})
BROWSER_ONLY = lazy("A token opens the API only: sign in to do this.")


class InsufficientScope(Forbidden):
    """The token lacks a scope; ``scope`` in ``values`` names it."""

    code = "insufficient-scope"


def demand_scope(actor: Actor, needed: Needed) -> None:
    """Raise InsufficientScope, or Forbidden where only a browser may, unless the actor's token allows it.

    Whoever shows no token is asked for no scope.
    """
    if actor.scopes is None or needed in actor.scopes:
        return
    if needed == BROWSER:
        raise Forbidden(BROWSER_ONLY, code="browser-only")
    raise InsufficientScope(lazy("This token lacks the scope %(scope)s."), scope=needed)
