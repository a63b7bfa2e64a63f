"""One way of logging for every process: structlog, as JSON lines or for a terminal."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from config.settings import Settings

WITHHELD = (
    # What a database quotes of a row; it stands on a line of its own.
    (re.compile(r"DETAIL:[^\n]*|Failing row contains[^\n]*"), "(withheld)"),
    (re.compile(r"\[parameters: [^\n]*"), "(withheld)"),
    (re.compile(r"(?<=://)[^\s/@]+(?=@)"), "(withheld)"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "(address)"),
    # A link's token (id.generation.mac) and an API token.
    (re.compile(r"\b[0-9a-f-]{1,36}\.[0-9]{1,10}\.[A-Za-z0-9_-]{32}"), "(token)"),
    (re.compile(r"\bhub_[A-Za-z0-9_-]{20,}"), "(token)"),
)
"""What never stands in a log, whoever wrote the message: addresses, tokens, passwords, rows."""


SHORTEST_TOKEN = 37
"""No shorter text holds a link's token; an event's id has 36 characters."""


def withhold(_logger: object, _method: str, line: structlog.types.EventDict) -> structlog.types.EventDict:
    """Take personal addresses, tokens and quoted rows out of every text of a line."""
    for key, value in line.items():
        if isinstance(value, str):
            line[key] = withheld(value)
    return line


def withheld(text: str) -> str:
    """Return a text without what may not stand in a log."""
    if len(text) < SHORTEST_TOKEN and "@" not in text and "hub_" not in text:
        return text  # nearly every value: an id, a name, a moment
    for shape, instead in WITHHELD:
        text = shape.sub(instead, text)
    return text


def configure_logs(settings: Settings, process: str) -> None:
    """Send structlog and the standard library's logging to standard error in one format."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        # Not a context variable: a request's greenlet starts with an empty context.
        lambda _logger, _method, line: {**line, "process": process},
    ]
    last: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, withhold, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
