"""What is kept of every request: one line in the log and its figures, both under the route's pattern.

Never under the address: it can hold a link's token.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import structlog
from flask import request

from config.metrics import count
from hub.web.request import scope

if TYPE_CHECKING:
    from flask import Response

CORRELATION_HEADER: Final = "X-Correlation-ID"
QUIET: Final = ("static", "site.show_health", "metrics.show_metrics")
"""Endpoints that are asked all the time and tell nothing: their lines are for debugging."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = structlog.get_logger(__name__)


def begin() -> None:
    """Note when the request began, and put its correlation id into every line of its log."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(correlation_id=str(scope().actor.correlation_id))


def finish(response: Response) -> Response:
    """Log and count an answered request, and give the answer its correlation id."""
    current = scope()
    seconds = time.perf_counter() - current.began
    method = request.method if request.method in METHODS else "other"
    route = request.url_rule.rule if request.url_rule is not None else "none"
    response.headers[CORRELATION_HEADER] = str(current.actor.correlation_id)
    say = log.debug if request.endpoint in QUIET else log.info
    say("request", method=method, route=route, status=response.status_code, ms=round(seconds * 1000, 1))
    status = response.status_code
    count(lambda counted: counted.request(method=method, route=route, status=status, seconds=seconds))
    return response
