"""The API of sign-in, tokens and one's own preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, make_response

from hub.accounts.commands.people import change_preferences
from hub.accounts.commands.sign_ins import LASTS, revoke_all, sign_out
from hub.accounts.commands.tokens import create_token as make_token
from hub.accounts.commands.tokens import revoke_token
from hub.accounts.entering import enter
from hub.accounts.queries import person_by_id, services_of, tokens_of
from hub.accounts.schemas import (
    MadeTokenOutput,
    MeOutput,
    PreferencesInput,
    RevokedOutput,
    SignInInput,
    SignInOutput,
    TokenInput,
    TokenListOutput,
)
from hub.errors import Unauthenticated
from hub.texts.catalogue import lazy
from hub.web.api import api_blueprint
from hub.web.cookies import remove_cookie, write_cookie
from hub.web.csrf import csrf_token
from hub.web.request import actor, scope, session

if TYPE_CHECKING:
    from hub.accounts.models import Person

blp = api_blueprint("accounts")


@blp.route("/sign-ins", methods=["POST"])
@blp.arguments(SignInInput)
@blp.response(201, SignInOutput)
def create_sign_in(data: dict[str, Any]) -> Response:
    """Sign in by e-mail and password; gives a cookie and the CSRF token that belongs to it.

    Where there is a second factor, send its code as well (401 ``second-factor-required`` asks for it).
    """
    signed = enter(data["email"], data["password"], data["code"], in_one_step=True)
    body = {"person": signed.person, "csrf_token": csrf_token(signed.token), "expires_at": signed.expires_at}
    response = make_response(jsonify(SignInOutput().dump(body)), 201)
    write_cookie(response, signed.token, int(LASTS.total_seconds()))
    return response


@blp.route("/sign-ins/current", methods=["DELETE"])
@blp.response(204)
def end_sign_in() -> Response:
    """Sign this browser out."""
    cookie = scope().cookie
    assert cookie is not None  # noqa: S101 -- the policy lets no token in
    sign_out(session(), token=cookie)
    response = make_response("", 204)
    remove_cookie(response)
    return response


@blp.route("/sign-ins", methods=["DELETE"])
@blp.response(200, RevokedOutput)
def end_every_sign_in() -> dict[str, int]:
    """Sign every browser of this person out, this one too."""
    return {"revoked": revoke_all(session(), actor=actor(), person_id=_own_id())}


@blp.route("/me", methods=["GET"])
@blp.response(200, MeOutput)
def show_me() -> dict[str, Any]:
    """Say who asks, where they serve, and what they may do."""
    return _me(person_by_id(session(), _own_id()))


@blp.route("/me", methods=["PATCH"])
@blp.arguments(PreferencesInput)
@blp.response(200, MeOutput)
def change_me(data: dict[str, Any]) -> dict[str, Any]:
    """Change one's own language, zone, or whether notifications come by mail."""
    person = person_by_id(session(), _own_id())
    change_preferences(person, **data)
    return _me(person)


@blp.route("/tokens", methods=["GET"])
@blp.response(200, TokenListOutput)
def list_tokens() -> dict[str, Any]:
    """List one's own tokens, without their secrets."""
    return {"items": tokens_of(session(), _own_id())}


@blp.route("/tokens", methods=["POST"])
@blp.arguments(TokenInput)
@blp.response(201, MadeTokenOutput)
def create_token(data: dict[str, Any]) -> dict[str, Any]:
    """Make a token by which a program acts as this person; the secret is shown once."""
    made = make_token(session(), actor=actor(), person_id=_own_id(), **data)
    return {
        "token": made.secret,
        "prefix": made.row.prefix,
        "label": made.row.label,
        "scopes": made.row.scopes,
        "expires_at": made.row.expires_at,
    }


@blp.route("/tokens/<string(maxlength=40):prefix>", methods=["DELETE"])
@blp.response(204)
def end_token(prefix: str) -> None:
    """Revoke one's own token, named by its readable beginning."""
    revoke_token(session(), actor=actor(), person_id=_own_id(), prefix=prefix)


def _own_id() -> int:
    person_id = actor().person_id
    if person_id is None:
        raise Unauthenticated(lazy("Sign in to see this."))
    return person_id


def _me(person: Person) -> dict[str, Any]:
    current = actor()
    cookie = scope().cookie
    return {
        "person": person,
        "posts": [
            {
                "id": service.post_id,
                "title": service.title,
                "role": service.role,
                "is_acting": service.is_acting,
                "facility": {"id": service.facility_id, "name": service.facility_name},
            }
            for service in services_of(session(), person.id)
        ],
        "may": current,
        "csrf_token": csrf_token(cookie) if cookie else None,
    }
