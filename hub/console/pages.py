"""The operator's desk as pages: what needs a hand, the dry run before a replay, and the log of events."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Response, request

from hub.clock import now
from hub.console import commands, queries
from hub.console.schemas import ReplayQuery
from hub.console.wording import CONSUMERS, EVENTS, MAILS, PROCESSES, mend, named, seen
from hub.errors import Conflict, Invalid
from hub.messaging.heartbeats import beats
from hub.notifications.facts import facts_of
from hub.notifications.wording import say
from hub.texts.catalogue import lazy, translate
from hub.texts.formats import format_ago, format_moment
from hub.web.fields import Choice
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.paging import page, page_query
from hub.web.parsing import PARSER
from hub.web.request import actor, locale, session, settings

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from werkzeug.wrappers import Response as BaseResponse

    from hub.console.queries import Lane, Logged, Parked

blp = page_blueprint("console_pages")

LOG_LIMIT = 50
LOG_QUERY = page_query(uuid.UUID, type=Choice(("", *EVENTS), load_default=""))
LATE_SECONDS = 30
"""What has been due for longer is late: every process together takes a second."""


@blp.route("/operations", methods=["GET"])
def show_operations() -> Response:
    """Show what needs a hand first, then every lane, process, parked reaction and failed mail."""
    moment = now(session())
    language = locale()
    lanes = queries.lanes(session())
    mails = queries.mails(session())
    processes = [
        {
            "name": named(PROCESSES, beat.process, language),
            "process": beat.process,
            "seen": seen(beat, language),
            "is_missing": beat.is_missing,
            "mend": mend(beat, language),
        }
        for beat in beats(session())
    ]
    return render_page(
        "console/operations.html",
        lanes=[_lane(lane, named(CONSUMERS, lane.name, language), moment) for lane in lanes],
        mails=_lane(mails, translate(language, lazy("Send mails")), moment),
        processes=processes,
        parked=_parked(queries.parked(session())),
        count_parked=sum(lane.given_up for lane in lanes),
        failed=[
            {
                "id": mail.id,
                "what": named(MAILS, mail.kind, language),
                "event_id": mail.event_id,
                "address": mail.address,
                "when": format_moment(mail.settled_at, actor().zone, language),
                "reason": translate(language, mail.reason),
            }
            for mail in queries.failed_mails(session())
        ],
        count_failed=mails.given_up,
        silent=sum(1 for row in processes if row["is_missing"]),
        late=[lane for lane in (*lanes, mails) if _is_late(lane, moment)],
        as_of=format_moment(moment, actor().zone, language),
        is_without_tls=settings().is_without_tls,
    )


@blp.route("/operations/replay", methods=["GET"])
def confirm_replay() -> Response:
    """Show what a replay would make due again, without changing anything."""
    which: dict[str, Any] = PARSER.parse(ReplayQuery, request, location="query")
    if not any(which.values()):
        raise Invalid(commands.SAY_WHICH)
    return render_page(
        "console/replay.html",
        rows=_parked(queries.parked(session(), **which)),
        count=queries.count_parked(session(), **which),
        consumer=named(CONSUMERS, which["consumer"], locale()) if which["consumer"] else "",
        fields={name: str(value) for name, value in which.items() if value},
    )


@blp.route("/operations/replay", methods=["POST"])
def replay_parked() -> BaseResponse:
    """Make the parked reactions due again and go back to the desk."""
    which: dict[str, Any] = PARSER.parse(ReplayQuery, request, location="form")
    count = len(commands.replay(session(), actor=actor(), **which))
    if not count:
        return go("/operations", lazy("Nothing was parked any more, so nothing was changed."), tone="info")
    return go(
        "/operations",
        lazy("Being tried again: %(count)s. The events' receipts show how it ends."),
        count=count,
    )


@blp.route("/operations/mails/<int:delivery_id>/resend", methods=["POST"])
def resend_mail(*, delivery_id: int) -> BaseResponse:
    """Send a failed mail again and go back to the desk."""
    try:
        address = commands.resend(session(), actor=actor(), delivery_id=delivery_id)
    except Conflict as error:
        return go("/operations", error.message, tone="info")
    return go("/operations", lazy("The mail to %(address)s is being sent again."), address=address)


@blp.route("/operations/events", methods=["GET"])
def show_log() -> Response:
    """Show what happened in the whole hub, newest first, of one type or of all."""
    query = PARSER.parse(LOG_QUERY, request, location="query")
    chosen = query["type"] or None
    limit = min(query["limit"], LOG_LIMIT)
    found = queries.log(
        session(),
        event_type=chosen,
        after=query["after"][0] if query["after"] else None,
        limit=limit + 1,
    )
    listed = page(found, limit, lambda row: (row.event_id,))
    language = locale()
    return render_page(
        "console/log.html",
        rows=_logged(listed["items"]),
        types=[(name, named(EVENTS, name, language)) for name in EVENTS],
        chosen=query["type"],
        next=_log_address(chosen, listed["next"]) if listed["next"] else None,
        first=_log_address(chosen, None) if query["after"] else None,
    )


def _lane(lane: Lane, name: str, moment: dt.datetime) -> dict[str, Any]:
    return {
        "name": name,
        "consumer": lane.name,
        "due": lane.due,
        "waiting": lane.waiting,
        "since": format_ago(lane.oldest, moment, locale()) if lane.oldest else "",
        "given_up": lane.given_up,
        "is_late": _is_late(lane, moment),
    }


def _is_late(lane: Lane, moment: dt.datetime) -> bool:
    return lane.oldest is not None and (moment - lane.oldest).total_seconds() > LATE_SECONDS


def _parked(items: Sequence[Parked]) -> list[dict[str, Any]]:
    facts = facts_of(session(), {item.event_id for item in items})
    language, zone = locale(), actor().zone
    return [
        {
            "event_id": item.event_id,
            "what": named(EVENTS, item.type, language),
            "about": facts[item.event_id].title if item.event_id in facts else "",
            "when": format_moment(item.occurred_at, zone, language),
            "consumer": named(CONSUMERS, item.consumer, language),
            "consumer_name": item.consumer,
            "attempts": item.attempts,
            "reason": translate(language, item.reason),
        }
        for item in items
    ]


def _logged(items: Sequence[Logged]) -> list[dict[str, Any]]:
    facts = facts_of(session(), [item.event_id for item in items])
    language, zone = locale(), actor().zone
    return [
        {
            "event_id": item.event_id,
            "what": named(EVENTS, item.type, language),
            "type": f"{item.type} v{item.version}",
            "said": say(facts[item.event_id], locale=language, zone=zone).sentence
            if item.event_id in facts
            else item.subject,
            "when": format_moment(item.occurred_at, zone, language),
            "who": item.actor,
        }
        for item in items
    ]


def _log_address(event_type: str | None, after: str | None) -> str:
    asked = {name: value for name, value in (("type", event_type), ("after", after)) if value}
    return "/operations/events" + (f"?{urlencode(asked)}" if asked else "")
