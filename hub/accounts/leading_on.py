"""Lead on whoever has just signed in: to the page that was asked for, or to the form that waited."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hub.accounts.commands.sign_ins import LASTS
from hub.accounts.identity import load_actor
from hub.web.carrying import carried_fields, render_carried
from hub.web.cookies import write_cookie
from hub.web.notices import go
from hub.web.request import database, scope

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.accounts.commands.sign_ins import Proven, SignedIn

HOME = "/home"


def go_on(proven: Proven, after: str, action: str) -> BaseResponse:
    """Give the browser its new token after a proof, and do what waited for it."""
    scope().cookie = proven.token
    response: BaseResponse = (
        render_carried(action, carried_fields(), why="proven") if action else go(after or HOME)
    )
    write_cookie(cast("Response", response), proven.token, int(proven.left.total_seconds()))
    return response


def lead_on(signed: SignedIn, after: str, action: str) -> BaseResponse:
    """Give the browser its new token; lead to ``after``, or offer to send the waiting form to ``action``."""
    if action:
        with database().transaction() as reading:
            person = load_actor(reading, signed.person.id)
        current = scope()
        current.cookie = signed.token
        current.actor = person or current.actor
        response: BaseResponse = render_carried(action, carried_fields())
    else:
        response = go(after or HOME)
    write_cookie(cast("Response", response), signed.token, int(LASTS.total_seconds()))
    return response
