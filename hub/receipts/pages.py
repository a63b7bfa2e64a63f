"""The receipt of an event as a page, and its progress for the script that keeps the page up to date."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response

from hub import clock
from hub.partners.queries import owners
from hub.receipts import queries, wording
from hub.texts.catalogue import gettext_for, translate
from hub.texts.formats import format_ago, format_day, format_moment
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, locale, session

if TYPE_CHECKING:
    from collections.abc import Sequence

blp = page_blueprint("receipt_pages")


@blp.route("/events/<uuid:event_id>", methods=["GET"])
def show_receipt(*, event_id: uuid.UUID) -> Response:
    """Show what an event set in motion: what is done, what is under way, what failed and why."""
    shown = queries.receipt(session(), event_id)
    words, reader = locale(), actor()
    event = shown["event"]
    happened_at = dt.datetime.fromisoformat(event["time"])
    heading, sentence = wording.what_happened(
        session(), event_id, event["type"].rpartition(".v")[0], locale=words, zone=reader.zone
    )
    progress = queries.progress(session(), event_id)
    last = max((after for one in shown["reactions"] if (after := _after(one, happened_at))), default=None)
    return render_page(
        "receipts/receipt.html",
        event_id=event_id,
        collaboration_id=shown["collaboration_id"],
        heading=heading,
        sentence=sentence,
        when=format_moment(happened_at, reader.zone, words),
        who=event["actor"],
        progress=progress,
        totals=shown["totals"],
        is_settled=shown["is_settled"],
        is_silent=not shown["reactions"],
        took=wording.duration(last, words),
        told=_told(shown["told"]),
        invited=_told(shown["invited"]),
        tasks=[_task(task) for task in shown["tasks"]],
        records=shown["records"],
        readable={owner.id for owner in owners(session(), reader)} if shown["records"] else set(),
        waiting=_waiting(shown["waiting"]),
        reactions=[_reaction(reaction, happened_at) for reaction in shown["reactions"]],
    )


@blp.route("/events/<uuid:event_id>/progress", methods=["GET"])
def show_progress(*, event_id: uuid.UUID) -> Response:
    """Return how far the effects have come, as JSON."""
    progress = queries.progress(session(), event_id)
    return Response(orjson.dumps(asdict(progress)), mimetype="application/json")


def _told(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for row in rows:
        mail, tone = wording.mail_state(row["mail"], locale())
        reason: str | None = row["mail_reason"]
        said = translate(locale(), reason) if reason else ""
        made.append({**row, "mail": mail, "tone": tone, "reason": said})
    return made


def _task(task: dict[str, Any]) -> dict[str, Any]:
    gettext = gettext_for(locale())
    owner = task["owner"]
    if task["accountable"] != owner:
        owner = gettext("%(pool)s (answered for by %(post)s)") % {"pool": owner, "post": task["accountable"]}
    row = {
        "href": f"/tasks/{task['id']}",
        "title": task["title"],
        "due": gettext("due %(day)s") % {"day": format_day(task["due_on"], locale())},
        "owner": owner,
        "unit": task["unit"],
    }
    if task["state"] == "closed":
        return {**row, "tone": "done", "state": gettext("Done")}
    return row


def _waiting(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    gettext, now = gettext_for(locale()), clock.now(session())
    made = []
    for row in rows:
        state, tone = wording.reaction_state(row["state"], locale())
        reason: str | None = row["reason"]
        again = gettext("at once")
        if row["due_at"] > now:
            again = format_ago(row["due_at"], now, locale())
        made.append(
            {
                "what": wording.consumer_name(row["what"], locale()),
                "state": state,
                "tone": tone,
                "attempts": row["attempts"],
                "again": again if row["state"] == "due" else gettext("not by itself"),
                "reason": translate(locale(), reason) if reason else "",
            }
        )
    return made


def _reaction(row: dict[str, Any], happened_at: dt.datetime) -> dict[str, Any]:
    state, tone = wording.reaction_state(row["state"], locale())
    return {
        "what": wording.consumer_name(row["consumer"], locale()),
        "state": state,
        "tone": tone,
        "made": wording.summary(row["summary"], locale()),
        "took": wording.duration(row["took_ms"], locale()),
        "after": wording.duration(_after(row, happened_at), locale()),
    }


def _after(row: dict[str, Any], happened_at: dt.datetime) -> int | None:
    """Return after how many milliseconds a reaction was done."""
    done_at: dt.datetime | None = row["done_at"]
    return None if done_at is None else round((done_at - happened_at).total_seconds() * 1000)
