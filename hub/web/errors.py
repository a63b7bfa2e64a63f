"""Turn everything that can go wrong into an answer: a problem (RFC 9457) for the API, a page for people.

A fault of the database's availability is 503 with Retry-After, never 500: the caller shall try again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import structlog
from flask import Response, request
from sqlalchemy import exc as sql
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from hub.audit.guard import InmateDataSuspected
from hub.db.transaction import CommitUnknownError
from hub.errors import Conflict, HubError, Invalid
from hub.texts.catalogue import lazy, translate
from hub.web.carrying import carry_on
from hub.web.complaints import Said
from hub.web.pages import render_page
from hub.web.request import locale
from hub.web.scopes import InsufficientScope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

PROBLEM = "application/problem+json"
RETRY_SECONDS = 5

log = structlog.get_logger(__name__)

TITLES: Mapping[int, str] = {
    400: lazy("The request cannot be read"),
    401: lazy("Please sign in"),
    403: lazy("This is not allowed"),
    404: lazy("Nothing was found here"),
    405: lazy("This cannot be done here"),
    409: lazy("This cannot be done now"),
    410: lazy("This has ended"),
    412: lazy("Somebody was faster"),
    413: lazy("This is too large"),
    415: lazy("This kind of content is not read here"),
    422: lazy("Some of the input cannot be accepted"),
    428: lazy("The version is missing"),
    429: lazy("Too many tries"),
    500: lazy("Something went wrong"),
    503: lazy("The hub cannot answer just now"),
}
DETAILS: Mapping[int, str] = {
    400: lazy("The request is malformed. Check it and send it again."),
    404: lazy("There is nothing at this address, or it is not for you to see."),
    405: lazy("This address does not answer that kind of request."),
    413: lazy("A request may hold up to one mebibyte."),
    415: lazy("Send the content as application/json."),
    500: lazy("This is our fault. It was recorded; please try again later."),
    503: lazy("Nothing was changed. Please try again in a moment."),
}
COMMIT_UNKNOWN = lazy(
    "The connection was lost while this was being saved, so it may be done or not. "
    "Send the same again: it is never done twice."
)
CODES: Mapping[int, str] = {
    400: "malformed",
    401: "sign-in-required",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "media-type",
    500: "internal",
    503: "unavailable",
}
RACES = ("23505", "23P01")
"""SQLSTATE of a key or a range that somebody else took in the same moment."""
ENDS_SOON = ("40001", "40P01", "25P03", "57P01", "57P02", "57P03")
"""SQLSTATE of a transaction or connection that the server ended; a second try is expected to work."""


class Unavailable(HubError):
    """The database cannot be reached or cannot write just now."""

    code = "unavailable"
    status = 503


def said(message: str, values: Mapping[str, object] | None = None) -> str:
    """Return a message in the reader's language; one that knows its own values needs no others."""
    if isinstance(message, Said):
        return translate(locale(), message.msgid, **message.values)
    return translate(locale(), message, **(values if values and "%(" in message else {}))


def problem_body(error: HubError) -> dict[str, Any]:
    """Return the RFC 9457 object of an error, in the reader's language."""
    kinds = error.kinds if isinstance(error, InmateDataSuspected) else {}
    return {
        "type": f"/problems/{error.code}",
        "title": said(TITLES.get(error.status, TITLES[400])),
        "status": error.status,
        "detail": said(error.message, error.values),
        "code": error.code,
        **({"scope": error.values["scope"]} if isinstance(error, InsufficientScope) else {}),
        "errors": [
            {
                "field": field,
                "message": said(message, error.values),
                **({"kinds": list(kinds[field])} if field in kinds else {}),
            }
            for field, message in error.fields.items()
        ],
    }


def answer_error(error: HubError) -> Response:
    """Return the answer to a request that failed."""
    body = problem_body(error)
    if not is_api_request() and (other := carry_on(error)) is not None:
        return other
    if is_api_request():
        response = Response(orjson.dumps(body), error.status, mimetype=PROBLEM)
    else:
        response = render_page("web/error.html", status=error.status, problem=body)
    if error.status == 401:  # noqa: PLR2004 -- HTTP's own number
        response.headers["WWW-Authenticate"] = 'Bearer realm="hub"'
    if isinstance(error, InsufficientScope):
        response.headers["WWW-Authenticate"] = (
            f'Bearer realm="hub", error="insufficient_scope", scope="{error.values["scope"]}"'
        )
    if error.status == 503:  # noqa: PLR2004 -- HTTP's own number
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    if "seconds" in error.values:
        response.headers["Retry-After"] = str(error.values["seconds"])
    return response


def is_api_request() -> bool:
    """Return whether a program asks, so that it gets a problem instead of a page."""
    return request.path.startswith("/api/") or request.path == "/healthz"


def answer_http_error(error: HTTPException) -> Response:
    """Return the answer to what Flask or werkzeug refused, or to an exception nobody expected."""
    if error.response is not None and isinstance(error.response, Response):
        return error.response
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 -- a redirect to the canonical address
        return Response(error.get_body(), status, error.get_headers())
    failure = HubError(DETAILS.get(status, DETAILS[400]), code=CODES.get(status, "error"))
    failure.status = status  # type: ignore[misc]  # this one instance speaks for HTTP itself
    response = answer_error(failure)
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    if isinstance(error, RequestEntityTooLarge):
        response.headers["Connection"] = "close"  # the rest of the body is not read
    return response


def answer_database_error(error: Exception) -> Response:
    """Return 503 where the database is away, full or overloaded; 409 where two requests raced; else 500."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    gone = isinstance(error, sql.DBAPIError) and error.connection_invalidated
    route = str(request.url_rule)  # an address can hold a link's token
    if isinstance(error, (sql.OperationalError, sql.TimeoutError)) or gone or state in ENDS_SOON:
        unknown = isinstance(error, CommitUnknownError)
        log.warning("database.unavailable", sqlstate=state, error=type(error).__name__, route=route)
        return answer_error(Unavailable(COMMIT_UNKNOWN if unknown else DETAILS[503]))
    if isinstance(error, sql.IntegrityError) and state in RACES:
        log.info("database.race", sqlstate=state, route=route)
        return answer_error(Conflict(lazy("Somebody else did this in the same moment. Look at it again.")))
    if isinstance(error, sql.DataError):
        # Schemas should have refused it; the database's refusal is the second line.
        log.warning("database.refused_value", sqlstate=state, route=route)
        return answer_error(Invalid(TITLES[422]))
    raise error


def register_errors(app: Flask) -> None:
    """Make the application answer errors as above."""
    app.register_error_handler(HubError, answer_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(sql.SQLAlchemyError, answer_database_error)
