"""Read a request's JSON, query string or form through a schema, strictly and with bounds.

JSON is read by orjson: nesting is bounded, NaN and lone surrogates are refused, and nothing overflows
the stack. What a schema refuses becomes one ``Invalid`` with a message per field.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import marshmallow as ma
import orjson
from flask import request
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import MultiDict

from hub.errors import HubError, Invalid
from hub.texts.catalogue import lazy
from hub.web.complaints import flat_messages
from hub.web.csrf import FORM_FIELD as CSRF_FIELD
from hub.web.fields import text_input
from hub.web.guarding import FORM_FIELD as GUARD_FIELD
from hub.web.guarding import demand_unsuspected
from hub.web.idempotency import FORM_FIELD as KEY_FIELD
from hub.web.request import VERSION_FIELD, scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Request

    from hub.web.fields import HubSchema

OWN_FIELDS = (CSRF_FIELD, KEY_FIELD, VERSION_FIELD, GUARD_FIELD)
WATCHED_LOCATIONS = ("json", "form")
TEXT_LOCATIONS = ("query", "querystring", "form")


class Malformed(HubError):
    """The request's body is not JSON."""

    code = "malformed"
    status = 400


class StrictParser(FlaskParser):
    """webargs' parser for Flask, without its leniency."""

    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, str | None]] = dict.fromkeys(  # type: ignore[misc]
        ("json", "query", "querystring", "form", "path"), ma.RAISE
    )

    def parse(
        self,
        argmap: Any,
        req: Request | None = None,
        *,
        location: str | None = None,
        subject: str | None = None,
        **options: Any,
    ) -> Any:
        """Load one location of the request; numbers in a query string or form are text.

        The free texts of a body pass the no-inmate-data guard; ``subject`` as in ``demand_unsuspected``.
        """
        schema = _made(argmap) if isinstance(argmap, type) else argmap
        with text_input() if location in TEXT_LOCATIONS else nullcontext():
            loaded = super().parse(schema, req, location=location, **options)
        if location in WATCHED_LOCATIONS:
            demand_unsuspected(schema, scope().given, subject=subject)
        return loaded

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """Return the body's JSON. Raises Malformed; an empty body is an empty object."""
        del schema
        body = req.get_data(cache=True)
        if not body:
            return {}
        try:
            scope().given = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise Malformed(lazy("The request's body is not well-formed JSON.")) from error
        return scope().given

    def load_form(self, req: Request, schema: ma.Schema) -> Any:
        """Return the form without the fields that belong to the form itself."""
        own = [(name, value) for name, value in req.form.items(multi=True) if name not in OWN_FIELDS]
        given = scope().given = MultiDictProxy(MultiDict(own), schema)
        return given

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Raise Invalid with a message per field; webargs puts the location's name around them."""
        del req, schema, error_status_code, error_headers
        messages = error.messages
        inner = next(iter(messages.values())) if isinstance(messages, dict) else messages
        raise Invalid(lazy("Some of the input cannot be accepted."), fields=flat_messages(inner)) from error


@cache
def _made(schema: type[ma.Schema]) -> ma.Schema:
    """Return the one instance that reads every request: making one takes longer than reading does."""
    return schema()


PARSER = StrictParser()


def read_form(schema: type[HubSchema], *, subject: str | None = None) -> dict[str, Any]:
    """Return a page's form, loaded by a schema; ``subject`` is what the audit log calls what it is about.

    Raises Invalid with a message per field.
    """
    loaded: dict[str, Any] = PARSER.parse(schema, request, location="form", subject=subject)
    return loaded


def read_query(schema: type[HubSchema]) -> dict[str, Any]:
    """Return a page's query string, loaded by a schema; a field left empty counts as not given.

    Raises Invalid with a message per field.
    """
    given = {name: value for name, value in request.args.items() if value.strip()}
    try:
        with text_input():
            loaded: dict[str, Any] = _made(schema).load(given)
    except ma.ValidationError as error:
        raise Invalid(
            lazy("Some of the input cannot be accepted."), fields=flat_messages(error.messages)
        ) from error
    return loaded
