"""Make the JSON API: blueprints whose views are functions, and its OpenAPI 3.1 description.

``blp = api_blueprint("visits")``; ``@blp.route("/visits/<int:visit_id>", methods=["GET"])``;
``@blp.arguments(Schema)`` (JSON) or ``@blp.arguments(Schema, location="query")``;
``@blp.response(200, Schema)``. One endpoint per method: endpoint and policy row share one name.
"""

from __future__ import annotations

import http
import re
from typing import TYPE_CHECKING, Any, TypeVar, cast

import marshmallow as ma
from flask_smorest import Api, Blueprint
from flask_smorest.utils import prepare_response

from hub.web.cookies import SIGN_IN, cookie_name
from hub.web.errors import PROBLEM
from hub.web.fields import Choice
from hub.web.guarding import HEADER as GUARD_HEADER
from hub.web.guarding import watches
from hub.web.idempotency import HEADER as KEY_HEADER
from hub.web.parsing import PARSER
from hub.web.policy import scope_of
from hub.web.scopes import BROWSER, SCOPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask

    from hub.web.application import HubFlask
    from hub.web.policy import Policy

View = TypeVar("View", bound="Callable[..., Any]")

PREFIX = "/api/v1"
ARGUMENT = re.compile(r"<(?:[^<>:]+:)?([^<>:]+)>")
KEY_PARAMETER = {
    "in": "header",
    "name": KEY_HEADER,
    "required": True,
    "schema": {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
    "description": "A new random text for each thing you do; the same on a retry.",
}
PUBLISHES = "hub_publishes"
CONFIRMING = {
    "in": "header",
    "name": GUARD_HEADER,
    "schema": {"type": "string", "enum": ["true"]},
    "description": "Only after `inmate-data-suspected`, and only when somebody has looked: none of the "
    "texts tells who is in custody. It is recorded.",
}
DESCRIPTION = """\
Proposals, visits, outcomes and follow-ups of Indonesia's corrections units.

Sign in with `POST /api/v1/sign-ins` (a cookie; send `X-CSRF-Token` with every change) or send
`Authorization: Bearer hub_…`, a token that a person makes (*You in the hub* → *Tokens for programs*, or
`POST /api/v1/tokens`). It may do what that person may, as far as its scopes go; each operation says which one
it takes, and without it answers 403 `insufficient-scope`.

Errors are `application/problem+json` in the language of `Accept-Language` (id, en). Every POST takes an
`Idempotency-Key`; edits take the `ETag` they read as `If-Match`. Lists are read with `after` and `limit`.

Being in custody is sensitive by itself: no text may tell of whom it is so. One that seems to (an identity
or register number, "WBP a.n. …") is answered with 422 and the code `inmate-data-suspected`, with the fields
and the `kinds` of what was seen. Take it out; or, if somebody has looked and it is no inmate's data, send
the same again with `Confirms-No-Inmate-Data: true`. A draft is kept with a
warning, and publishing it asks.

Scopes:

"""


DESCRIPTION += "\n".join(f"- `{scope}`: {allows}" for scope, allows in SCOPES.items())


class FieldFault(ma.Schema):
    """One message about one field of the input."""

    field = ma.fields.String(metadata={"description": "A dotted path, such as agenda.0.title"})
    message = ma.fields.String()
    kinds = ma.fields.List(
        ma.fields.String(),
        metadata={"description": "With inmate-data-suspected: identity-number, register-number, name"},
    )


class Problem(ma.Schema):
    """An error, as RFC 9457 describes it."""

    type = ma.fields.String()
    title = ma.fields.String()
    status = ma.fields.Integer()
    detail = ma.fields.String()
    code = ma.fields.String(metadata={"description": "Stable, for programs"})
    scope = ma.fields.String(metadata={"description": "With insufficient-scope: the one that is missing"})
    errors = ma.fields.List(ma.fields.Nested(FieldFault))


class HubBlueprint(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A blueprint that reads its input strictly and describes the headers that our requests need."""

    ARGUMENTS_PARSER = PARSER

    if TYPE_CHECKING:  # what its untyped decorators make of a view is a view

        def route(self, rule: str, *, methods: list[str], **options: Any) -> Callable[[View], View]:
            """Answer at an address."""

        def arguments(self, schema: type[ma.Schema], **options: Any) -> Callable[[View], View]:
            """Read the input through a schema and hand it to the view first."""

        def response(
            self, status: int, schema: type[ma.Schema] | None = None, **options: Any
        ) -> Callable[[View], View]:
            """Answer with what the schema makes of the view's value."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._prepare_doc_cbks += [self._describe_key, self._describe_guard]

    @staticmethod
    def _describe_key(
        doc: dict[str, Any], _doc_info: object, *, method: str, **_options: object
    ) -> dict[str, Any]:
        if method == "post":
            doc.setdefault("parameters", []).append(dict(KEY_PARAMETER))
        return doc

    @staticmethod
    def publishes(view: View) -> View:
        """Mark a view that shares a draft: the no-inmate-data guard looks at it then."""
        described = cast("Any", view)
        described._apidoc = {**getattr(view, "_apidoc", {}), PUBLISHES: True}  # noqa: SLF001 -- as smorest's own
        return view

    @staticmethod
    def _describe_guard(
        doc: dict[str, Any], doc_info: Mapping[str, Any], **_options: object
    ) -> dict[str, Any]:
        bodies = doc.get("requestBody", {}).get("content", {}).values()
        if PUBLISHES in doc_info or any(watches(body.get("schema")) for body in bodies):
            doc.setdefault("parameters", []).append(dict(CONFIRMING))
        return doc


class HubApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest's API object; errors are answered by ``hub.web.errors`` instead."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Leave them to the application: pages need answers, too."""

    def _register_responses(self) -> None:
        for status in http.HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= http.HTTPStatus.BAD_REQUEST:
                response["schema"] = self.ERROR_SCHEMA
                prepare_response(response, self.spec, PROBLEM)
            self.spec.components.response(status.name, response, lazy=True)
        fallback: dict[str, Any] = {"description": "Any error", "schema": self.ERROR_SCHEMA}
        prepare_response(fallback, self.spec, PROBLEM)
        self.spec.components.response(self.DEFAULT_ERROR_RESPONSE_NAME, fallback, lazy=True)


def api_blueprint(name: str) -> HubBlueprint:
    """Return the blueprint of a capability's API; endpoints are ``<name>.<function>``."""
    return HubBlueprint(name, name, url_prefix=PREFIX)


def make_api(app: HubFlask) -> HubApi:
    """Return the API object of an application; register the blueprints on it."""
    app.config.update(API_TITLE="Sinergi Hub", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    api = HubApi(app, spec_kwargs={"info": {"description": DESCRIPTION}, "servers": [{"url": "/"}]})
    api.ma_plugin.converter.add_attribute_function(_describe_choices)
    components = api.spec.components
    components.security_scheme(
        "cookie", {"type": "apiKey", "in": "cookie", "name": cookie_name(SIGN_IN, app.settings)}
    )
    components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"cookie": []}, {"bearer": []}]
    return api


def describe_scopes(app: Flask, api: HubApi, policies: Mapping[str, Policy]) -> None:
    """Say of every operation which scope a token needs there; call it when all blueprints are registered.

    OpenAPI 3.1 (4.8.30) lets a requirement of any scheme list the roles it takes.
    """
    described = api.spec.to_dict()["paths"]
    for rule in app.url_map.iter_rules():
        operations = described.get(ARGUMENT.sub(r"{\1}", rule.rule), {})
        policy = policies[rule.endpoint]
        for method in rule.methods or ():
            if (operation := operations.get(method.lower())) is None:
                continue
            needed = scope_of(policy, rule, method)
            ways: list[dict[str, list[str]]] = [{"cookie": []}]
            if policy.who == "anyone":
                ways = []
            elif needed is not None and needed != BROWSER:
                ways.append({"bearer": [needed]})
            operation["security"] = ways


def _describe_choices(_converter: object, field: ma.fields.Field[Any], **_options: object) -> dict[str, Any]:
    return {"enum": list(field.choices)} if isinstance(field, Choice) else {}
