"""The pages of signing in and out, of a forgotten password, and of one's own preferences."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from flask import request

from hub.accounts.commands.passwords import (
    Reset,
    ask_for_reset,
    change_password,
    reset_password,
)
from hub.accounts.commands.people import change_preferences
from hub.accounts.commands.sign_ins import (
    PENDING_LASTS,
    candidate,
    is_proven,
    pending_person,
    revoke_one,
    revoke_others,
    sign_out,
    ways_of,
)
from hub.accounts.commands.throttle import count_reset, count_try, forgive
from hub.accounts.entering import enter, enter_by_code, ways_that_wait
from hub.accounts.identity import identify
from hub.accounts.leading_on import lead_on
from hub.accounts.queries import person_by_id, services_of, sign_ins_of
from hub.accounts.schemas import (
    LONGEST_CODE,
    ForgottenForm,
    NewPasswordForm,
    PasswordForm,
    PreferencesForm,
)
from hub.clock import now
from hub.errors import Gone, Invalid, Throttled, Unauthenticated
from hub.texts.catalogue import LOCALES, lazy
from hub.web.carrying import (
    ACTION,
    NEXT,
    SECOND_FACTOR,
    SIGN_IN,
    carried_fields,
    render_sign_in,
)
from hub.web.cookies import keep_cookie, read_cookie, remove_cookie, write_cookie
from hub.web.credential import Credential
from hub.web.errors import said
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.offload import in_thread
from hub.web.pages import page_blueprint, render_page
from hub.web.paths import path_of_form, path_of_page
from hub.web.request import (
    LANGUAGE_COOKIE,
    actor,
    client_address,
    database,
    found,
    scope,
    session,
)
from hub.workdays.zones import LABELS, ZONES

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

blp = page_blueprint("account_pages")

HOME = "/home"
LANGUAGE_SECONDS = 365 * 86_400
LONGEST_EMAIL = 254


@blp.route("/sign-in", methods=["GET"])
def show_sign_in() -> BaseResponse:
    """Ask to sign in; who is signed in already is led on."""
    after = path_of_page(request.args.get(NEXT))
    if actor().person_id is not None:
        return go(after or HOME)
    return render_sign_in(after=after or "")


@blp.route("/sign-in", methods=["POST"])
def sign_in_by_form() -> BaseResponse:
    """Sign in; then lead on, or offer to send the form that waited."""
    email = request.form.get("email", "").strip()[:LONGEST_EMAIL]
    after = path_of_page(request.form.get(NEXT)) or ""
    action = path_of_form(request.form.get(ACTION)) or ""
    try:
        signed = enter(email, request.form.get("password", ""))
    except (Unauthenticated, Throttled) as error:
        return render_sign_in(
            status=error.status,
            email=email,
            message=said(error.message, error.values),
            after=after,
            action=action,
            fields=carried_fields(),
        )
    if signed.is_pending:
        page = _ask_for_code(after=after, action=action, fields=carried_fields(), ways=signed.ways)
        write_cookie(page, signed.token, int(PENDING_LASTS.total_seconds()))
        return page
    return lead_on(signed, after, action)


@blp.route("/sign-in/code", methods=["GET"])
def show_code() -> BaseResponse:
    """Ask for the second factor again, where the password has been shown."""
    if actor().person_id is not None:
        return go(HOME)
    person = pending_person(session(), read_cookie(request))
    if person is None:
        return go("/sign-in")
    return _ask_for_code(after=path_of_page(request.args.get(NEXT)) or "", ways=ways_of(session(), person))


@blp.route("/sign-in/code", methods=["POST"])
def sign_in_by_code() -> BaseResponse:
    """Finish the sign-in; then lead on, or offer to send the form that waited."""
    after = path_of_page(request.form.get(NEXT)) or ""
    action = path_of_form(request.form.get(ACTION)) or ""
    try:
        signed = enter_by_code(request.form.get("code", "")[:LONGEST_CODE])
    except (Unauthenticated, Throttled) as error:
        message = said(error.message, error.values)
        return render_sign_in(
            status=error.status,
            message=message,
            after=after,
            action=action,
            fields=carried_fields(),
            template=SECOND_FACTOR if error.code == "second-factor-refused" else SIGN_IN,
            ways=ways_that_wait(),
        )
    return lead_on(signed, after, action)


@blp.route("/sign-out", methods=["POST"])
def sign_out_by_form() -> BaseResponse:
    """Sign this browser out; whoever is out already is led to the first page, too."""
    cookie = scope().cookie
    if cookie is not None:
        sign_out(session(), token=cookie)
    response = go("/", lazy("You are signed out."))
    remove_cookie(cast("Response", response))
    return response


@blp.route("/language", methods=["POST"])
def choose_language() -> BaseResponse:
    """Speak the other language from now on, to this browser and to the person signed in; the page stays."""
    language = request.form.get("language", "")
    response = go(path_of_page(request.form.get(NEXT)) or "/")
    if language not in LOCALES:
        return response
    cookie = read_cookie(request)
    if cookie is not None:
        with database().transaction() as writing:
            who = identify(writing, Credential("cookie", cookie, is_change=True))
            if who is not None and who.person_id is not None:
                change_preferences(person_by_id(writing, who.person_id), locale=language)
    keep_cookie(response, LANGUAGE_COOKIE, language, seconds=LANGUAGE_SECONDS)
    return response


@blp.route("/password/forgotten", methods=["GET"])
def show_forgotten() -> Response:
    """Ask for the address that a link to a new password goes to."""
    return _forgotten(Form(ForgottenForm))


@blp.route("/password/forgotten", methods=["POST"])
def ask_for_link() -> Response:
    """Send the link, and say the same whether the address is known or not."""
    form = Form.posted(ForgottenForm)
    try:
        email = form.load()["email"]
        with database().transaction() as counting:
            count_reset(counting, address=client_address())
    except (Invalid, Throttled) as error:
        return _forgotten(form.refused(error))
    ask_for_reset(session(), actor=actor(), email=email)
    return render_page("accounts/link_sent.html", email=email)


@blp.route("/password/new/<token>", methods=["GET"])
def show_new_password(token: str) -> Response:
    """Ask for the new password, or say that the link has ended."""
    del token
    return _new_password(cast("Reset", found()), Form(NewPasswordForm))


@blp.route("/password/new/<token>", methods=["POST"])
def set_new_password(token: str) -> BaseResponse:
    """Set the new password and lead on to the sign-in."""
    del token
    reset = cast("Reset", found())
    form = Form.posted(NewPasswordForm)
    try:
        reset_password(session(), actor=actor(), reset=reset, password=form.load()["password"])
    except Gone:
        return render_page("accounts/link_ended.html", status=410)
    except Invalid as error:
        return _new_password(reset, form.refused(error))
    return go("/sign-in", lazy("Your new password is set. Sign in with it."))


@blp.route("/me", methods=["GET"])
def show_me() -> Response:
    """Show who one is here, what one may change, and where one is signed in."""
    return _me()


@blp.route("/me", methods=["POST"])
def change_me() -> BaseResponse:
    """Change language, zone, and whether notifications come by mail."""
    form = Form.posted(PreferencesForm)
    try:
        change_preferences(person_by_id(session(), _own_id()), **form.load())
    except Invalid as error:
        return _me(preferences=form.refused(error))
    return go("/me", lazy("Your preferences are saved."))


@blp.route("/me/password", methods=["GET"])
def show_password() -> Response:
    """Ask for a new password; the present one beside it."""
    return _password(Form(PasswordForm))


@blp.route("/me/password", methods=["POST"])
def change_own_password() -> BaseResponse:
    """Change one's password; every other browser is signed out."""
    form = Form.posted(PasswordForm)
    person = person_by_id(session(), _own_id())
    try:
        typed = form.load()
        with database().transaction() as counting:
            count_try(counting, email=person.email, address=client_address())
            claimed = candidate(counting, email=person.email)
        proven = in_thread(is_proven, claimed, typed["present_password"])
        change_password(
            session(),
            actor=actor(),
            person=person,
            is_proven=proven,
            password=typed["password"],
            kept=scope().cookie,
        )
    except (Invalid, Throttled) as error:
        return _password(form.refused(error, names={"present": "present_password"}))
    forgive(session(), email=person.email, address=client_address())
    return go("/me", lazy("Your password is changed. Other browsers are signed out."))


@blp.route("/me/sign-ins/<string(maxlength=16):handle>/end", methods=["POST"])
def end_one_sign_in(handle: str) -> BaseResponse:
    """Sign another browser of one's own out."""
    revoke_one(session(), actor=actor(), person_id=_own_id(), handle=handle)
    return go("/me#sign-ins", lazy("That browser is signed out."))


@blp.route("/me/sign-ins/end-others", methods=["POST"])
def end_other_sign_ins() -> BaseResponse:
    """Sign every browser out but this one."""
    revoke_others(session(), actor=actor(), person_id=_own_id(), kept=scope().cookie or "")
    return go("/me#sign-ins", lazy("All other browsers are signed out."))


_ask_for_code = partial(render_sign_in, template=SECOND_FACTOR)


def _forgotten(form: Form) -> Response:
    return render_page("accounts/forgotten.html", status=form.status, form=form)


def _new_password(reset: Reset, form: Form) -> Response:
    if not reset.is_open:
        return render_page("accounts/link_ended.html", status=410)
    return render_page("accounts/new_password.html", status=form.status, form=form, reset=reset)


def _password(form: Form) -> Response:
    person = person_by_id(session(), _own_id())
    return render_page("accounts/password.html", status=form.status, form=form, email=person.email)


def _me(*, preferences: Form | None = None) -> Response:
    person = person_by_id(session(), _own_id())
    values: dict[str, Any] = {
        "locale": person.locale,
        "zone": person.iana_zone,
        "wants_mail": person.wants_mail,
    }
    preferences = preferences or Form(PreferencesForm, values)
    return render_page(
        "accounts/me.html",
        status=preferences.status,
        person=person,
        services=services_of(session(), person.id),
        sign_ins=sign_ins_of(session(), person.id, current=scope().cookie),
        preferences=preferences,
        zones=[(zone, f"{LABELS[zone]} ({zone.partition('/')[2]})") for zone in ZONES],
        now=now(session()),
    )


def _own_id() -> int:
    person_id = actor().person_id
    if person_id is None:
        raise Unauthenticated(lazy("Sign in to see this."))
    return person_id
