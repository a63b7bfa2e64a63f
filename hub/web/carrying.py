"""Lose nothing that was typed when a sign-in has ended: the form waits until its sender is back.

A form sent without a sign-in is answered by the page that asks to sign in, with what was typed in hidden
fields; after the sign-in one press sends it on, with a fresh CSRF token and its first idempotency key. The
same happens to a form that another sign-in's page has sent. Nothing is kept on the server. Passwords are not
carried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlencode

from flask import Response, request

from hub.web.csrf import FORM_FIELD as CSRF_FIELD
from hub.web.pages import render_page
from hub.web.paths import path_of_form, path_of_page

if TYPE_CHECKING:
    from hub.errors import HubError

PREFIX = "carried:"
ACTION = "_carried"
NEXT = "next"
SIGN_IN, SECOND_FACTOR = "web/sign_in.html", "web/sign_in_code.html"
Why: TypeAlias = Literal["signed in", "opened before", "proven"]
MOST = 1000
"""Fields of a form that are carried; no form of ours has more."""


def carry_on(error: HubError) -> Response | None:
    """Return the page that keeps what was typed where the sign-in or its token is missing, else None."""
    here = request.full_path.rstrip("?")
    if error.status == 401 and error.code == "sign-in-required":  # noqa: PLR2004 -- HTTP's own number
        if request.method in ("GET", "HEAD"):
            asked = path_of_page(here)
            query = "?" + urlencode({NEXT: asked}) if asked not in (None, "/home") else ""
            return Response(status=303, headers={"Location": f"/sign-in{query}"})
        return render_sign_in(status=error.status, action=path_of_form(here) or "", fields=typed_fields())
    if error.code == "second-factor-missing" and request.method in ("GET", "HEAD"):
        return Response(status=303, headers={"Location": "/me/second-factor"})
    if error.code == "step-up-required":
        return _prove_again(path_of_page(here), path_of_form(here), status=error.status)
    if error.code == "csrf" and (action := path_of_form(here)) is not None:
        return render_carried(action, typed_fields(), status=error.status, why="opened before")
    return None


def _prove_again(page: str | None, form: str | None, *, status: int) -> Response:
    """Return the way to the page that asks for a proof, or that page with the form that waits for it."""
    if request.method in ("GET", "HEAD"):
        query = "?" + urlencode({NEXT: page}) if page is not None else ""
        return Response(status=303, headers={"Location": f"/me/proof{query}"})
    return render_proof(status=status, action=form or "", fields=typed_fields())


def render_proof(
    *,
    status: int = 200,
    message: str = "",
    after: str = "",
    action: str = "",
    fields: list[tuple[str, str]] | None = None,
) -> Response:
    """Return the page that asks whoever is signed in to prove it: then it leads on as a sign-in does."""
    return render_page(
        "web/proof.html",
        status=status,
        message=message,
        after=after,
        action=action,
        fields=[(PREFIX + name, value) for name, value in fields or []] if action else [],
    )


def render_sign_in(
    *,
    status: int = 200,
    email: str = "",
    message: str = "",
    after: str = "",
    action: str = "",
    fields: list[tuple[str, str]] | None = None,
    template: str = SIGN_IN,
    ways: object = None,
) -> Response:
    """Return the page that asks to sign in: ``after`` is where it leads, or ``action`` the waiting form's.

    ``template`` is SIGN_IN, or SECOND_FACTOR where the password has been shown; its ``ways`` say by what the
    person can show the second factor.
    """
    return render_page(
        template,
        status=status,
        email=email,
        message=message,
        after=after,
        action=action,
        fields=[(PREFIX + name, value) for name, value in fields or []] if action else [],
        ways=ways,
    )


def render_carried(
    action: str, fields: list[tuple[str, str]], *, status: int = 200, why: Why = "signed in"
) -> Response:
    """Return the page that sends a waiting form on; ``why`` says what it has waited for."""
    return render_page("web/carry_on.html", status=status, action=action, fields=fields, why=why)


def typed_fields() -> list[tuple[str, str]]:
    """Return what the request's form holds, without passwords and its token."""
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != CSRF_FIELD and "password" not in name
    ]
    return fields[:MOST]


def carried_fields() -> list[tuple[str, str]]:
    """Return the fields of the form that waits behind the sign-in's."""
    fields = [
        (name.removeprefix(PREFIX), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(PREFIX)
    ]
    return fields[:MOST]
