"""The inbox as a page: what a person has been told, by day, and marked as read by plain forms."""

from __future__ import annotations

import uuid
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Response, request

from hub.clock import now
from hub.notifications import commands, queries
from hub.notifications.showing import show
from hub.notifications.stream import answer_stream
from hub.texts.catalogue import lazy
from hub.web.fields import Choice
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.paging import page, page_query
from hub.web.parsing import PARSER
from hub.web.request import actor, locale, session
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blp = page_blueprint("inbox_pages")

LIMIT = 30
QUERY = page_query(uuid.UUID, show=Choice(("unread", "all"), load_default="unread"))


@blp.route("/inbox", methods=["GET"])
def show_inbox() -> Response:
    """Show the notifications, newest first: the unread ones, or all of them."""
    query = _query()
    me = actor()
    position = queries.position(session())
    limit = min(query["limit"], LIMIT)
    notices = queries.inbox(
        session(),
        person_id=_reader(),
        locale=locale(),
        zone=me.zone,
        limit=limit + 1,
        after=query["after"][0] if query["after"] else None,
        is_unread_only=query["show"] == "unread",
    )
    listed = page(notices, limit, lambda notice: (notice.event_id,))
    today = local_date(now(session()), me.zone)
    rows = [show(notice, locale=locale(), zone=me.zone, today=today) for notice in listed["items"]]
    return render_page(
        "notifications/inbox.html",
        shown=query["show"],
        unread=queries.count_unread(session(), person_id=_reader()),
        days=[(day, list(group)) for day, group in groupby(rows, lambda row: (row["day"], row["day_name"]))],
        next=_address(show=query["show"], after=listed["next"]) if listed["next"] else None,
        first=_address(show=query["show"]) if query["after"] else None,
        query=_address(show=query["show"], after=request.args.get("after")).removeprefix("/inbox"),
        position=position,
    )


@blp.route("/inbox/stream", methods=["GET"])
def stream_inbox() -> Response:
    """Stream what is added to the reader's inbox (``hub.notifications.stream``)."""
    return answer_stream()


@blp.route("/inbox/<uuid:event_id>/read", methods=["POST"])
def mark_read(*, event_id: uuid.UUID) -> BaseResponse:
    """Mark one notification as read and show the same part of the list again."""
    query = _query()
    commands.read_one(session(), person_id=_reader(), event_id=event_id)
    return go(_address(show=query["show"], after=request.args.get("after")))


@blp.route("/inbox/read-all", methods=["POST"])
def mark_all_read() -> BaseResponse:
    """Mark everything as read that the person has been told so far."""
    query = _query()
    commands.read_all(session(), person_id=_reader())
    return go(_address(show=query["show"]), lazy("Everything is marked as read."))


def _query() -> dict[str, Any]:
    read: dict[str, Any] = PARSER.parse(QUERY, request, location="query")
    return read


def _address(*, show: str, after: str | None = None) -> str:
    """Return the address of a part of the list; its beginning has the shortest one."""
    asked = {"show": show if show != "unread" else None, "after": after}
    query = urlencode({name: value for name, value in asked.items() if value})
    return "/inbox" + (f"?{query}" if query else "")


def _reader() -> int:
    person_id = actor().person_id
    assert person_id is not None  # noqa: S101 -- every row of the policy demands a person
    return person_id
