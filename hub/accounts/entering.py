"""Sign somebody in at the edge: for the API and for the page, which look after their transactions themselves.

A try is counted in a transaction of its own, and the slow hash runs outside any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from hub.accounts.commands.second_factor import demand_code
from hub.accounts.commands.sign_ins import (
    REFUSED,
    Candidate,
    candidate,
    is_proven,
    pending_person,
    sign_in,
)
from hub.accounts.commands.throttle import count_try, forgive
from hub.accounts.models import Person
from hub.accounts.vault import Vault
from hub.errors import Invalid, Unauthenticated
from hub.texts.catalogue import lazy
from hub.web.cookies import read_cookie
from hub.web.offload import in_thread
from hub.web.request import client_address, database, settings

if TYPE_CHECKING:
    from hub.accounts.commands.sign_ins import SignedIn


CODE_NEEDED = lazy("This account has a second factor: send its code as well.")
WAITED_TOO_LONG = lazy("The page waited too long for the code. Please sign in again.")


def vault() -> Vault:
    """Return the vault of the hub's keys."""
    return Vault(settings().secret_keys)


def enter(email: str, password: str, code: str | None = None, *, in_one_step: bool = False) -> SignedIn:
    """Sign in by address and password, and by a code where there is a second factor.

    Without a code such a sign-in is pending; ``in_one_step`` refuses it instead. Raises Unauthenticated,
    Throttled.
    """
    address = client_address()
    with database().transaction() as counting:
        count_try(counting, email=email, address=address)
        claimed = candidate(counting, email=email)
    if not in_thread(is_proven, claimed, password):
        raise Unauthenticated(REFUSED, code="sign-in-refused")
    return _sign_in(claimed, email, code, in_one_step=in_one_step)


def enter_by_code(code: str) -> SignedIn:
    """Finish the sign-in that waits for its second factor, under a new token.

    Raises Unauthenticated, Throttled.
    """
    with database().transaction() as counting:
        person = pending_person(counting, read_cookie(request))
        if person is None:
            raise Unauthenticated(WAITED_TOO_LONG, code="sign-in-refused")
        count_try(counting, email=person.email, address=client_address())
        claimed, email = Candidate(person.id, person.password_hash), person.email
    return _sign_in(claimed, email, code)


def _sign_in(claimed: Candidate, email: str, code: str | None, *, in_one_step: bool = False) -> SignedIn:
    with database().transaction() as signing:
        person = signing.get(Person, claimed.person_id)
        has_second_factor = person is not None and person.totp_secret is not None
        if has_second_factor and code is None and in_one_step:
            raise Unauthenticated(CODE_NEEDED, code="second-factor-required")
        if person is not None and has_second_factor and code is not None:
            try:
                demand_code(signing, vault=vault(), person=person, code=code)
            except Invalid as error:
                raise Unauthenticated(error.message, code="second-factor-refused") from error
        # The tries are forgiven by the whole proof only: a known password buys nobody more guesses of a code.
        if code is not None or not has_second_factor:
            forgive(signing, email=email, address=client_address())
        return sign_in(
            signing,
            claimed=claimed,
            user_agent=request.headers.get("User-Agent"),
            previous=read_cookie(request),
            is_proven_twice=code is not None,
        )
