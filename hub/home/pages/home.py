"""The first screen of everybody: what waits for me, what I asked, what is late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub.followups.queries import late_tasks, own_tasks
from hub.followups.wording import task_row
from hub.home.queries import hub_counts, region_standing
from hub.home.threads import threads, unfinished
from hub.home.wording import thread_row
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, locale, session

if TYPE_CHECKING:
    from flask import Response

    from hub.home.threads import ThreadView

blp = page_blueprint("home")

SHOWN = 5
TASKS_SHOWN = 6
UNITS_SHOWN = 25


@blp.route("/home", methods=["GET"])
def show_home() -> Response:
    """Show what concerns the reader, by what they are: in a unit, over a region, for the hub."""
    who = actor()
    units = list(dict.fromkeys((*who.headed_ids, *who.unit_ids)))
    oversees = bool(who.region_ids) or who.oversees_all
    return render_page(
        "home/home.html",
        name=who.label,
        unit=_unit(units) if units else None,
        region=_region() if oversees else None,
        hub=hub_counts(session()) if who.is_admin else None,
    )


def _unit(units: list[int]) -> dict[str, Any]:
    """Return what waits for who serves in a unit, what the unit asked, and what is late there."""
    who, language = actor(), locale()
    found = unfinished(session(), who, language, facility_ids=units)
    yours = [one for one in found if one.stands.is_yours]
    others = [one for one in found if not one.stands.is_yours]
    mine = own_tasks(session(), who, state="open", after=None, limit=TASKS_SHOWN + 1)
    late = late_tasks(session(), who, facility_ids=units, limit=TASKS_SHOWN + 1)
    own = {task.id for task in mine}
    return {
        "is_head": bool(who.headed_ids),
        "yours": _rows(yours[: SHOWN * 2]),
        "more_yours": len(yours) > SHOWN * 2,
        "others": _rows(others[:SHOWN]),
        "more_others": len(others) > SHOWN,
        "tasks": [task_row(task, language, is_own=True) for task in mine[:TASKS_SHOWN]],
        "more_tasks": len(mine) > TASKS_SHOWN,
        "late": [task_row(task, language) for task in late[:TASKS_SHOWN] if task.id not in own],
        "more_late": len(late) > TASKS_SHOWN,
    }


def _region() -> dict[str, Any]:
    """Return how the units stand that the reader oversees."""
    who, language = actor(), locale()
    stands = region_standing(session(), who, limit=UNITS_SHOWN)
    late = late_tasks(session(), who, facility_ids=None, limit=TASKS_SHOWN)
    recent = threads(session(), who, language, limit=SHOWN)
    return {
        "stands": stands,
        "late": [task_row(task, language) for task in late],
        "recent": _rows(recent),
        "has_more_units": stands.in_all > len(stands.units),
    }


def _rows(found: list[ThreadView]) -> list[dict[str, Any]]:
    return [thread_row(one, locale(), actor().zone) for one in found]
