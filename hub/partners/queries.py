"""Read partner records: those of a facility, and one with its timeline."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select, tuple_

from hub.collaborations.models import Collaboration
from hub.facilities.models import Facility
from hub.followups.models import Task
from hub.messaging.models import EventRow
from hub.partners.models import PartnerRecord, TimelineEntry

if TYPE_CHECKING:
    from sqlalchemy import Select
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
    """The facility whose records are read; ``iana_zone`` is that of its days."""

    id: int
    name: str
    iana_zone: str


def owner_of(session: Session, facility_id: int) -> Owner | None:
    """Return a facility as the owner of records, or None."""
    query = select(Facility.id, Facility.name, Facility.iana_zone).where(Facility.id == facility_id)
    row = session.execute(query).one_or_none()
    return Owner(*row) if row else None


def owners(session: Session, actor: Actor) -> list[Owner]:
    """Return the facilities whose records the actor may read: the own ones, and others that have any."""
    own = Facility.id.in_([*actor.unit_ids, *actor.headed_ids])
    known = select(PartnerRecord.facility_id).where(PartnerRecord.facility_id == Facility.id).exists()
    if actor.is_admin or actor.oversees_all:
        readable = or_(own, known)
    else:
        regions = list(actor.region_ids)
        readable = or_(own, and_(known, or_(Facility.region_id.in_(regions), Facility.id.in_(regions))))
    query = (
        select(Facility.id, Facility.name, Facility.iana_zone)
        .where(readable)
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
    latest = func.coalesce(PartnerRecord.last_contact_on, NEVER)
    query = (
        _records()
        .where(PartnerRecord.facility_id == facility_id)
        .order_by(latest.desc(), PartnerRecord.partner_id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(latest, PartnerRecord.partner_id) < after)
    return [RecordView(*row) for row in session.execute(query)]


def find_record(session: Session, facility_id: int, partner_id: int) -> RecordView | None:
    """Return what a facility has done with a partner, or None if they never met."""
    query = _records().where(PartnerRecord.facility_id == facility_id, PartnerRecord.partner_id == partner_id)
    row = session.execute(query).one_or_none()
    return RecordView(*row) if row else None


def timeline(
    session: Session, facility_id: int, partner_id: int, *, after: uuid.UUID | None, limit: int
) -> list[Entry]:
    """Return up to ``limit`` events of a partnership, the latest first, those before ``after``."""
    query = (
        select(
            TimelineEntry.event_id,
            EventRow.type,
            TimelineEntry.occurred_at,
            TimelineEntry.collaboration_id,
            EventRow.actor_label,
            Collaboration.ref,
            Collaboration.title,
            Task.title,
        )
        .join(EventRow, EventRow.id == TimelineEntry.event_id)
        .join(Collaboration, Collaboration.id == TimelineEntry.collaboration_id)
        .outerjoin(Task, Task.id == EventRow.data["task_id"].as_integer())
        .where(TimelineEntry.facility_id == facility_id, TimelineEntry.partner_id == partner_id)
        .order_by(TimelineEntry.event_id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(TimelineEntry.event_id < after)
    return [Entry(*row) for row in session.execute(query)]


def _records() -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = select(
        # In the order of RecordView's fields.
        PartnerRecord.facility_id,
        PartnerRecord.partner_id,
        Facility.name,
        Facility.kind,
        PartnerRecord.first_contact_on,
        PartnerRecord.last_contact_on,
        PartnerRecord.collaborations,
        PartnerRecord.visits_made,
        PartnerRecord.visits_hosted,
        PartnerRecord.themes,
        PartnerRecord.open_follow_ups,
        PartnerRecord.closed_follow_ups,
    )
    return query.join(Facility, Facility.id == PartnerRecord.partner_id)
