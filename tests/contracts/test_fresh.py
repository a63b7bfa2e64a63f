"""What is dangerous asks for a fresh proof: by name where it is known, and by its words where it is new."""

from __future__ import annotations

import re

from hub.factory import POLICIES

DANGEROUS = {
    "account_pages.change_own_password",
    "accounts.create_token",
    "import_pages.confirm_import",
    "import_pages.undo_import",
    "lending_pages.lend",
    "passkey_pages.add_passkey",
    "passkey_pages.remove_passkey",
    "privacy_pages.download_own",
    "privacy_pages.erase",
    "provider_pages.link",
    "provider_pages.unlink",
    "second_factor_pages.remove_second_factor",
    "second_factor_pages.renew_codes",
    "second_factor_pages.set_up_second_factor",
    "second_factor_pages.show_new_app",
    "staffing_pages.hand_over",
    "staffing_pages.join_pool",
    "staffing_pages.name_stand_in",
    "staffing_pages.stop_serving",
    "token_pages.make_token",
}
"""Removing or adding a proof, a new password or token, changes of rights, personal data going out or away."""
WORDS = re.compile(
    r"(erase|remove_second_factor|remove_passkey|create_token|hand_over|grant|breach|confirm_import|lend)$"
)
"""A new route that is named so is dangerous, too."""


def test_dangerous_routes_ask_for_a_fresh_proof() -> None:
    assert {name for name in DANGEROUS if not POLICIES[name].fresh} == set()


def test_new_routes_named_like_dangerous_ones_ask_too() -> None:
    assert {name for name, policy in POLICIES.items() if WORDS.search(name) and not policy.fresh} == set()


def test_only_who_is_signed_in_can_prove_anything() -> None:
    for name, policy in POLICIES.items():
        assert not policy.fresh or (policy.who in ("signed_in", "admin", "auditor") and not policy.is_bare), (
            name
        )


def test_proving_itself_asks_for_no_proof() -> None:
    assert not any(policy.fresh for name, policy in POLICIES.items() if name.startswith("proof_pages."))
