"""The Flask application: one request is one transaction, opened, judged and ended here.

In this order: where the request comes from, its body, the transaction, who acts, the CSRF token, whether
they may be here at all, whether this request was answered before, the object, the view, the commit.
GET and HEAD run in a READ ONLY transaction: the database itself refuses a write in a GET.
"""

from __future__ import annotations

import dataclasses
import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, cast

import orjson
import structlog
from flask import Flask, Response, request
from flask.json.provider import JSONProvider
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from hub.clock import demand_true_time
from hub.db.patience import at_most
from hub.db.pool import watch_pool
from hub.db.transaction import Database, act_for
from hub.errors import Forbidden, Unauthenticated
from hub.texts.catalogue import lazy
from hub.texts.links import LinkKeys
from hub.web import idempotency, observed
from hub.web.assets import compress, send_asset
from hub.web.cookies import read_cookie
from hub.web.credential import Credential
from hub.web.csrf import SAFE_METHODS, demand_csrf_token, demand_own_origin
from hub.web.errors import register_errors
from hub.web.forms import is_resized
from hub.web.headers import set_headers
from hub.web.notices import carry_notice
from hub.web.policy import Policy, scope_of, view_arguments
from hub.web.request import RequestScope, client_address, scope
from hub.web.scopes import demand_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping
    from typing import Any

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from config.settings import Settings
    from hub.actor import Actor
    from hub.web.request import Surroundings

LARGEST_BODY = 1_048_576
ANSWER_SECONDS = 4.5
"""So long a request may wait for the database; then it is answered 503, within five seconds."""
FAILURES = 400
"""From this status on the request has failed and leaves nothing behind."""
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

log = structlog.get_logger(__name__)


class OrjsonProvider(JSONProvider):
    """JSON by orjson: faster, and moments come out as ISO 8601."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        """Return the JSON text of an object."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        """Return the object of a JSON text."""
        return orjson.loads(s)


class RowNumber(IntegerConverter):
    """A row's number in an address: plain digits that fit a bigint (werkzeug's takes any script's)."""

    regex = "[0-9]{1,18}"


class HubFlask(Flask):
    """The application; ``hub.factory.create_app`` makes it."""

    def __init__(
        self,
        settings: Settings,
        policies: Mapping[str, Policy],
        identify: Callable[[Session, Credential], Actor | None],
        surroundings: Callable[[Session, Actor], Surroundings] | None = None,
    ) -> None:
        super().__init__("hub.web", static_folder=None)
        self.settings = settings
        self.policies = policies
        self.identify = identify
        self.surroundings = surroundings
        self.link_keys = LinkKeys(settings.secret_keys)
        self.is_clock_true = False
        self.json = OrjsonProvider(self)
        self.url_map.converters["int"] = RowNumber
        local = settings.trusted_host in ("localhost", "127.0.0.1", "::1")
        self.config.update(
            MAX_CONTENT_LENGTH=LARGEST_BODY,
            MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
            TRUSTED_HOSTS=list(LOOPBACK) if local else [settings.trusted_host],
        )
        if hops := settings.trusted_proxies:
            self.wsgi_app = ProxyFix(self.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
        self.add_url_rule("/static/<path:filename>", "static", send_asset)
        compress(self)
        register_errors(self)

    @cached_property
    def database(self) -> Database:
        """Return the database as hub_app; made when first asked for, so after gunicorn's fork."""
        database = Database.connect(self.settings, "app")
        watch_pool(database.engine, "app")
        return database

    def preprocess_request(self, *context: Any) -> ResponseReturnValue | None:
        """Note when the request began; then do as Flask does."""
        observed.begin()
        return super().preprocess_request(*context)

    def warm_up(self) -> None:
        """Open the first connection before a request waits for it; without a database there is none."""
        try:
            with at_most(ANSWER_SECONDS), self.database.transaction() as session:
                session.execute(text("SELECT 1"))
        except DBAPIError as error:
            log.warning("database.unavailable", sqlstate=None, error=type(error).__name__, route="")

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer the current request as the module says."""
        if request.routing_exception is not None:
            self.raise_routing_exception(request)
        rule = request.url_rule
        if rule is None or request.method == "OPTIONS":
            return self.make_default_options_response()
        policy = self.policies[rule.endpoint]
        if request.method not in SAFE_METHODS:
            demand_own_origin(request, self.settings.base_url)
            self._read_body(policy)
        with at_most(ANSWER_SECONDS):
            return self._run_view() if policy.is_bare else self._run_in_transaction(policy)

    def _run_in_transaction(self, policy: Policy) -> Response:
        is_change = request.method not in SAFE_METHODS
        with self.database.transaction() as session:
            doings = session.info
            if is_change:
                session.info["origin"] = client_address()
            else:
                session.connection(execution_options={"postgresql_readonly": True})
            current = scope()
            current.session = session
            self.demand_true_time(session)
            try:
                response = self._answer(session, current, policy)
            finally:
                current.session = None
            if response.status_code >= FAILURES or is_resized(request):
                session.rollback()
        self.do_afterwards(doings)
        return response

    def do_afterwards(self, doings: MutableMapping[Any, Any]) -> None:
        """Write, after a transaction that only read, what it left to be written: when a proof was used.

        A trace that cannot be written fails no request that was answered.
        """
        leave = doings.pop("afterwards", None)
        if leave is None:
            return
        try:
            with self.database.transaction() as session:
                leave(session)
        except (DBAPIError, PoolTimeoutError) as error:
            log.warning("proof.use_not_noted", error=type(error).__name__)

    def demand_true_time(self, session: Session) -> None:
        """Raise Conflict if the hub's clock is off in production; asked until it was found true once."""
        if not self.is_clock_true:
            demand_true_time(session, self.settings)
            self.is_clock_true = True

    def log_exception(self, exc_info: Any) -> None:
        """Log what nobody expected, under its route: an address can hold a link's token."""
        log.error("request.failed", method=request.method, route=str(request.url_rule), exc_info=exc_info)

    def process_response(self, response: Response) -> Response:
        """Set the headers that every answer has."""
        carry_notice(response)
        response = set_headers(
            response, self.settings, is_static=request.endpoint == "static" and "v" in request.args
        )
        # Compression comes last: it is one of Flask's own "after request" functions.
        return observed.finish(super().process_response(response))

    def _answer(self, session: Session, current: RequestScope, policy: Policy) -> Response:
        is_change = request.method not in SAFE_METHODS
        if policy.who != "link":
            self._identify(session, current, is_change=is_change)
        _demand(policy, current.actor, self.settings)
        if current.actor.scopes is not None:
            self._demand_scope(session, current.actor, policy)
        key: str | None = None
        if request.method == "POST" and policy.answer != "none" and not is_resized(request):
            key = idempotency.read_key(request)
            owner = _owner_of_key(current.actor)
            if (kept := idempotency.kept_answer(session, owner, key, request)) is not None:
                return kept
        if policy.find is not None:
            current.found = policy.find(session, current.actor, **view_arguments(request.view_args))
        response = self._run_view()
        session.flush()
        if current.etag is not None:
            response.set_etag(current.etag)
            response.make_conditional(request)
        if key is not None and response.status_code < FAILURES:
            idempotency.keep_answer(session, owner, key, response, is_secret=policy.answer == "secret")
        return response

    def _demand_scope(self, session: Session, actor: Actor, policy: Policy) -> None:
        """Raise Forbidden where the token may not be used for this; NotFound first for what is hidden."""
        assert request.url_rule is not None  # noqa: S101 -- the router found it
        needed = scope_of(policy, request.url_rule, request.method)
        if needed is None:
            return
        try:
            demand_scope(actor, needed)
        except Forbidden:
            if policy.find is not None:
                policy.find(session, actor, **view_arguments(request.view_args))
            raise

    def _run_view(self) -> Response:
        assert request.url_rule is not None  # noqa: S101 -- the router found it
        view = cast("Callable[..., ResponseReturnValue]", self.view_functions[request.url_rule.endpoint])
        return self.make_response(view(**view_arguments(request.view_args)))

    def _read_body(self, policy: Policy) -> None:
        """Read it before the transaction: a slow sender must not hold a connection."""
        if policy.largest_body is not None:
            request.max_content_length = policy.largest_body
        body = request.get_data(cache=True)
        if body and request.path.startswith("/api/") and not request.is_json:
            raise UnsupportedMediaType

    def _identify(self, session: Session, current: RequestScope, *, is_change: bool) -> None:
        correlation_id = current.actor.correlation_id
        header = request.headers.get("Authorization")
        cookie = read_cookie(request)
        if header is not None:
            scheme, _, secret = header.partition(" ")
            found = (
                self.identify(session, Credential("bearer", secret.strip(), is_change))
                if scheme.lower() == "bearer"
                else None
            )
            if found is None:
                raise Unauthenticated(lazy("The token is unknown, expired or revoked."), code="token-refused")
            current.actor = dataclasses.replace(found, correlation_id=correlation_id)
        elif cookie is not None:
            found = self.identify(session, Credential("cookie", cookie, is_change))
            if found is None:
                return
            current.actor = dataclasses.replace(found, correlation_id=correlation_id)
            current.cookie = cookie
            if is_change:
                demand_csrf_token(request, cookie)
        else:
            return
        act_for(session, current.actor)


SECOND_FACTOR_FIRST = lazy("Set up a second factor first: administrators and overseers need one.")


def is_privileged(actor: Actor) -> bool:
    """Return whether the actor sees or does more than a post allows, and so must be proven twice."""
    rights = (actor.is_admin, actor.is_auditor, actor.oversees_all, actor.region_ids)
    return actor.person_id is not None and any(rights)


def demand_second_factor(actor: Actor, settings: Settings) -> None:
    """Raise Forbidden where the hub demands a second factor of the actor and there is none."""
    if settings.second_factor == "required" and not actor.has_second_factor and is_privileged(actor):
        raise Forbidden(SECOND_FACTOR_FIRST, code="second-factor-missing")


PROVE_AGAIN = lazy("This is far-reaching: prove once more that it is you.")


def _demand(policy: Policy, actor: Actor, settings: Settings) -> None:
    if policy.who in ("signed_in", "admin", "auditor") and actor.person_id is None:
        raise Unauthenticated(lazy("Sign in to see this."))
    if policy.who == "auditor" and not (actor.is_admin or actor.is_auditor):
        raise Forbidden(lazy("Only an auditor or an administrator may do this."))
    if policy.who == "admin" and not actor.is_admin:
        raise Forbidden(lazy("Only an administrator may do this."))
    if policy.needs_second_factor and policy.who in ("signed_in", "admin", "auditor"):
        demand_second_factor(actor, settings)
    if policy.fresh and not actor.is_fresh:
        raise Forbidden(PROVE_AGAIN, code="step-up-required")


def _owner_of_key(actor: Actor) -> str:
    """Return whose keys these are; without a person it is the link, that is the address itself."""
    if actor.person_id is not None:
        return f"person:{actor.person_id}"
    return f"link:{hashlib.sha256(request.path.encode()).hexdigest()[:32]}"
