"""Sign somebody in at the edge: for the API and for the page, which look after their transactions themselves.

A try is counted in a transaction of its own, and the slow hash runs outside any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from hub.accounts.commands.sign_ins import REFUSED, candidate, is_proven, sign_in
from hub.accounts.commands.throttle import count_try, forgive
from hub.errors import Unauthenticated
from hub.web.cookies import read_cookie
from hub.web.offload import in_thread
from hub.web.request import client_address, database

if TYPE_CHECKING:
    from hub.accounts.commands.sign_ins import SignedIn


def enter(email: str, password: str) -> SignedIn:
    """Sign in by address and password. Raises Unauthenticated, Throttled."""
    address = client_address()
    with database().transaction() as counting:
        count_try(counting, email=email, address=address)
        claimed = candidate(counting, email=email)
    if not in_thread(is_proven, claimed, password):
        raise Unauthenticated(REFUSED, code="sign-in-refused")
    with database().transaction() as signing:
        forgive(signing, email=email, address=address)
        return sign_in(
            signing,
            claimed=claimed,
            user_agent=request.headers.get("User-Agent"),
            previous=read_cookie(request),
        )
