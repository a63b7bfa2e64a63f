"""The operator's desk for programs: how the hub is doing, and replaying what was given up."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hub.clock import now
from hub.console import commands, queries
from hub.console.schemas import OperationsSchema, ReplayedSchema, ReplayInput
from hub.console.wording import mend
from hub.errors import Invalid
from hub.messaging.heartbeats import beats
from hub.texts.catalogue import translate
from hub.web.api import api_blueprint
from hub.web.request import actor, locale, session

if TYPE_CHECKING:
    import datetime as dt

    from hub.console.queries import Lane

blp = api_blueprint("console")


@blp.route("/operations", methods=["GET"])
@blp.response(200, OperationsSchema)
def show_operations() -> dict[str, Any]:
    """Show how far behind the hub is, which process is silent, and what was given up."""
    moment = now(session())
    return {
        "at": moment,
        "consumers": [_lane(lane, moment) for lane in queries.lanes(session())],
        "mail": _lane(queries.mails(session()), moment),
        "processes": [
            {
                "process": beat.process,
                "seconds_ago": None if beat.age is None else int(beat.age.total_seconds()),
                "is_missing": beat.is_missing,
                "what_to_do": mend(beat, locale()),
            }
            for beat in beats(session())
        ],
        "parked": [_said(asdict(item)) for item in queries.parked(session())],
        "failed_mails": [_said(asdict(mail)) for mail in queries.failed_mails(session())],
    }


@blp.route("/operations/replay", methods=["POST"])
@blp.arguments(ReplayInput)
@blp.response(200, ReplayedSchema)
def replay_parked(data: dict[str, Any]) -> dict[str, Any]:
    """Make an event's or a consumer's parked reactions due again; ``dry_run`` only says which."""
    which = {"event_id": data["event_id"], "consumer": data["consumer"]}
    if data["dry_run"]:
        if not any(which.values()):
            raise Invalid(commands.SAY_WHICH)
        would = queries.parked(session(), **which)
        return {
            "count": queries.count_parked(session(), **which),
            "is_dry_run": True,
            "items": [_said(asdict(item)) for item in would],
        }
    done = commands.replay(session(), actor=actor(), **which)
    shown = [_said(asdict(item)) for item in done[: queries.MOST_SHOWN]]
    return {"count": len(done), "is_dry_run": False, "items": shown}


def _lane(lane: Lane, moment: dt.datetime) -> dict[str, Any]:
    lag = int((moment - lane.oldest).total_seconds()) if lane.oldest else 0
    return {**asdict(lane), "lag_seconds": lag}


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its reason in the reader's language, where it is one of the hub's own."""
    reason: str = row["reason"]
    return {**row, "reason": translate(locale(), reason)}
