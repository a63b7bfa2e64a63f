"""When somebody is away, whom others turn to meanwhile, and who may answer for a unit beside its head."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import DATERANGE, TSTZRANGE, ExcludeConstraint, Range
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


class Delegation(Base):
    """The right to answer invitations for a unit, lent to somebody who serves there, for some days.

    Whether it holds is computed whenever it is asked for: in its days, not revoked, and the person still
    serves in the unit. So it ends by itself.
    """

    __tablename__ = "delegations"
    __table_args__ = (
        ExcludeConstraint(
            ("facility_id", "="),
            ("person_id", "="),
            ("during", "&&"),
            name="one_delegation_at_a_time",
            where=text("revoked_at IS NULL"),
            using="gist",
        ),
        CheckConstraint(
            "NOT lower_inf(during) AND NOT upper_inf(during) AND NOT isempty(during)", name="bounded"
        ),
        Index("ix_delegations_person_id", "person_id"),
    )

    id: Mapped[Identifier]
    facility_id: Mapped[int] = mapped_column(ForeignKey("facilities.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    #: From midnight to midnight in the unit's zone; cut short where the right it comes from ends.
    during: Mapped[Range[dt.datetime]] = mapped_column(TSTZRANGE)
    #: None: given at the command line.
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    revoked_at: Mapped[dt.datetime | None]
    created_at: Mapped[CreatedAt]
