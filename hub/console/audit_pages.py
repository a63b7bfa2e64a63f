"""The audit log as a page, for administrators and auditors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import request

from hub.audit.queries import search
from hub.console.wording import ACTS, named
from hub.texts.formats import format_moment
from hub.web.fields import Line
from hub.web.pages import page_blueprint, render_page
from hub.web.paging import page, page_query
from hub.web.parsing import PARSER
from hub.web.request import actor, locale, session

if TYPE_CHECKING:
    from flask import Response

    from hub.audit.queries import Entry

blp = page_blueprint("audit_pages")

MOST = 50
LONGEST = 100
QUERY = page_query(
    int,
    about=Line(LONGEST, min_length=0, load_default=""),
    who=Line(LONGEST, min_length=0, load_default=""),
)


@blp.route("/operations/audit", methods=["GET"])
def show_audit() -> Response:
    """Show who did what, newest first; about one thing, or by one person."""
    asked = PARSER.parse(QUERY, request, location="query")
    limit = min(asked["limit"], MOST)
    given = {name: asked[name] for name in ("about", "who") if asked[name]}
    found = search(
        session(),
        about=asked["about"],
        who=asked["who"],
        after=asked["after"][0] if asked["after"] else None,
        limit=limit + 1,
    )
    listed = page(found, limit, lambda entry: (entry.id,))
    return render_page(
        "console/audit.html",
        rows=[_row(entry) for entry in listed["items"]],
        about=asked["about"],
        who=asked["who"],
        longest=LONGEST,
        next=_path({**given, "after": listed["next"]}) if listed["next"] else None,
        first=_path(given) if asked["after"] else None,
    )


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "when": format_moment(entry.at, actor().zone, locale()),
        "who": entry.who,
        "what": named(ACTS, entry.action, locale()),
        "action": entry.action,
        "subject": entry.subject,
        "about": _path({"about": entry.subject}),
        "origin": entry.origin,
        "detail": [
            (name, json.dumps(value, ensure_ascii=False)) for name, value in sorted(entry.detail.items())
        ],
    }


def _path(given: dict[str, str]) -> str:
    return "/operations/audit" + (f"?{urlencode(given)}" if given else "")
