"""Prove again who one is, before what is dangerous: by a code or a passkey, else by the password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from hub.accounts import asking
from hub.accounts.asking import party, vault
from hub.accounts.commands.passkeys import passkeys_of, use
from hub.accounts.commands.passwords import WRONG
from hub.accounts.commands.second_factor import demand_code
from hub.accounts.commands.sign_ins import candidate, is_proven, prove_again
from hub.accounts.commands.throttle import count_address, count_try, forgive, take_back
from hub.accounts.entering import PASSKEY_REFUSED
from hub.accounts.leading_on import go_on
from hub.accounts.queries import person_by_id
from hub.accounts.schemas import LONGEST_CODE, LONGEST_CREDENTIAL
from hub.errors import Forbidden, Invalid, Throttled, Unauthenticated
from hub.texts.catalogue import lazy
from hub.web.carrying import ACTION, NEXT, carried_fields, render_proof
from hub.web.errors import said
from hub.web.offload import in_thread
from hub.web.pages import page_blueprint
from hub.web.paths import path_of_form, path_of_page
from hub.web.request import actor, client_address, database, scope, session

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.accounts.models import Person
    from hub.errors import HubError

blp = page_blueprint("proof_pages")


@blp.route("/me/proof", methods=["GET"])
def show_proof() -> Response:
    """Ask whoever is signed in to prove it."""
    return render_proof(after=path_of_page(request.args.get(NEXT)) or "")


@blp.route("/me/proof", methods=["POST"])
def prove() -> BaseResponse:
    """Take a code, or the password of who has no second factor; then go on with what waited."""
    cookie, person = _cookie(), _myself()
    try:
        with database().transaction() as counting:
            count_try(counting, email=person.email, address=client_address())
            claimed = candidate(counting, email=person.email)
        if actor().has_second_factor:
            code = request.form.get("code", "")[:LONGEST_CODE]
            demand_code(session(), vault=vault(), person=person, code=code)
        elif not in_thread(is_proven, claimed, request.form.get("password", "")):
            return _refused(Invalid(WRONG))
    except (Invalid, Throttled) as error:
        return _refused(error)
    forgive(session(), email=person.email, address=client_address())
    return _go_on(cookie)


@blp.route("/me/proof/passkey/options", methods=["POST"])
def ask_for_proof() -> Response:
    """Ask for one of one's own passkeys."""
    return asking.ask_for(asking.PROOF, passkeys_of(session(), _myself().id))


@blp.route("/me/proof/passkey", methods=["POST"])
def prove_by_passkey() -> BaseResponse:
    """Take a passkey; then go on with what waited."""
    cookie, person, here, address = _cookie(), _myself(), party(), client_address()
    try:
        with database().transaction() as counting:
            count_address(counting, address=address)
            challenge = asking.asked(counting, asking.PROOF)
    except Throttled as error:
        return _refused(error)
    proven = None
    if challenge is not None:
        # A transaction of its own: what it records of a copied key outlives the refusal.
        with database().transaction() as using:
            using.info["origin"] = address
            proven = use(
                using,
                actor=actor(),
                party=here,
                challenge=challenge,
                credential=request.form.get("credential", "")[:LONGEST_CREDENTIAL],
                expected=person.id,
            )
    if proven is None:
        return _refused(Forbidden(PASSKEY_REFUSED))
    take_back(session(), address=address)
    return _go_on(cookie)


def _go_on(cookie: str) -> BaseResponse:
    after = path_of_page(request.form.get(NEXT)) or ""
    action = path_of_form(request.form.get(ACTION)) or ""
    return go_on(prove_again(session(), token=cookie), after, action)


def _refused(error: HubError) -> Response:
    return render_proof(
        status=error.status,
        message=said(error.message, error.values),
        after=path_of_page(request.form.get(NEXT)) or "",
        action=path_of_form(request.form.get(ACTION)) or "",
        fields=carried_fields(),
    )


def _cookie() -> str:
    cookie = scope().cookie
    if cookie is None:
        raise Forbidden(lazy("A token proves nothing: sign in to do this."))
    return cookie


def _myself() -> Person:
    person_id = actor().person_id
    if person_id is None:
        raise Unauthenticated(lazy("Sign in to see this."))
    return person_by_id(session(), person_id)
