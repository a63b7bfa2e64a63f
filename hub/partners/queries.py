"""Read partner records: those of a facility, and one with its timeline.

The records themselves know nothing of merges. What was merged into a facility is read with it, on both sides,
so that a merge and taking it back move no row (decision 42).
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, literal, or_, select, true, tuple_
from sqlalchemy.orm import aliased

from hub.collaborations.models import Collaboration
from hub.facilities.models import Facility
from hub.facilities.queries import standing_for
from hub.followups.models import Task
from hub.messaging.models import EventRow
from hub.partners.models import PartnerRecord, TimelineEntry

if TYPE_CHECKING:
    from sqlalchemy import Row, Select
    from sqlalchemy.orm import Session

    from hub.actor import Actor

NEVER = dt.date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class RecordView:
    """What a facility has done with one partner."""

    facility_id: int
    partner_id: int
    partner: str
    partner_kind: str
    first_contact_on: dt.date | None
    last_contact_on: dt.date | None
    collaborations: int
    visits_made: int
    visits_hosted: int
    themes: list[str]
    open_follow_ups: int
    closed_follow_ups: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a partnership."""

    event_id: uuid.UUID
    type: str
    occurred_at: dt.datetime
    collaboration_id: int
    actor: str
    ref: str
    title: str
    task: str | None
    """What was promised, where the event closed a follow-up."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The facility whose records are read; ``iana_zone`` is that of its days.

    ``merged_into_id``: it leads on to that one by now.
    """

    id: int
    name: str
    iana_zone: str
    merged_into_id: int | None = None


def owner_of(session: Session, facility_id: int) -> Owner | None:
    """Return a facility as the owner of records, or None."""
    query = select(Facility.id, Facility.name, Facility.iana_zone, Facility.merged_into_id)
    row = session.execute(query.where(Facility.id == facility_id)).one_or_none()
    return Owner(*row) if row else None


def owners(session: Session, actor: Actor) -> list[Owner]:
    """Return the facilities whose records the actor may read: the own ones, and others that have any."""
    units = [*actor.unit_ids, *actor.headed_ids]
    own = Facility.id.in_(units)
    merged = aliased(Facility)
    known = (
        select(PartnerRecord.facility_id)
        .join(merged, merged.id == PartnerRecord.facility_id)
        .where(or_(merged.id == Facility.id, merged.merged_into_id == Facility.id))
        .correlate(Facility)
        .exists()
    )
    # What was merged is read with what it went into, except by who serves there and not here.
    is_apart = or_(Facility.merged_into_id.is_(None), and_(own, Facility.merged_into_id.not_in(units)))
    if actor.is_admin or actor.oversees_all:
        readable = or_(own, known)
    else:
        regions = list(actor.region_ids)
        readable = or_(own, and_(known, or_(Facility.region_id.in_(regions), Facility.id.in_(regions))))
    query = (
        select(Facility.id, Facility.name, Facility.iana_zone)
        .where(readable, is_apart)
        .order_by(own.desc(), Facility.name_key, Facility.id)
    )
    return [Owner(*row) for row in session.execute(query)]


def may_read(session: Session, actor: Actor, facility_id: int) -> bool:
    """Return whether the actor may read a facility's partner records: its people and its overseers."""
    if actor.kind == "link":
        return False
    if actor.is_admin or actor.oversees_all or facility_id in (*actor.unit_ids, *actor.headed_ids):
        return True
    if facility_id in actor.region_ids:
        return True
    region = session.scalars(select(Facility.region_id).where(Facility.id == facility_id)).one_or_none()
    return region is not None and region in actor.region_ids


def records_of(
    session: Session, facility_id: int, *, after: tuple[dt.date, int] | None, limit: int
) -> list[RecordView]:
    """Return up to ``limit`` records of a facility, the latest contact first."""
    records = _records(facility_id).subquery()
    latest = func.coalesce(records.c.last_contact_on, NEVER)
    query = select(records).order_by(latest.desc(), records.c.partner_id.desc()).limit(limit)
    if after is not None:
        query = query.where(tuple_(latest, records.c.partner_id) < after)
    return [_view(row) for row in session.execute(query)]


def find_record(session: Session, facility_id: int, partner_id: int) -> RecordView | None:
    """Return what a facility has done with a partner, or None if they never met.

    A partner that was merged leads to the record of the one it went into.
    """
    into = select(Facility.merged_into_id).where(Facility.id == partner_id).scalar_subquery()
    query = _records(facility_id).where(func.coalesce(into, partner_id) == PARTNER_ID)
    row = session.execute(query).one_or_none()
    return _view(row) if row else None


def timeline(
    session: Session, facility_id: int, partner_id: int, *, after: uuid.UUID | None, limit: int
) -> list[Entry]:
    """Return up to ``limit`` events of a partnership, the latest first, those before ``after``."""
    one, other = standing_for(facility_id).subquery(), standing_for(partner_id).subquery()
    # Each pair has its latest read by its own index, however long its history is.
    newest = (
        select(TimelineEntry.event_id, TimelineEntry.occurred_at, TimelineEntry.collaboration_id)
        .where(TimelineEntry.facility_id == one.c.id, TimelineEntry.partner_id == other.c.id)
        .order_by(TimelineEntry.event_id.desc())
        .limit(limit)
    )
    if after is not None:
        newest = newest.where(TimelineEntry.event_id < after)
    entry = newest.correlate(one, other).lateral("entry")
    latest = (
        select(entry)
        .select_from(one)
        .join(other, true())
        .join(entry, true())
        .distinct()
        .order_by(entry.c.event_id.desc())
        .limit(limit)
        .subquery("latest")
    )
    query = (
        select(
            latest.c.event_id,
            EventRow.type,
            latest.c.occurred_at,
            latest.c.collaboration_id,
            EventRow.actor_label,
            Collaboration.ref,
            Collaboration.title,
            # As a query of its own: a join on what an event's data say would read every task under policies.
            select(Task.title).where(Task.id == EventRow.data["task_id"].as_integer()).scalar_subquery(),
        )
        .join(EventRow, EventRow.id == latest.c.event_id)
        .join(Collaboration, Collaboration.id == latest.c.collaboration_id)
        .order_by(latest.c.event_id.desc())
    )
    return [Entry(*row) for row in session.execute(query)]


PARTNER = aliased(Facility, name="partner")
"""The partner that a record names."""
KNOWN_AS = aliased(Facility, name="known_as")
"""The one that it goes by now."""
PARTNER_ID = func.coalesce(PARTNER.merged_into_id, PARTNER.id)


def _records(facility_id: int) -> Select[*tuple[Any, ...]]:
    """Return the query of a facility's records, what was merged read as one; themes joined by commas."""
    query: Select[*tuple[Any, ...]] = select(
        # In the order of RecordView's fields.
        literal(facility_id).label("facility_id"),
        KNOWN_AS.id.label("partner_id"),
        KNOWN_AS.name.label("partner"),
        KNOWN_AS.kind.label("partner_kind"),
        func.min(PartnerRecord.first_contact_on).label("first_contact_on"),
        func.max(PartnerRecord.last_contact_on).label("last_contact_on"),
        func.sum(PartnerRecord.collaborations).label("collaborations"),
        func.sum(PartnerRecord.visits_made).label("visits_made"),
        func.sum(PartnerRecord.visits_hosted).label("visits_hosted"),
        func.string_agg(func.array_to_string(PartnerRecord.themes, ","), ",").label("themes"),
        func.sum(PartnerRecord.open_follow_ups).label("open_follow_ups"),
        func.sum(PartnerRecord.closed_follow_ups).label("closed_follow_ups"),
    )
    return (
        query.join(PARTNER, PARTNER.id == PartnerRecord.partner_id)
        .join(KNOWN_AS, KNOWN_AS.id == PARTNER_ID)
        # What two did with one another before one went into the other is nobody's partnership.
        .where(PartnerRecord.facility_id.in_(standing_for(facility_id)), KNOWN_AS.id != facility_id)
        .group_by(KNOWN_AS.id)
    )


def _view(row: Row[*tuple[Any, ...]]) -> RecordView:
    values = row._asdict()
    themes = sorted({theme for theme in values["themes"].split(",") if theme})
    counts = ("collaborations", "visits_made", "visits_hosted", "open_follow_ups", "closed_follow_ups")
    return RecordView(**values | {"themes": themes} | {name: int(values[name]) for name in counts})
