"""The units of a proposal's form: which are one's own, which is the host, what else there is to choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import request

from hub.collaborations.themes import KIND_NAMES, THEMES, kind_name, theme_name
from hub.errors import Forbidden
from hub.facilities.finding import search
from hub.facilities.queries import brief, posts_of, survivor_id
from hub.facilities.schemas import LONGEST_TEXT
from hub.texts.catalogue import lazy
from hub.web.forms import FIND
from hub.web.request import actor, locale, session

if TYPE_CHECKING:
    from hub.facilities.queries import Brief
    from hub.web.forms import Form

MOST_FOUND = 8
"""Units that the search on the form shows."""
LONGEST_ID = 9
"""Digits of a unit's number in a form; more of them name no unit."""
NO_UNIT = lazy("Only people who serve in a unit may propose a visit.")


@dataclass(frozen=True, slots=True)
class Host:
    """What the form knows of the host: the unit, if it is chosen, and what a search found."""

    unit: Brief | None
    found: list[tuple[int, str]]
    is_searching: bool


def own_units() -> list[Brief]:
    """Return the units the actor may propose for, those they head first. Raises Forbidden."""
    ids = dict.fromkeys((*actor().headed_ids, *actor().unit_ids))
    known = [unit for unit_id in ids if (unit := brief(session(), unit_id)) is not None]
    units = [unit for unit in known if unit.status != "merged"]
    if not units:
        raise Forbidden(NO_UNIT, code="no-unit")
    return units


def unit_named(number: str) -> Brief | None:
    """Return the unit whose number a form or an address names, or what that was merged into, or None."""
    if not number.isascii() or not number.isdecimal() or len(number) > LONGEST_ID:
        return None
    unit = brief(session(), int(number))
    return brief(session(), survivor_id(session(), unit.id)) if unit and unit.status == "merged" else unit


def host_in(form: Form) -> Host:
    """Return the host that the form names, or what its search for one found."""
    pressed, name = request.form.get(FIND), form.value("host_name").strip()[:LONGEST_TEXT]
    unit = unit_named(form.value("host_id"))
    if unit is not None and pressed != "change" and not (pressed and name):
        return Host(unit, [], is_searching=False)
    rows = search(session(), text=name, limit=MOST_FOUND) if pressed and name else []
    found = [
        (
            row.facility.id,
            f"{row.facility.name} ({row.facility.city})" if row.facility.city else row.facility.name,
        )
        for row in rows
    ]
    return Host(None, found, is_searching=bool(pressed and name))


def options(facility_ids: list[int]) -> dict[str, Any]:
    """Return the choices of the form: kinds, whole and finer themes, the posts of these units."""
    units = [unit for facility_id in facility_ids if (unit := brief(session(), facility_id)) is not None]
    return {
        "kinds": [(code, kind_name(code, locale())) for code in KIND_NAMES],
        "fields": [(code, theme_name(code, locale())) for code in THEMES if "." not in code],
        "finer": [(code, theme_name(code, locale())) for code in THEMES if "." in code],
        "posts": [
            (post.id, f"{post.title}, {unit.name}") for unit in units for post in posts_of(session(), unit.id)
        ],
    }
