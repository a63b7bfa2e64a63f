"""The routes that belong to no capability: the landing page, the health check, the API's description."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import structlog
from flask import Response, redirect
from sqlalchemy import exc as sql
from sqlalchemy import text

from hub.web.errors import DETAILS, Unavailable
from hub.web.pages import page_blueprint, render_page
from hub.web.paths import path_of_page
from hub.web.policy import Policy
from hub.web.request import actor, database, hub_app

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response as BaseResponse

POLICIES: Mapping[str, Policy] = {
    "static": Policy("anyone", is_bare=True),
    "site.show_landing": Policy("anyone"),
    "site.show_health": Policy("anyone", is_bare=True),
    "site.show_openapi": Policy("anyone", is_bare=True),
}

log = structlog.get_logger(__name__)
blp = page_blueprint("site")


@blp.route("/")
def show_landing() -> BaseResponse:
    """Say what this is and where the API's description lies; lead on who is signed in."""
    if actor().person_id is not None and (home := path_of_page("/home")) is not None:
        return redirect(home, 303)
    return render_page("web/landing.html")


@blp.route("/healthz")
def show_health() -> Response:
    """Answer 200 while the database answers, else 503."""
    try:
        with database().transaction() as session:
            session.execute(text("SELECT 1"))
    except (sql.DBAPIError, sql.TimeoutError) as error:
        log.warning("health.database", error=type(error).__name__)
        raise Unavailable(DETAILS[503]) from error
    return Response(orjson.dumps({"status": "ok"}), mimetype="application/json")


@blp.route("/api/openapi.json")
def show_openapi() -> Response:
    """Describe the API (OpenAPI 3.1)."""
    api = hub_app().extensions["flask-smorest"]["apis"][""]["ext_obj"]
    return Response(orjson.dumps(api.spec.to_dict()), mimetype="application/json")
