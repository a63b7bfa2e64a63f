"""Set a second factor up, get new recovery codes, remove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from markupsafe import Markup

from hub.accounts.asking import vault
from hub.accounts.commands import passkeys, second_factor
from hub.accounts.commands.sign_ins import ways_of
from hub.accounts.commands.throttle import count_try, forgive
from hub.accounts.queries import person_by_id
from hub.accounts.schemas import EnrolForm
from hub.clock import now
from hub.errors import Invalid, Throttled, Unauthenticated
from hub.texts.catalogue import lazy
from hub.web.application import is_privileged
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, client_address, database, scope, session, settings

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.accounts.models import Person

blp = page_blueprint("second_factor_pages")


@blp.route("/me/second-factor", methods=["GET"])
def show_second_factor() -> Response:
    """Offer to set a second factor up, or show that there is one."""
    return _page()


@blp.route("/me/second-factor", methods=["POST"])
def set_up_second_factor() -> Response:
    """Set it up with a first code, and show the recovery codes, once."""
    form = Form.posted(EnrolForm)
    person = _myself()
    try:
        typed = form.load()
        _count(person)
        secret = second_factor.offered(vault(), person, typed["offer"])
        codes = second_factor.set_up(
            session(),
            actor=actor(),
            vault=vault(),
            person=person,
            secret=secret,
            code=typed["code"],
            kept=scope().cookie,
        )
    except (Invalid, Throttled) as error:
        return _page(enrol=form.refused(error))
    return _codes(person, codes)


@blp.route("/me/second-factor/codes", methods=["POST"])
def renew_codes() -> Response:
    """Show new recovery codes, once; older ones count no more."""
    person = _myself()
    return _codes(person, second_factor.renew_codes(session(), actor=actor(), person=person))


@blp.route("/me/second-factor/remove", methods=["POST"])
def remove_second_factor() -> BaseResponse:
    """Remove the app."""
    person = _myself()
    second_factor.remove(session(), actor=actor(), person=person, is_compulsory=_is_compulsory())
    if ways_of(session(), person).is_any:
        return go("/me/second-factor", lazy("The app is removed. Your passkeys open the hub as before."))
    return go(
        "/me", lazy("The second factor is removed: your password alone opens the hub now."), tone="info"
    )


@blp.route("/me/second-factor/app", methods=["GET"])
def show_new_app() -> Response:
    """Offer to move to a new phone: the old app counts until the new one has shown a code."""
    return _page(is_replacing=True)


def _page(*, enrol: Form | None = None, is_replacing: bool = False) -> Response:
    person = _myself()
    offer = (enrol.value("offer") if enrol is not None else "") or None
    secret = None
    if person.totp_secret is None or is_replacing or enrol is not None:
        secret = second_factor.new_secret()
        if offer is not None:
            try:
                secret = second_factor.offered(vault(), person, offer)
            except Invalid:
                offer = None  # too old: the page shows a new picture, and says so beside the code
        offer = offer or second_factor.offer(vault(), person, secret)
    return render_page(
        "accounts/second_factor.html",
        status=enrol.status if enrol is not None else 200,
        person=person,
        secret=secret,
        offer=offer,
        picture=_picture(person, secret) if secret else None,
        passkeys=passkeys.passkeys_of(session(), person.id),
        most=passkeys.MOST,
        left=second_factor.codes_left(session(), person.id),
        now=now(session()),
        is_compulsory=_is_compulsory(),
        enrol=enrol or Form(EnrolForm),
    )


def _is_compulsory() -> bool:
    return settings().second_factor == "required" and is_privileged(actor())


def _codes(person: Person, codes: list[str]) -> Response:
    forgive(session(), email=person.email, address=client_address())
    return render_page("accounts/recovery_codes.html", codes=codes)


def _picture(person: Person, secret: str) -> Markup:
    made = segno.make(second_factor.address_of(person, secret), error="m")
    return Markup(made.svg_inline(scale=5, border=4, dark="#000", light="#fff", svgclass="qr"))  # noqa: S704 -- drawn here from squares


def _count(person: Person) -> None:
    """Count a try in a transaction of its own: a refused form is rolled back, its try is not."""
    with database().transaction() as counting:
        count_try(counting, email=person.email, address=client_address())


def _myself() -> Person:
    person_id = actor().person_id
    if person_id is None:
        raise Unauthenticated(lazy("Sign in to see this."))
    return person_by_id(session(), person_id)
