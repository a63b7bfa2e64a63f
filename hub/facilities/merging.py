"""Merge a facility into another one, and take that back at any time.

A merge is a redirect: the merged facility keeps its rows, ids and names and says into which one it went.
What reads for a facility reads for those that were merged into it, too, so nothing is moved and nothing can
be lost on the way back. Its names become aliases of the survivor; which ones came so is kept with the merge.
A survivor is never merged itself, so no redirect leads to another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from hub.audit.record import record
from hub.errors import Conflict, Forbidden, NotFound
from hub.facilities.commands.importing import hold_registry
from hub.facilities.kinds import OFFICE_KINDS, UNIT_KINDS
from hub.facilities.models import Facility, FacilityMerge, FacilityName
from hub.facilities.words import name_text
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

NO_FACILITY: Final = lazy("There is no such facility.")
MAY_NOT: Final = lazy("Only an administrator and the regional office of both units may merge them.")
ITSELF: Final = lazy("A unit cannot be merged into itself.")
MERGED_ALREADY: Final = lazy("%(name)s has been merged already.")
INTO_MERGED: Final = lazy("%(name)s has been merged itself. Merge into the unit that it went into.")
INTO_INACTIVE: Final = lazy("%(name)s is no longer active. Merge into an active unit.")
BEARS_OTHERS: Final = lazy(
    "Other units have been merged into %(name)s. Take these merges back first, or merge the other way round."
)
OFFICES: Final = lazy("Offices above the units cannot be merged: units and rights hang on them.")
UNLIKE: Final = lazy("A unit of corrections and a partner outside cannot be merged.")
NOT_MERGED: Final = lazy("This unit is not merged (any more).")
NAME_TAKEN: Final = lazy("Another active unit is called %(name)s by now. Rename it or merge it first.")


def may_merge(actor: Actor, *facilities: Facility) -> bool:
    """Return whether the actor may merge these: an administrator, or who oversees the region of each."""
    if actor.is_admin or actor.oversees_all:
        return True
    return bool(facilities) and all(one.region_id in actor.region_ids for one in facilities)


def why_not(one: Facility, other: Facility) -> Conflict | None:
    """Return what forbids merging ``one`` into ``other`` by what these rows say, or None."""
    kinds = {one.kind, other.kind}
    reasons = (
        (one.id == other.id, "merge-into-itself", ITSELF, one),
        (one.status == "merged", "already-merged", MERGED_ALREADY, one),
        (other.status == "merged", "target-merged", INTO_MERGED, other),
        (other.status != "active", "target-inactive", INTO_INACTIVE, other),
        (not kinds.isdisjoint(OFFICE_KINDS), "office-not-mergeable", OFFICES, one),
        ((one.kind in UNIT_KINDS) != (other.kind in UNIT_KINDS), "unlike-kinds", UNLIKE, one),
    )
    found = next(((code, message, unit) for holds, code, message, unit in reasons if holds), None)
    return None if found is None else Conflict(found[1], code=found[0], name=found[2].name)


def merge(session: Session, *, actor: Actor, facility_id: int, into_id: int) -> FacilityMerge:
    """Let a facility lead on to another one from now on; return the merge.

    Raises NotFound, Forbidden, and Conflict for what cannot be merged (``why_not``), and where others
    have been merged into the facility.
    """
    hold_registry(session)
    locked = _locked(session, facility_id, into_id)
    one, into = locked.get(facility_id), locked.get(into_id)
    if one is None or into is None:
        raise NotFound(NO_FACILITY)
    if not may_merge(actor, one, into):
        raise Forbidden(MAY_NOT)
    if (conflict := why_not(one, into)) is not None:
        raise conflict
    if session.scalar(select(Facility.id).where(Facility.merged_into_id == one.id).limit(1)) is not None:
        raise Conflict(BEARS_OTHERS, code="bears-others", name=one.name)
    made = FacilityMerge(
        merged_id=one.id,
        survivor_id=into.id,
        status_before=one.status,
        by_id=actor.person_id,
        name_ids=_lend_names(session, one, into),
    )
    session.add(made)
    one.status, one.merged_into_id = "merged", into.id
    _changed(session, one, into)
    record(
        session,
        actor=actor,
        action="facility.merged",
        subject=f"facilities/{one.id}",
        before=made.status_before,
        after="merged",
        into=into.id,
    )
    session.flush()
    return made


def undo_merge(session: Session, *, actor: Actor, facility_id: int) -> FacilityMerge:
    """Let a merged facility stand for itself again, as it did before; return the merge that has ended.

    Raises NotFound, Forbidden, and Conflict where it is not merged or its name is another one's by now.
    """
    hold_registry(session)
    made = current_merge(session, facility_id)
    if made is None:
        raise Conflict(NOT_MERGED, code="not-merged")
    locked = _locked(session, made.merged_id, made.survivor_id)
    one, into = locked[made.merged_id], locked[made.survivor_id]
    if not may_merge(actor, one, into):
        raise Forbidden(MAY_NOT)
    name = one.name
    session.execute(
        delete(FacilityName).where(
            FacilityName.id.in_(made.name_ids),
            FacilityName.facility_id == into.id,
            FacilityName.kind == "alias",
        )
    )
    try:
        with session.begin_nested():
            one.status, one.merged_into_id = made.status_before, None
            session.flush()
    except IntegrityError as error:  # somebody has just taken the name
        raise Conflict(NAME_TAKEN, code="name-taken", name=name) from error
    made.undone_at, made.undone_by_id = session.scalar(select(func.hub_now())), actor.person_id
    _changed(session, one, into)
    record(
        session,
        actor=actor,
        action="facility.merge_undone",
        subject=f"facilities/{one.id}",
        before="merged",
        after=made.status_before,
        into=into.id,
    )
    session.flush()
    return made


def current_merge(session: Session, facility_id: int) -> FacilityMerge | None:
    """Return the merge by which a facility leads on to another one now, or None."""
    return session.scalars(
        select(FacilityMerge).where(
            FacilityMerge.merged_id == facility_id, FacilityMerge.undone_at.is_(None)
        ),
        execution_options={"populate_existing": True},
    ).one_or_none()


def _locked(session: Session, *ids: int) -> dict[int, Facility]:
    """Return the facilities, locked in the order of their ids; what refers to them may still be written."""
    rows = session.scalars(
        select(Facility).where(Facility.id.in_(ids)).order_by(Facility.id).with_for_update(key_share=True),
        execution_options={"populate_existing": True},
    )
    return {row.id: row for row in rows}


def _lend_names(session: Session, one: Facility, into: Facility) -> list[int]:
    """Give the survivor the names it is not called by yet, as aliases; return their ids."""
    rows = session.scalars(
        select(FacilityName)
        .where(FacilityName.facility_id.in_((one.id, into.id)))
        .order_by(FacilityName.kind != "official", FacilityName.id)
    ).all()
    known = {row.search_key for row in rows if row.facility_id == into.id}
    lent: list[FacilityName] = []
    for row in rows:
        if row.facility_id == one.id and row.search_key not in known:
            known.add(row.search_key)
            lent.append(FacilityName(facility_id=into.id, name=row.name, kind="alias"))
    session.add_all(lent)
    session.flush()
    return [row.id for row in lent]


def _changed(session: Session, one: Facility, into: Facility) -> None:
    """Note that both have changed, and by which words the survivor is found now."""
    session.flush()
    names = session.scalars(select(FacilityName.name).where(FacilityName.facility_id == into.id))
    into.search_text = name_text([into.name, *names])
    one.version += 1
    into.version += 1
