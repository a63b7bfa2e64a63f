"""Who may enter, change and describe a facility, and who may read its addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.facilities.kinds import OFFICE_KINDS, PARTNER_KINDS, UNIT_KINDS

if TYPE_CHECKING:
    from hub.actor import Actor
    from hub.facilities.models import Facility


def may_register(actor: Actor, kind: str, region_id: int | None) -> bool:
    """Return whether the actor may say what a facility of this kind and regional office is.

    An administrator and who oversees all may for any; a regional office for its own units, and for partners
    outside, which belong to no region.
    """
    if actor.is_admin or actor.oversees_all:
        return True
    if kind in OFFICE_KINDS:
        return False
    if kind in UNIT_KINDS or region_id is not None:
        return region_id in actor.region_ids
    return bool(actor.region_ids)


def may_enter(actor: Actor, kind: str, region_id: int | None) -> bool:
    """Return whether the actor may enter such a facility; whoever serves in a unit may a partner outside."""
    if may_register(actor, kind, region_id):
        return True
    return kind in PARTNER_KINDS and bool(actor.unit_ids or actor.headed_ids)


def may_enter_any(actor: Actor) -> bool:
    """Return whether there is a kind of facility that the actor may enter."""
    return may_enter(actor, "partner", None)


def may_change(actor: Actor, facility: Facility) -> bool:
    """Return whether the actor may change what the facility is and how it is called."""
    return may_register(actor, facility.kind, facility.region_id)


def may_describe(actor: Actor, facility: Facility) -> bool:
    """Return whether the actor may say what it is good at and where its mail goes: its head may, too."""
    return facility.id in actor.headed_ids or may_change(actor, facility)


def may_see_addresses(actor: Actor, facility: Facility) -> bool:
    """Return whether the actor may read mail addresses of the facility: its people and who may change it."""
    return facility.id in (*actor.unit_ids, *actor.headed_ids) or may_change(actor, facility)
