"""The collaboration, the proposal that opens it, and the facilities that are its parties."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, CreatedAt, Identifier, Words

COLLABORATION_KINDS = ("studi_tiru", "studi_banding", "kunjungan_kerja", "konsultasi", "koordinasi")
PROPOSAL_STATES = ("draft", "submitted", "accepted", "declined", "withdrawn")
PARTY_ROLES = ("guest", "host", "partner")


class Collaboration(Base):
    """The thread of everything between some facilities: proposal, visits, outcomes, tasks."""

    __tablename__ = "collaborations"
    __table_args__ = (CheckConstraint(f"kind IN {COLLABORATION_KINDS}", name="kind"),)

    id: Mapped[Identifier]
    #: Short name in letters and mails, ``SH-000012``; made from the id by the database.
    ref: Mapped[str] = mapped_column(Computed("'SH-' || lpad(id::text, 6, '0')", persisted=True), unique=True)
    title: Mapped[str]
    kind: Mapped[str]
    themes: Mapped[Words]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[CreatedAt]


class Proposal(Base):
    """What is proposed: urgency, form, subject and duration are the legal minimum of a cooperation plan.

    (Permenkumham 65/2016 as explained by the ministry's bureau.)
    """

    __tablename__ = "proposals"
    __table_args__ = (CheckConstraint(f"state IN {PROPOSAL_STATES}", name="state"),)

    id: Mapped[Identifier]
    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"), unique=True)
    urgency: Mapped[str]
    form: Mapped[str]
    subject: Mapped[str]
    duration: Mapped[str]
    #: Number of the official request letter, as text: suggested elsewhere, never enforced.
    letter_no: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default="draft")
    submitted_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class Party(Base):
    """A facility's part in a collaboration."""

    __tablename__ = "parties"
    __table_args__ = (
        CheckConstraint(f"role IN {PARTY_ROLES}", name="role"),
        Index("uq_parties_collaboration_id_facility_id", "collaboration_id", "facility_id", unique=True),
        Index("ix_parties_facility_id", "facility_id", "collaboration_id"),
    )

    id: Mapped[Identifier]
    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    facility_id: Mapped[int] = mapped_column(ForeignKey("facilities.id"))
    role: Mapped[str]
    #: The post that follows the collaboration up on this side.
    follow_up_post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
