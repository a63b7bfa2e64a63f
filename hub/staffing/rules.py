"""Who may change who serves in a unit, and which spans of time make sense."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hub.errors import Invalid
from hub.texts.catalogue import lazy
from hub.workdays.zones import at_local

if TYPE_CHECKING:
    from hub.actor import Actor

ONE_DAY = dt.timedelta(days=1)
BACKDATED = dt.timedelta(days=31)
"""A letter of appointment may reach the hub so long after its first day."""
AHEAD = dt.timedelta(days=366)
LONGEST_TERM = dt.timedelta(days=366)
"""An acting head serves for a term, not for ever; so does a deputy."""

TOO_EARLY = lazy("This is more than a month ago.")
TOO_LATE = lazy("This is more than a year away.")
ENDS_FIRST = lazy("The last day must not be before the first.")
TOO_LONG = lazy("This is longer than a year.")


def may_staff(actor: Actor, *, facility_id: int, region_id: int | None, role: str) -> bool:
    """Return whether the actor may say who holds a post of this role.

    The head of a unit may for its other posts; the regional office that oversees the unit, the
    directorate general and the administrator may for the head's, too.
    """
    if actor.is_admin or actor.oversees_all:
        return True
    if facility_id in actor.region_ids or (region_id is not None and region_id in actor.region_ids):
        return True
    return role != "head" and facility_id in actor.headed_ids


def may_name_stand_in(actor: Actor, *, facility_id: int, region_id: int | None) -> bool:
    """Return whether the actor may name an acting holder of any post: a head names their own Plh."""
    return may_staff(actor, facility_id=facility_id, region_id=region_id, role="section")


def may_lend(actor: Actor, facility_id: int) -> bool:
    """Return whether the actor may lend the right to answer for a unit: its head, or an administrator.

    To whom it is lent heads nothing by it, so it cannot be passed on.
    """
    return actor.is_admin or facility_id in actor.headed_ids


def first_moment(day: dt.date, zone: str) -> dt.datetime:
    """Return when a day begins in the unit's zone: a post changes hands at midnight there."""
    return at_local(day, dt.time(), zone)


def demand_near(day: dt.date, today: dt.date, field: str) -> None:
    """Raise Invalid, naming the form's field, for a day too far from today."""
    fault = TOO_EARLY if day < today - BACKDATED else TOO_LATE if day > today + AHEAD else None
    if fault is not None:
        raise Invalid(fault, fields={field: fault})


def demand_term(first: dt.date, last: dt.date, field: str) -> None:
    """Raise Invalid, naming the form's field, for a span that ends before it begins or is too long."""
    fault = ENDS_FIRST if last < first else TOO_LONG if last - first > LONGEST_TERM else None
    if fault is not None:
        raise Invalid(fault, fields={field: fault})
