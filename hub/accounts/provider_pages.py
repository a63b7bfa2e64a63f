"""Sign in by the identity provider; link one's account there, and unlink it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

import orjson
import structlog
from flask import redirect, request

from hub.accounts.asking import vault
from hub.accounts.commands import identities
from hub.accounts.commands.sign_ins import PENDING_LASTS, Candidate, sign_in
from hub.accounts.commands.throttle import count_address, take_back
from hub.accounts.leading_on import lead_on
from hub.accounts.proofs import secret_hash
from hub.accounts.provider.errands import BACK, SECONDS, Errand, Provider
from hub.accounts.provider.tokens import Account
from hub.accounts.provider.wire import ProviderAnswerError, ProviderDownError, by_now
from hub.accounts.queries import person_by_id
from hub.accounts.vault import UnreadableError
from hub.errors import Conflict, NotFound, Throttled, Unauthenticated
from hub.texts.catalogue import lazy
from hub.web.carrying import NEXT
from hub.web.cookies import (
    cookie_name,
    forget_cookie,
    held_cookie,
    keep_cookie,
    read_cookie,
    write_cookie,
)
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.paths import path_of_page
from hub.web.request import actor, client_address, database, scope, session, settings

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.accounts.commands.sign_ins import SignedIn
    from hub.accounts.models import Person

blp = page_blueprint("provider_pages")
log = structlog.get_logger(__name__)

PLACE = "/me/provider"
ERRAND, ACCOUNT = "hub-errand", "hub-account"
LONGEST = 3000
NOT_HERE = lazy("There is nothing at this address, or it is not for you to see.")
DOWN = lazy("%(name)s cannot be reached at present. Sign in with your password, or try again later.")
DOWN_NOW = lazy("%(name)s cannot be reached at present. Try again later.")
STALE = lazy("That took too long, or began in another browser. Begin once more here.")
NOT_BELIEVED = lazy("%(name)s did not vouch for you. Try again, or sign in with your password.")
UNLINKED = lazy(
    "Your account at %(name)s is not linked with anybody here. Sign in with your password and link it on your"
    " own page, or ask the hub's administrator."
)


@blp.route("/sign-in/provider", methods=["GET"])
def begin_sign_in() -> BaseResponse:
    """Send the browser to the provider; nothing is kept but a sealed cookie."""
    after = path_of_page(request.args.get(NEXT)) or ""
    return _send(Errand.new("sign-in", after=after))


@blp.route("/me/provider/begin", methods=["GET"])
def begin_link() -> BaseResponse:
    """Send a signed-in browser to the provider, to come back with the account that is to be linked."""
    _provider()
    cookie = read_cookie(request)
    if cookie is None:
        return redirect("/sign-in?" + urlencode({NEXT: PLACE}), 303)
    return _send(Errand.new("link", bound=secret_hash(cookie).hex()))


@blp.route(BACK, methods=["GET"])
def come_back() -> BaseResponse:
    """Take what the browser brings back from the provider.

    The protocol makes this a GET that signs in. The state, sealed for this browser and good once, stands for
    the token that a form would have.
    """
    provider, errand = _provider(), _errand()
    if errand is None:
        return _home(None, STALE)
    try:
        account = _account(provider, errand)
        if errand.purpose == "link":
            response = go(f"{PLACE}/confirm")
            keep_cookie(response, ACCOUNT, _sealed(account), seconds=SECONDS)
        else:
            response = _led_on(_signed_in(account), errand.after)
    except (Unauthenticated, Throttled, ProviderDownError, ProviderAnswerError) as error:
        return _turned_back(errand, error)
    return _forget(response, ERRAND)


@blp.route(PLACE, methods=["GET"])
def show_link() -> Response:
    """Show whether one's account is linked."""
    provider = _provider()
    return render_page("accounts/provider.html", name=settings().oidc_name, identity=_identity(provider))


@blp.route("/me/provider/confirm", methods=["GET"])
def show_confirmation() -> BaseResponse:
    """Ask whether this account is to be linked."""
    _provider()
    sealed = held_cookie(request, ACCOUNT, longest=LONGEST)
    account = _opened(sealed)
    if account is None:
        return go(PLACE, STALE, tone="caution")
    return render_page(
        "accounts/provider_confirm.html", name=settings().oidc_name, account=account, sealed=sealed
    )


@blp.route(PLACE, methods=["POST"])
def link() -> BaseResponse:
    """Link the account that was shown."""
    _provider()
    account = _opened(request.form.get("account", ""))
    if account is None:
        return go(PLACE, STALE, tone="caution")
    try:
        identities.link(
            session(), actor=actor(), person=_myself(), issuer=account.issuer, subject=account.subject
        )
    except Conflict as error:
        return go(PLACE, error.message, tone="caution")
    return _forget(go(PLACE, lazy("Your account is linked: you can sign in by it.")), ACCOUNT)


@blp.route("/me/provider/unlink", methods=["GET"])
def show_unlinking() -> BaseResponse:
    """Ask whether one's account is to be unlinked."""
    if _identity(_provider()) is None:
        return go(PLACE, identities.NONE_LINKED, tone="info")
    return render_page("accounts/provider_unlink.html", name=settings().oidc_name)


@blp.route("/me/provider/unlink", methods=["POST"])
def unlink() -> BaseResponse:
    """Unlink it."""
    provider = _provider()
    identities.unlink(session(), actor=actor(), person=_myself(), issuer=provider.discovery.issuer)
    return go(PLACE, lazy("Your account is unlinked: it opens the hub no more."), tone="info")


def _provider() -> Provider:
    """Return the provider. Raises NotFound where none is set up."""
    if not settings().oidc_issuer:
        raise NotFound(NOT_HERE)
    return Provider.of(settings())


def _send(errand: Errand) -> BaseResponse:
    provider = _provider()
    try:
        address = provider.address(errand, ends_at=by_now())
    except (ProviderDownError, ProviderAnswerError) as error:
        return _turned_back(errand, error)
    response = redirect(address, 303)
    keep_cookie(response, ERRAND, errand.sealed(vault()), seconds=SECONDS)
    return response


def _errand() -> Errand | None:
    """Return why this browser was sent, if the state it brings back is that errand's."""
    sealed = held_cookie(request, ERRAND, longest=LONGEST)
    errand = Errand.opened(vault(), sealed) if sealed else None
    if errand is None or not errand.is_of(request.args.get("state", "")):
        return None
    return errand if errand.purpose == "sign-in" or errand.bound == _bound() else None


def _account(provider: Provider, errand: Errand) -> Account:
    """Return the account that was brought back; the try is counted and the state used up, come what may."""
    ends_at = by_now()
    with database().transaction() as counting:
        count_address(counting, address=client_address())
        is_first = identities.use_up(counting, errand.state)
    if not is_first:
        raise Unauthenticated(STALE)
    return provider.account(errand, request.args, ends_at=ends_at)


def _signed_in(account: Account) -> SignedIn:
    """Return the sign-in, pending where a second factor is to be shown.

    Raises Unauthenticated for an account that is linked with nobody.
    """
    address = client_address()
    with database().transaction() as signing:
        signing.info["origin"] = address
        person = identities.use(signing, issuer=account.issuer, subject=account.subject)
        if person is None:
            raise Unauthenticated(UNLINKED)
        take_back(signing, address=address)
        return sign_in(
            signing,
            claimed=Candidate(person.id, person.password_hash),
            user_agent=request.headers.get("User-Agent"),
            previous=read_cookie(request),
        )


def _led_on(signed: SignedIn, after: str) -> BaseResponse:
    if not signed.is_pending:
        return lead_on(signed, after, "")
    response = go("/sign-in/code" + ("?" + urlencode({NEXT: after}) if after else ""))
    write_cookie(cast("Response", response), signed.token, int(PENDING_LASTS.total_seconds()))
    return response


def _turned_back(
    errand: Errand, error: Unauthenticated | Throttled | ProviderDownError | ProviderAnswerError
) -> BaseResponse:
    """Lead back, and say why; what the provider did is logged, without a word that it sent."""
    if isinstance(error, (Unauthenticated, Throttled)):
        return _home(errand, error.message, **error.values)
    is_down = isinstance(error, ProviderDownError)
    log.warning("provider.down" if is_down else "provider.not_believed", error=str(error))
    if is_down:
        return _home(errand, DOWN if errand.purpose == "sign-in" else DOWN_NOW)
    return _home(errand, NOT_BELIEVED)


def _home(errand: Errand | None, message: str, **values: object) -> BaseResponse:
    """Lead back to where the errand began, and say there what came of it."""
    if errand is not None and errand.purpose == "link":
        place = PLACE
    else:
        after = errand.after if errand is not None else ""
        place = "/sign-in" + ("?" + urlencode({NEXT: after}) if after else "")
    facts = {"name": settings().oidc_name, **{key: str(value) for key, value in values.items()}}
    return _forget(go(place, message, tone="caution", undo=None, **facts), ERRAND)


def _bound() -> str:
    cookie = read_cookie(request)
    return secret_hash(cookie).hex() if cookie is not None else ""


def _sealed(account: Account) -> str:
    return vault().seal(orjson.dumps(asdict(account)).decode(), f"account of {_bound()}").decode("ascii")


def _opened(sealed: str) -> Account | None:
    """Return the account that this sign-in brought back from the provider; None for anything else."""
    if not 0 < len(sealed) <= LONGEST or not sealed.isascii():
        return None
    try:
        return Account(
            **orjson.loads(vault().open(sealed.encode(), f"account of {_bound()}", within_seconds=SECONDS))
        )
    except UnreadableError:
        return None


def _forget(response: BaseResponse, name: str) -> BaseResponse:
    if cookie_name(name, settings()) in request.cookies:
        forget_cookie(response, name)
    return response


def _identity(provider: Provider) -> object:
    return identities.identity_of(session(), person_id=_myself().id, issuer=provider.discovery.issuer)


def _myself() -> Person:
    person_id = actor().person_id
    if person_id is None or scope().session is None:
        raise Unauthenticated(lazy("Sign in to see this."))
    return person_by_id(session(), person_id)
