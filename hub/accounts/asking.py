"""Ask a browser for a passkey: the options that its script hands to the device, the challenge's cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request

from hub.accounts.ceremonies import RelyingParty, request_options
from hub.accounts.challenges import SECONDS, new_challenge, take_challenge
from hub.accounts.proofs import secret_hash
from hub.accounts.vault import Vault
from hub.errors import NotFound
from hub.texts.catalogue import lazy
from hub.web.cookies import held_cookie, keep_cookie, read_cookie
from hub.web.request import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.orm import Session

    from hub.accounts.models import Passkey

COOKIE = "hub-challenge"
LONGEST = 600
SIGN_IN, SECOND, REGISTER, PROOF = "sign-in", "second-factor", "register", "proof"
NOT_HERE = lazy("Passkeys need the hub's address to be a name, reached over TLS.")


def vault() -> Vault:
    """Return the vault of the hub's keys."""
    return Vault(settings().secret_keys)


def party() -> RelyingParty:
    """Return the hub as devices know it. Raises NotFound where browsers allow no passkeys at its address."""
    if not settings().takes_passkeys:
        raise NotFound(NOT_HERE)
    return RelyingParty.at(settings().base_url)


def ask(purpose: str, options_for: Callable[[bytes], dict[str, Any]]) -> Response:
    """Answer with the options for a new challenge; its seal travels in a cookie that no script can read."""
    challenge = new_challenge(vault(), _about(purpose))
    response = jsonify(options_for(challenge.value))
    keep_cookie(response, COOKIE, challenge.sealed, seconds=SECONDS)
    return response


def ask_for(purpose: str, known: Iterable[Passkey]) -> Response:
    """Ask to show one of these passkeys; none of them: whichever its owner chooses."""
    here = party()
    return ask(purpose, lambda challenge: request_options(here, challenge=challenge, known=known))


def asked(session: Session, purpose: str) -> bytes | None:
    """Use up the challenge that this browser was given for a purpose; None where it is none or was used."""
    sealed = held_cookie(request, COOKIE, longest=LONGEST)
    return take_challenge(session, vault(), sealed or None, _about(purpose))


def _about(purpose: str) -> str:
    """Return what a challenge is for: but for passkeys alone it belongs to a sign-in, even a pending one."""
    cookie = read_cookie(request)
    if purpose == SIGN_IN or cookie is None:
        return purpose
    return f"{purpose} {secret_hash(cookie).hex()}"
