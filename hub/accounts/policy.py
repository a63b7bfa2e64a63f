"""Who may call the routes of sign-in, tokens and preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.web.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

POLICIES: Mapping[str, Policy] = {
    # Bare: a try is counted in a transaction of its own, and the slow hash runs outside any.
    "accounts.create_sign_in": Policy("anyone", answer="none", is_bare=True),
    "accounts.end_sign_in": Policy("signed_in"),
    "accounts.end_every_sign_in": Policy("signed_in"),
    "accounts.show_me": Policy("signed_in"),
    "accounts.change_me": Policy("signed_in"),
    "accounts.list_tokens": Policy("signed_in"),
    "accounts.create_token": Policy("signed_in", answer="secret"),
    "accounts.end_token": Policy("signed_in"),
}
