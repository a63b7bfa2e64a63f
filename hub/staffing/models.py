"""When somebody is away, and who answers for them meanwhile."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, CreatedAt, Identifier


class Absence(Base):
    """Whole days on which a person is away. No reason is asked for: why is nobody's business."""

    __tablename__ = "absences"
    __table_args__ = (
        ExcludeConstraint(("person_id", "="), ("days", "&&"), name="one_absence_at_a_time", using="gist"),
        CheckConstraint("deputy_id <> person_id", name="somebody_else"),
        CheckConstraint("NOT lower_inf(days) AND NOT upper_inf(days) AND NOT isempty(days)", name="bounded"),
        Index("ix_absences_deputy_id", "deputy_id"),
    )

    id: Mapped[Identifier]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    days: Mapped[Range[dt.date]] = mapped_column(DATERANGE)
    #: Whom others should turn to meanwhile; gets no right by it, that takes an acting appointment.
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[CreatedAt]
