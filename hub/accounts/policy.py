"""Who may call the routes of sign-in, tokens and preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.accounts.commands.passwords import Reset, find_reset
from hub.accounts.commands.tokens import token_by_prefix
from hub.errors import NotFound
from hub.texts.catalogue import lazy
from hub.web.policy import Policy
from hub.web.request import link_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hub.accounts.models import ApiToken
    from hub.actor import Actor


def find_reset_of_link(session: Session, actor: Actor, *, token: str) -> Reset:
    """Return what a link to a new password leads to. Raises NotFound for one that was never ours."""
    del actor
    reset = find_reset(session, link_keys(), token)
    if reset is None:
        raise NotFound(lazy("There is nothing at this address, or it is not for you to see."))
    return reset


def find_own_token(session: Session, actor: Actor, *, prefix: str) -> ApiToken:
    """Return one of the actor's own tokens, ended ones too. Raises NotFound."""
    return token_by_prefix(session, person_id=actor.person_id, prefix=prefix)


POLICIES: Mapping[str, Policy] = {
    # Bare: a try is counted in a transaction of its own, and the slow hash runs outside any.
    "accounts.create_sign_in": Policy("anyone", answer="none", is_bare=True),
    "accounts.end_sign_in": Policy("signed_in", needs_second_factor=False, scope="browser"),
    "accounts.end_every_sign_in": Policy("signed_in", needs_second_factor=False, scope="account:write"),
    "accounts.show_me": Policy("signed_in", needs_second_factor=False),
    "accounts.change_me": Policy("signed_in", scope="account:write"),
    "accounts.list_tokens": Policy("signed_in"),
    "accounts.create_token": Policy("signed_in", answer="secret", fresh=True, scope="browser"),
    "accounts.end_token": Policy("signed_in", find_own_token, scope="account:write"),
    "token_pages.list_tokens": Policy("signed_in"),
    "token_pages.make_token": Policy("signed_in", answer="secret", fresh=True),
    "token_pages.show_token": Policy("signed_in", find_own_token),
    "token_pages.end_token": Policy("signed_in", find_own_token),
    "account_pages.show_sign_in": Policy("anyone"),
    # Bare for the same reason. Repeating it makes another sign-in, as pressing twice may.
    "account_pages.sign_in_by_form": Policy("anyone", answer="none", is_bare=True),
    "account_pages.show_code": Policy("anyone"),
    # Bare, as the password is: a wrong code is counted in a transaction of its own.
    "account_pages.sign_in_by_code": Policy("anyone", answer="none", is_bare=True),
    "second_factor_pages.show_second_factor": Policy("signed_in", needs_second_factor=False),
    "second_factor_pages.set_up_second_factor": Policy(
        "signed_in", answer="secret", needs_second_factor=False, fresh=True
    ),
    "second_factor_pages.show_new_app": Policy("signed_in", fresh=True),
    "second_factor_pages.remove_second_factor": Policy("signed_in", fresh=True),
    "second_factor_pages.renew_codes": Policy("signed_in", answer="secret", fresh=True),
    # Bare, as a code is: the try is counted and the challenge used up in a transaction of their own.
    "passkey_pages.ask_to_sign_in": Policy("anyone", answer="none", is_bare=True),
    "passkey_pages.sign_in_by_passkey": Policy("anyone", answer="none", is_bare=True),
    "passkey_pages.ask_for_second": Policy("anyone", answer="none", is_bare=True),
    "passkey_pages.finish_by_passkey": Policy("anyone", answer="none", is_bare=True),
    "passkey_pages.show_new_passkey": Policy("signed_in", needs_second_factor=False, fresh=True),
    "passkey_pages.ask_for_new": Policy("signed_in", answer="none", needs_second_factor=False),
    "passkey_pages.add_passkey": Policy("signed_in", answer="secret", needs_second_factor=False, fresh=True),
    "passkey_pages.show_passkey": Policy("signed_in"),
    "passkey_pages.rename_passkey": Policy("signed_in"),
    "passkey_pages.remove_passkey": Policy("signed_in", fresh=True),
    "proof_pages.show_proof": Policy("signed_in", needs_second_factor=False),
    "proof_pages.prove": Policy("signed_in", answer="none", needs_second_factor=False),
    "proof_pages.ask_for_proof": Policy("signed_in", answer="none", needs_second_factor=False),
    "proof_pages.prove_by_passkey": Policy("signed_in", answer="none", needs_second_factor=False),
    # Bare: the provider is asked over the network, and no connection waits for it. What comes back carries a
    # state that is sealed for this browser and good once.
    "provider_pages.begin_sign_in": Policy("anyone", is_bare=True),
    "provider_pages.begin_link": Policy("anyone", is_bare=True),
    "provider_pages.come_back": Policy("anyone", is_bare=True),
    "provider_pages.show_link": Policy("signed_in", fresh=True),
    "provider_pages.show_confirmation": Policy("signed_in"),
    "provider_pages.link": Policy("signed_in", fresh=True),
    "provider_pages.show_unlinking": Policy("signed_in", fresh=True),
    "provider_pages.unlink": Policy("signed_in", fresh=True),
    "account_pages.sign_out_by_form": Policy("anyone", answer="none"),
    # Bare: pages that a link leads to have no token, and no harm is done by choosing a language.
    "account_pages.choose_language": Policy("anyone", answer="none", is_bare=True),
    "account_pages.show_forgotten": Policy("link"),
    "account_pages.ask_for_link": Policy("link", answer="none"),
    "account_pages.show_new_password": Policy("link", find_reset_of_link),
    "account_pages.set_new_password": Policy("link", find_reset_of_link),
    "account_pages.show_me": Policy("signed_in"),
    "account_pages.change_me": Policy("signed_in"),
    "account_pages.show_password": Policy("signed_in", fresh=True),
    "account_pages.change_own_password": Policy("signed_in", fresh=True),
    "account_pages.end_one_sign_in": Policy("signed_in"),
    "account_pages.end_other_sign_ins": Policy("signed_in"),
}
