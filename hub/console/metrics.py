"""``GET /metrics``: the hub's figures for Prometheus, for whoever shows the token."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from flask import Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from config.metrics import figures, forget_the_dead
from hub.actor import system_actor
from hub.console.figures import RowFigures, read_rows
from hub.errors import NotFound, Unauthenticated
from hub.texts.catalogue import lazy
from hub.web.errors import DETAILS
from hub.web.pages import page_blueprint
from hub.web.request import database, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

blp = page_blueprint("metrics")
METRICS = system_actor("metrics")


@blp.route("/metrics")
def show_metrics() -> Response:
    """Show how the hub is doing; also while the database is away.

    Raises NotFound where no token is set, and Unauthenticated without it.
    """
    token = settings().metrics_token
    if not token:
        raise NotFound(DETAILS[404])
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(shown.strip().encode(), token.encode()):
        raise Unauthenticated(lazy("The token is unknown, expired or revoked."), code="token-refused")
    registry = CollectorRegistry()
    registry.register(RowFigures(_ask))
    if (counted := figures()) is not None:
        forget_the_dead(counted.folder)
        registry.register(MultiProcessCollector(None, path=str(counted.folder)))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _ask() -> Sequence[Row[Any]]:
    with database().transaction(METRICS) as session:
        session.connection(execution_options={"postgresql_readonly": True})
        return read_rows(session)
