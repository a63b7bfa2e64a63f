"""Make and revoke the tokens by which programs act as oneself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, cast

from hub.accounts.commands.tokens import create_token, revoke_token
from hub.accounts.queries import tokens_of
from hub.accounts.schemas import TokenForm
from hub.clock import now
from hub.errors import Invalid, Unauthenticated
from hub.texts.catalogue import lazy, translate
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, found, locale, session
from hub.web.scopes import FOR_ADMINISTRATORS, LEAST, SCOPES

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.accounts.models import ApiToken

blp = page_blueprint("token_pages")

DAYS = (30, 90, 180, 365)
USUAL_DAYS = 90
SOON = dt.timedelta(days=14)
"""So long before its end a token is marked."""


@blp.route("/me/tokens", methods=["GET"])
def list_tokens() -> Response:
    """Show one's tokens, with the form of another."""
    return _page(Form(TokenForm, {"scopes": list(LEAST), "days": USUAL_DAYS}))


@blp.route("/me/tokens", methods=["POST"])
def make_token() -> Response:
    """Make a token, and show its secret, once."""
    form = Form.posted(TokenForm)
    try:
        made = create_token(session(), actor=actor(), person_id=_own_id(), **form.load())
    except Invalid as error:
        return _page(form.refused(error))
    return render_page("accounts/made_token.html", token=made.row, secret=made.secret, words=_words())


@blp.route("/me/tokens/<string(maxlength=40):prefix>", methods=["GET"])
def show_token(prefix: str) -> Response:
    """Show a token, to be revoked."""
    del prefix
    token = cast("ApiToken", found())
    return render_page("accounts/token.html", token=token, words=_words(), now=now(session()))


@blp.route("/me/tokens/<string(maxlength=40):prefix>/revoke", methods=["POST"])
def end_token(prefix: str) -> BaseResponse:
    """Revoke a token."""
    revoke_token(session(), actor=actor(), person_id=_own_id(), prefix=prefix)
    return go("/me/tokens", lazy("The token opens nothing any more."))


def _page(form: Form) -> Response:
    moment = now(session())
    is_admin = actor().is_admin
    return render_page(
        "accounts/tokens.html",
        status=form.status,
        form=form,
        tokens=tokens_of(session(), _own_id()),
        words=_words(),
        offered=[scope for scope in SCOPES if is_admin or scope not in FOR_ADMINISTRATORS],
        days=DAYS,
        now=moment,
        soon=moment + SOON,
    )


def _words() -> dict[str, str]:
    """Return what each scope allows, in the reader's language."""
    return {scope: translate(locale(), allows) for scope, allows in SCOPES.items()}


def _own_id() -> int:
    person_id = actor().person_id
    if person_id is None:
        raise Unauthenticated(lazy("Sign in to see this."))
    return person_id
