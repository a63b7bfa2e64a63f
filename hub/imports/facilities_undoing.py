"""Take back what an import wrote for a facility, and leave alone what was changed or referred to since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, text, tuple_
from sqlalchemy.exc import IntegrityError

from hub.facilities.models import Facility, FacilityName
from hub.facilities.planning import FACTS
from hub.facilities.words import area_text, name_text
from hub.texts.catalogue import lazy
from hub.texts.plain import fold

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CHANGED = lazy("the unit has been changed since")
REFERRED = lazy("something else refers to the unit by now")

END_NAME = text("DELETE FROM facility_names WHERE facility_id = :id AND kind = 'official'")
RESTORE_NAME = text(
    "UPDATE facility_names SET kind = 'official', valid = daterange(lower(valid), NULL)"
    " WHERE facility_id = :id AND kind = 'former' AND name = :name"
)


def undo(session: Session, *, facility_id: int, done: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Take back what was done for one facility; return why it was kept instead, or None.

    One that the import added is removed, unless something refers to it; one that it corrected gets its facts
    and its name back. Whatever was changed since its version is left.
    """
    facility = session.scalar(
        select(Facility)
        .where(Facility.id == facility_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if facility is None:
        return None
    if facility.version != done["version"]:
        return CHANGED, {}
    if done.get("is_new"):
        return _remove(session, facility)
    if done["names"]:
        session.execute(
            delete(FacilityName).where(
                FacilityName.facility_id == facility_id,
                tuple_(FacilityName.name, FacilityName.kind).in_([tuple(one) for one in done["names"]]),
            )
        )
    if facility.name != done["name"]:
        session.execute(END_NAME, {"id": facility_id})
        session.execute(RESTORE_NAME, {"id": facility_id, "name": done["name"]})
    facility.name, facility.name_key = done["name"], fold(done["name"])
    facility.region_id = done["region_id"]
    for fact in FACTS:
        setattr(facility, fact, done["facts"][fact])
    names = session.scalars(select(FacilityName.name).where(FacilityName.facility_id == facility_id)).all()
    facility.search_text = name_text([done["name"], *sorted(names)])
    facility.area_text = area_text(facility.city, facility.province)
    facility.version += 1
    session.flush()
    return None


def _remove(session: Session, facility: Facility) -> tuple[str, dict[str, Any]] | None:
    try:
        with session.begin_nested():
            session.execute(delete(FacilityName).where(FacilityName.facility_id == facility.id))
            session.execute(delete(Facility).where(Facility.id == facility.id))
    except IntegrityError:
        session.expire_all()
        return REFERRED, {}
    session.expunge(facility)
    return None
