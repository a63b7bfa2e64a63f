"""Read what happened in a collaboration, and what cooperation can be about."""

from __future__ import annotations

import uuid
from typing import Any

from hub.collaborations.schemas import EnvelopeSchema, ThemesSchema
from hub.collaborations.themes import THEMES, theme_name
from hub.messaging.read import envelope, events_after
from hub.web.api import api_blueprint
from hub.web.paging import Page, page, page_of, page_query
from hub.web.request import locale, session

blp = api_blueprint("collaborations")


@blp.route("/themes", methods=["GET"])
@blp.response(200, ThemesSchema)
def list_themes() -> dict[str, Any]:
    """List the theme codes with their names in the reader's language."""
    return {"items": [{"code": code, "name": theme_name(code, locale())} for code in THEMES]}


@blp.route("/collaborations/<int:collaboration_id>/events", methods=["GET"])
@blp.arguments(page_query(uuid.UUID), location="query")
@blp.response(200, page_of(EnvelopeSchema))
def list_events(query: dict[str, Any], *, collaboration_id: int) -> Page:
    """List what happened in a collaboration, oldest first, as CloudEvents."""
    after: uuid.UUID | None = query["after"][0] if query["after"] else None
    limit: int = query["limit"]
    rows = events_after(session(), after=after, collaboration_id=collaboration_id, limit=limit + 1)
    shown = page(rows, limit, lambda row: (row.id,))
    return {"items": [envelope(row) for row in shown["items"]], "next": shown["next"]}
