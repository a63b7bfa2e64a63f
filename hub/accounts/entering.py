"""Sign somebody in at the edge: for the API and for the page, which look after their transactions themselves.

A try is counted in a transaction of its own, and the slow hash runs outside any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from hub.accounts import asking
from hub.accounts.asking import party, vault
from hub.accounts.commands.passkeys import use
from hub.accounts.commands.second_factor import demand_code
from hub.accounts.commands.sign_ins import (
    REFUSED,
    Candidate,
    Ways,
    candidate,
    is_proven,
    pending_person,
    sign_in,
    ways_of,
)
from hub.accounts.commands.throttle import count_address, count_try, forgive, take_back
from hub.accounts.models import Person
from hub.errors import Invalid, Unauthenticated
from hub.texts.catalogue import lazy
from hub.web.cookies import read_cookie
from hub.web.offload import in_thread
from hub.web.request import actor, client_address, database

if TYPE_CHECKING:
    from hub.accounts.commands.sign_ins import SignedIn


CODE_NEEDED = lazy("This account has a second factor: send its code as well.")
WAITED_TOO_LONG = lazy("The page waited too long for the code. Please sign in again.")
PASSKEY_REFUSED = lazy("The passkey was not accepted. Try again, or sign in with your password.")


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


def ways_that_wait() -> Ways:
    """Return by what the sign-in that waits can be finished; where none waits, the page says so anyway."""
    with database().transaction() as reading:
        person = pending_person(reading, read_cookie(request))
        return ways_of(reading, person) if person is not None else Ways()


def enter_by_passkey(credential: str, *, is_second: bool = False) -> SignedIn:
    """Sign in by a passkey, or finish the sign-in that waits for its second factor by one.

    A passkey is both factors at once, so an account closed by others' guesses opens to its owner. Raises
    Unauthenticated, Throttled, and NotFound where there are no passkeys.
    """
    here, address = party(), client_address()
    with database().transaction() as counting:
        count_address(counting, address=address)
        pending = pending_person(counting, read_cookie(request)) if is_second else None
        expected = pending.id if pending is not None else None
        challenge = asking.asked(counting, asking.SECOND if is_second else asking.SIGN_IN)
    if is_second and expected is None:
        raise Unauthenticated(WAITED_TOO_LONG, code="sign-in-refused")
    signed = None
    if challenge is not None:
        with database().transaction() as signing:
            signing.info["origin"] = address
            person = use(
                signing,
                actor=actor(),
                party=here,
                challenge=challenge,
                credential=credential,
                expected=expected,
            )
            if person is not None:
                take_back(signing, address=address)
                signed = sign_in(
                    signing,
                    claimed=Candidate(person.id, person.password_hash),
                    user_agent=request.headers.get("User-Agent"),
                    previous=read_cookie(request),
                    is_proven_twice=True,
                )
    if signed is None:
        code = "second-factor-refused" if is_second else "passkey-refused"
        raise Unauthenticated(PASSKEY_REFUSED, code=code)
    return signed


def _sign_in(claimed: Candidate, email: str, code: str | None, *, in_one_step: bool = False) -> SignedIn:
    with database().transaction() as signing:
        person = signing.get(Person, claimed.person_id)
        has_second_factor = person is not None and ways_of(signing, person).is_any
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
