"""What a facility knows of a partner: one record per direction, and its timeline.

Both are projections: nothing here is entered by hand, and nothing changes with time alone, so a
rebuilt record equals the running one row for row.
"""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, Moment, Words


class PartnerRecord(Base):
    """Counts and dates of everything ``facility`` has done with ``partner``."""

    __tablename__ = "partner_records"
    __table_args__ = (CheckConstraint("facility_id <> partner_id", name="two_facilities"),)

    facility_id: Mapped[int] = mapped_column(ForeignKey("facilities.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("facilities.id"), primary_key=True)
    #: Days in the facility's own zone.
    first_contact_on: Mapped[dt.date | None]
    last_contact_on: Mapped[dt.date | None]
    collaborations: Mapped[int] = mapped_column(server_default="0")
    visits_made: Mapped[int] = mapped_column(server_default="0")
    visits_hosted: Mapped[int] = mapped_column(server_default="0")
    themes: Mapped[Words]
    #: Tasks of either side that came from this partnership.
    open_follow_ups: Mapped[int] = mapped_column(server_default="0")
    closed_follow_ups: Mapped[int] = mapped_column(server_default="0")


class TimelineEntry(Base):
    """One event in the history of a partnership, seen from one side.

    What it names is read in the transaction that writes it, so no foreign key checks it row by row; triggers
    keep what is named from being removed (decision 23).
    """

    __tablename__ = "partner_timeline"
    __table_args__ = (Index("ix_partner_timeline_event_id", "event_id"),)

    facility_id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    collaboration_id: Mapped[int]
    occurred_at: Mapped[Moment]
