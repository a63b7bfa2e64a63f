"""The list of facilities, by the registry's own rules (``hub.facilities.planning``), many rows at once.

What a row needs of the file stands further up in it: a regional office comes before its units, and of two
units that differ in their class only, the one that the registry has comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from hub.errors import Conflict
from hub.facilities.commands.importing import hold_registry
from hub.facilities.lists import FacilityList, ListedFacility, Rejection, read_row
from hub.facilities.models import Facility
from hub.facilities.names import short_name
from hub.facilities.planning import Registry, plan_lines
from hub.facilities.writing import write
from hub.imports.columns import Field
from hub.imports.facilities_undoing import undo
from hub.imports.kinds import Applied, Judged
from hub.texts.catalogue import lazy
from hub.texts.plain import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.errors import HubError
    from hub.facilities.planning import Addition, Correction, Plan
    from hub.imports.kinds import Earlier, Line

FIELDS: Final = (
    Field("name", lazy("Name"), ("nama", "nama upt", "unit", "satker"), is_needed=True),
    Field("kind", lazy("Kind"), ("jenis",), is_needed=True),
    Field("iana_timezone", lazy("Time zone"), ("zona waktu", "zone", "timezone"), is_needed=True),
    Field("kanwil", lazy("Regional office"), ("kantor wilayah", "regional office")),
    Field("speciality", lazy("Speciality"), ("kekhususan",)),
    Field("class", lazy("Class"), ("kelas",)),
    Field("city", lazy("Town"), ("kota", "kabupaten", "kabupaten kota", "town")),
    Field("regency_code", lazy("Code of the regency"), ("kode kabupaten", "kode wilayah")),
    Field("province", lazy("Province"), ("provinsi",)),
    Field("lat", lazy("Latitude"), ("lintang", "latitude")),
    Field("lon", lazy("Longitude"), ("bujur", "longitude")),
    Field("mailbox", lazy("Mailbox"), ("surel", "email", "surel resmi")),
    Field("former_name", lazy("Former name"), ("nama lama",)),
)
CHANGED_SINCE = lazy("This has changed since the preview.")
SHOWN_OF_NEW: Final = ("kind", "kanwil", "city")
FIELD_OF: Final = {"iana_zone": "iana_timezone", "class_": "class", "latitude": "lat", "longitude": "lon"}
"""The column of the list for a fact of the registry, where they are called differently."""


class Facilities:
    """The kind ``facilities`` (see ``hub.imports.kinds.Kind``)."""

    name = "facilities"
    fields: tuple[Field, ...] = FIELDS
    most_rows = 200_000
    largest = 48 * 1024 * 1024
    batch = 500

    def may_import(self, actor: Actor) -> bool:
        """Return whether the actor administers the hub: the registry is everybody's."""
        return actor.is_admin

    def key(self, said: dict[str, str]) -> str | None:
        """Return the official name, folded."""
        return fold(said["name"]) or None if "name" in said else None

    def label(self, said: dict[str, str]) -> str:
        """Return the name."""
        return said.get("name", "")

    def judge(
        self, session: Session, actor: Actor, lines: Sequence[Line], earlier: Earlier
    ) -> Sequence[Judged]:
        """Return the verdict on each row."""
        del actor
        plan = _plan(session, lines, earlier)
        verdicts = {one.line: _refused(one) for one in plan.rejected}
        verdicts |= {one.line: Judged("unchanged") for one in plan.unchanged}
        verdicts |= {one.line.line: _added(one) for one in plan.new}
        verdicts |= {one.line.line: _corrected(one) for one in plan.changed}
        return [verdicts[line.number] for line in lines]

    def apply(
        self, session: Session, actor: Actor, lines: Sequence[Line], earlier: Earlier
    ) -> Sequence[Applied | HubError]:
        """Write the rows in a handful of statements, planned anew while nobody else imports."""
        del actor
        hold_registry(session)
        plan = _plan(session, lines, earlier, is_kept=True)
        write(session, plan)
        came: dict[int, Applied | HubError] = {one.line: Conflict(one.reason) for one in plan.rejected}
        came |= {one.line: Conflict(CHANGED_SINCE) for one in plan.unchanged}
        new = {fold(one.line.name): one.line.line for one in plan.new}
        changed = {one.known.id: one for one in plan.changed}
        rows = session.execute(
            select(Facility.id, Facility.name_key, Facility.version).where(
                Facility.status == "active", Facility.name_key.in_(new) | Facility.id.in_(changed)
            )
        )
        for id_, key, version in rows:
            if id_ in changed:
                one = changed[id_]
                came[one.line.line] = Applied(id_, {"version": version, **_before(one)})
            else:
                came[new[key]] = Applied(id_, {"version": version, "is_new": True})
        return [came[line.number] for line in lines]

    def undo(
        self, session: Session, actor: Actor, *, target_id: int, done: dict[str, Any]
    ) -> tuple[str, dict[str, Any]] | None:
        """Take back what was written for a facility, unless it has changed since."""
        del actor
        return undo(session, facility_id=target_id, done=done)


def _plan(session: Session, lines: Sequence[Line], earlier: Earlier, *, is_kept: bool = False) -> Plan:
    read = [read_row(line.said, source="", line=line.number) for line in lines]
    good = [one for one in read if isinstance(one, ListedFacility)]
    bad = [one for one in read if isinstance(one, Rejection)]
    texts = [text for one in good for text in (one.name, one.former_name, one.region, short_name(one.name))]
    registry = Registry.read(session, is_kept=is_kept, keys={fold(text) for text in texts if text})
    offices = {fold(one.region) for one in good if one.region}
    alike = {
        fold(known.name)
        for one in good
        if (short := short_name(one.name))
        for known in registry.alike(one.kind, short)
    }
    before = earlier(offices | alike)
    # Once lines are written, the offices further up are in the registry.
    brought = {key for key in offices & before.keys() if before[key].get("kind") == "kanwil" and not is_kept}
    return plan_lines(registry, FacilityList(tuple(good), tuple(bad), frozenset(before), frozenset(brought)))


def _refused(one: Rejection) -> Judged:
    return Judged("ambiguous" if one.is_ambiguous else "rejected", one.reason)


def _added(one: Addition) -> Judged:
    said = {"kind": one.line.kind, "kanwil": one.line.region, "city": one.line.city}
    return Judged("new", changes={name: [None, said[name]] for name in SHOWN_OF_NEW if said[name]})


def _corrected(one: Correction) -> Judged:
    changes: dict[str, Any] = {
        FIELD_OF.get(fact, fact): [one.known.facts[fact], value] for fact, value in one.facts.items()
    }
    if one.is_renamed:
        changes["name"] = [one.known.name, one.line.name]
    if one.is_moved:
        changes["kanwil"] = [None, one.line.region]
    for other in one.names:
        changes[other.name] = [None, other.name]
    return Judged("changed", changes=changes, target_id=one.known.id)


def _before(one: Correction) -> dict[str, Any]:
    """Return what undoing needs: the facts as they were, and the names that came along."""
    return {
        "name": one.known.name,
        "region_id": one.known.region_id,
        "facts": dict(one.known.facts),
        "names": [[other.name, other.kind] for other in one.names],
    }
