"""Visits, their numbered arrangements and agenda, invitations and answers, outcomes and commitments."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, CreatedAt, Identifier, Moment

VISIT_STATES = ("proposed", "scheduled", "held", "concluded", "cancelled")
VERDICTS = ("accepted", "declined", "countered")
ANSWER_DOORS = ("link", "person", "on_behalf")


class Visit(Base):
    """One stop at one host; a trip is several visits of one collaboration."""

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint(f"state IN {VISIT_STATES}", name="state"),
        CheckConstraint("(state IN ('held', 'concluded')) = (held_at IS NOT NULL)", name="held_has_a_time"),
        CheckConstraint("(state = 'concluded') = (published_at IS NOT NULL)", name="concluded_has_a_time"),
        Index("uq_visits_collaboration_id_stop_no", "collaboration_id", "stop_no", unique=True),
        ForeignKeyConstraint(
            ["id", "arrangement_no"],
            ["arrangements.visit_id", "arrangements.number"],
            name="fk_visits_current_arrangement",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
    )

    id: Mapped[Identifier]
    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    stop_no: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    host_party_id: Mapped[int] = mapped_column(ForeignKey("parties.id"))
    state: Mapped[str] = mapped_column(server_default="proposed")
    #: The arrangement that counts now; an answer belongs to a number.
    arrangement_no: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    held_at: Mapped[dt.datetime | None]
    published_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class Arrangement(Base):
    """When and where: immutable by right; a change is the next number, and asks for consent again."""

    __tablename__ = "arrangements"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),)

    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    #: The host's zone: the time is the host's local time.
    iana_zone: Mapped[str]
    place: Mapped[str]
    head_count: Mapped[int | None] = mapped_column(SmallInteger)
    created_at: Mapped[CreatedAt]


class AgendaItem(Base):
    """One point of an arrangement's agenda."""

    __tablename__ = "agenda_items"
    __table_args__ = (
        ForeignKeyConstraint(["visit_id", "number"], ["arrangements.visit_id", "arrangements.number"]),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
    )

    visit_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    title: Mapped[str]
    minutes: Mapped[int] = mapped_column(SmallInteger)
    theme: Mapped[str | None]
    owner_post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))


class Invitation(Base):
    """A party asked by a link in a mail. The link is derived, not stored (hub.texts.links)."""

    __tablename__ = "invitations"
    __table_args__ = (
        Index(
            "uq_invitations_visit_party_address",
            "visit_id",
            "party_id",
            func.lower(text("address")),
            unique=True,
        ),
        CheckConstraint("generation > 0", name="generation_positive"),
    )

    id: Mapped[Identifier]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    party_id: Mapped[int] = mapped_column(ForeignKey("parties.id"))
    address: Mapped[str]
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    #: Raised to make every link sent so far invalid.
    generation: Mapped[int] = mapped_column(server_default="1")
    respond_by: Mapped[Moment]
    opened_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]
    created_at: Mapped[CreatedAt]


class Answer(Base):
    """What an invited party said to one arrangement; a later answer supersedes an earlier one."""

    __tablename__ = "answers"
    __table_args__ = (
        CheckConstraint(f"verdict IN {VERDICTS}", name="verdict"),
        CheckConstraint(f"door IN {ANSWER_DOORS}", name="door"),
        CheckConstraint("verdict = 'accepted' OR reason IS NOT NULL", name="a_no_has_a_reason"),
        CheckConstraint(
            "(verdict = 'countered') = (counter_starts_at IS NOT NULL)", name="counter_has_a_time"
        ),
        ForeignKeyConstraint(["visit_id", "number"], ["arrangements.visit_id", "arrangements.number"]),
        Index(
            "uq_answers_current",
            "invitation_id",
            "number",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[Identifier]
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id"))
    visit_id: Mapped[int]
    number: Mapped[int] = mapped_column(SmallInteger)
    verdict: Mapped[str]
    reason: Mapped[str | None]
    counter_starts_at: Mapped[dt.datetime | None]
    counter_ends_at: Mapped[dt.datetime | None]
    door: Mapped[str]
    #: Who answered, in their own words: name and post; the link is the authority.
    answered_by: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[CreatedAt]
    superseded_at: Mapped[dt.datetime | None]


class Outcome(Base):
    """What one theme of a visit brought: what was seen, and what the guest will try."""

    __tablename__ = "outcomes"
    __table_args__ = (
        Index("uq_outcomes_visit_id_theme_revision", "visit_id", "theme", "revision", unique=True),
    )

    id: Mapped[Identifier]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    theme: Mapped[str]
    revision: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    seen: Mapped[str]
    will_try: Mapped[str]
    created_at: Mapped[CreatedAt]


class Commitment(Base):
    """A promise: which unit does what, which post owns it, and within how many working days."""

    __tablename__ = "commitments"
    __table_args__ = (
        CheckConstraint("working_days BETWEEN 1 AND 260", name="working_days"),
        Index("ix_commitments_visit_id", "visit_id"),
        Index("ix_commitments_collaboration_id", "collaboration_id"),
    )

    id: Mapped[Identifier]
    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    outcome_id: Mapped[int] = mapped_column(ForeignKey("outcomes.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    facility_id: Mapped[int] = mapped_column(ForeignKey("facilities.id"))
    owner_post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    text: Mapped[str]
    working_days: Mapped[int] = mapped_column(SmallInteger)
    #: Counted from the day of publishing in the unit's zone; a date, so it never shifts.
    due_on: Mapped[dt.date | None]
