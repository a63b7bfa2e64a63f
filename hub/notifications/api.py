"""The inbox: what a person has been told, and what of it they have read."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from hub.notifications import commands, queries
from hub.notifications.schemas import NoticeSchema, UnreadSchema
from hub.web.api import api_blueprint
from hub.web.fields import Flag
from hub.web.paging import Page, page, page_of, page_query
from hub.web.request import actor, locale, session

if TYPE_CHECKING:
    from hub.notifications.queries import Notice, Unread

blp = api_blueprint("inbox")


@blp.route("/inbox", methods=["GET"])
@blp.arguments(page_query(uuid.UUID, unread=Flag(load_default=False)), location="query")
@blp.response(200, page_of(NoticeSchema))
def list_inbox(query: dict[str, Any]) -> Page:
    """List your notifications, newest first; ``unread=true`` leaves out what you have read."""
    notices = queries.inbox(
        session(),
        person_id=_reader(),
        locale=locale(),
        zone=actor().zone,
        limit=query["limit"] + 1,
        after=query["after"][0] if query["after"] else None,
        is_unread_only=query["unread"],
    )
    shown = page(notices, query["limit"], lambda notice: (notice.event_id,))
    return {"items": [_item(notice) for notice in shown["items"]], "next": shown["next"]}


@blp.route("/inbox/unread", methods=["GET"])
@blp.response(200, UnreadSchema)
def show_unread() -> Unread:
    """Show how many of your notifications are unread."""
    return queries.count_unread(session(), person_id=_reader())


@blp.route("/inbox/<uuid:event_id>/read", methods=["POST"])
@blp.response(200, UnreadSchema)
def read_notification(*, event_id: uuid.UUID) -> Unread:
    """Mark one of your notifications as read; answers how many are left."""
    commands.read_one(session(), person_id=_reader(), event_id=event_id)
    return queries.count_unread(session(), person_id=_reader())


@blp.route("/inbox/read-all", methods=["POST"])
@blp.response(200, UnreadSchema)
def read_everything() -> Unread:
    """Mark everything you have been told as read."""
    commands.read_all(session(), person_id=_reader())
    return queries.count_unread(session(), person_id=_reader())


def _reader() -> int:
    person_id = actor().person_id
    assert person_id is not None  # noqa: S101 -- every row of the policy demands a person
    return person_id


def _item(notice: Notice) -> dict[str, Any]:
    return {
        "event_id": notice.event_id,
        "type": notice.type,
        "occurred_at": notice.occurred_at,
        "collaboration_id": notice.collaboration_id,
        "heading": notice.said.heading,
        "sentence": notice.said.sentence,
        "when": notice.said.when,
        "action": {"label": notice.said.action, "href": notice.said.path},
        "is_read": notice.is_read,
    }
