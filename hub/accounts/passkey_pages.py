"""Sign in by a passkey; add, rename and remove one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from hub.accounts import asking
from hub.accounts.asking import party
from hub.accounts.ceremonies import CeremonyError, creation_options, read_made
from hub.accounts.commands import passkeys
from hub.accounts.commands.sign_ins import pending_person
from hub.accounts.entering import WAITED_TOO_LONG, enter_by_passkey, ways_that_wait
from hub.accounts.leading_on import lead_on
from hub.accounts.queries import person_by_id
from hub.accounts.schemas import LONGEST_CREDENTIAL, NewPasskeyForm, PasskeyForm
from hub.errors import Conflict, Invalid, Throttled, Unauthenticated
from hub.texts.catalogue import lazy
from hub.web.application import is_privileged
from hub.web.carrying import ACTION, NEXT, SECOND_FACTOR, SIGN_IN, carried_fields, render_sign_in
from hub.web.cookies import read_cookie
from hub.web.errors import said
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.paths import path_of_form, path_of_page
from hub.web.request import actor, database, scope, session, settings

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.accounts.models import Person

blp = page_blueprint("passkey_pages")

NOT_MADE = lazy("The device's answer was not accepted. Try again.")
PLACE = "/me/second-factor"


@blp.route("/sign-in/passkey/options", methods=["POST"])
def ask_to_sign_in() -> Response:
    """Ask the browser for any passkey of the hub's; the same for everybody."""
    return asking.ask_for(asking.SIGN_IN, [])


@blp.route("/sign-in/passkey", methods=["POST"])
def sign_in_by_passkey() -> BaseResponse:
    """Sign in by a passkey alone."""
    return _enter(is_second=False)


@blp.route("/sign-in/code/passkey/options", methods=["POST"])
def ask_for_second() -> Response:
    """Ask for a passkey of the person whose password was shown."""
    with database().transaction() as reading:
        person = pending_person(reading, read_cookie(request))
        if person is None:
            raise Unauthenticated(WAITED_TOO_LONG, code="sign-in-refused")
        return asking.ask_for(asking.SECOND, passkeys.passkeys_of(reading, person.id))


@blp.route("/sign-in/code/passkey", methods=["POST"])
def finish_by_passkey() -> BaseResponse:
    """Finish the sign-in that waits for its second factor."""
    return _enter(is_second=True)


@blp.route("/me/passkeys/new", methods=["GET"])
def show_new_passkey() -> Response:
    """Ask how the new passkey is called, and let the device make it."""
    return _new(Form(NewPasskeyForm))


@blp.route("/me/passkeys/options", methods=["POST"])
def ask_for_new() -> Response:
    """Ask the device for a new passkey."""
    person, here = _myself(), party()
    known = passkeys.passkeys_of(session(), person.id)
    return asking.ask(
        asking.REGISTER,
        lambda challenge: creation_options(
            here, challenge=challenge, person_id=person.id, email=person.email, name=person.name, known=known
        ),
    )


@blp.route("/me/passkeys", methods=["POST"])
def add_passkey() -> BaseResponse:
    """Add the passkey that the device made; with the first one the recovery codes are shown, once."""
    form = Form.posted(NewPasskeyForm)
    person, here = _myself(), party()
    try:
        typed = form.load()
        with database().transaction() as using:
            challenge = asking.asked(using, asking.REGISTER)
        made = read_made(here, challenge=challenge, credential=typed["credential"])
        codes = passkeys.add(
            session(), actor=actor(), person=person, made=made, name=typed["name"], kept=scope().cookie
        )
    except CeremonyError:
        return _new(form.refused(Invalid(NOT_MADE)))
    except (Invalid, Conflict) as error:
        return _new(form.refused(error))
    if codes:
        return render_page("accounts/recovery_codes.html", codes=codes)
    return go(PLACE, lazy("The passkey is added."))


@blp.route("/me/passkeys/<int:passkey_id>", methods=["GET"])
def show_passkey(passkey_id: int) -> Response:
    """Show one of one's passkeys, to be renamed or removed."""
    row = passkeys.find(session(), person_id=_myself().id, passkey_id=passkey_id)
    return _one(passkey_id, Form(PasskeyForm, {"name": row.name}))


@blp.route("/me/passkeys/<int:passkey_id>", methods=["POST"])
def rename_passkey(passkey_id: int) -> BaseResponse:
    """Call a passkey otherwise."""
    form = Form.posted(PasskeyForm)
    person = _myself()
    passkeys.find(session(), person_id=person.id, passkey_id=passkey_id)
    try:
        passkeys.rename(session(), person_id=person.id, passkey_id=passkey_id, name=form.load()["name"])
    except Invalid as error:
        return _one(passkey_id, form.refused(error))
    return go(PLACE, lazy("The passkey has its new name."))


@blp.route("/me/passkeys/<int:passkey_id>/remove", methods=["POST"])
def remove_passkey(passkey_id: int) -> BaseResponse:
    """Remove a passkey; the device may keep its half, which opens nothing any more."""
    passkeys.remove(
        session(),
        actor=actor(),
        person=_myself(),
        passkey_id=passkey_id,
        is_compulsory=_is_compulsory(),
    )
    return go(PLACE, lazy("The passkey is removed: it opens nothing any more."), tone="info")


def _enter(*, is_second: bool) -> BaseResponse:
    after = path_of_page(request.form.get(NEXT)) or ""
    action = path_of_form(request.form.get(ACTION)) or ""
    try:
        signed = enter_by_passkey(_credential(), is_second=is_second)
    except (Unauthenticated, Throttled) as error:
        is_waiting = is_second and error.code != "sign-in-refused"
        return render_sign_in(
            status=error.status,
            message=said(error.message, error.values),
            after=after,
            action=action,
            fields=carried_fields(),
            template=SECOND_FACTOR if is_waiting else SIGN_IN,
            ways=ways_that_wait() if is_waiting else None,
        )
    return lead_on(signed, after, action)


def _credential() -> str:
    """Return what the device said; too much of it is cut, so that it cannot be read."""
    return request.form.get("credential", "")[:LONGEST_CREDENTIAL]


def _new(form: Form) -> Response:
    return render_page("accounts/new_passkey.html", status=form.status, form=form)


def _one(passkey_id: int, form: Form) -> Response:
    person = _myself()
    return render_page(
        "accounts/passkey.html",
        status=form.status,
        form=form,
        passkey=passkeys.find(session(), person_id=person.id, passkey_id=passkey_id),
        may_remove=not (_is_compulsory() and passkeys.is_last(session(), person)),
    )


def _is_compulsory() -> bool:
    return settings().second_factor == "required" and is_privileged(actor())


def _myself() -> Person:
    person_id = actor().person_id
    if person_id is None:
        raise Unauthenticated(lazy("Sign in to see this."))
    return person_by_id(session(), person_id)
