"""Visits, their numbered arrangements and agenda, invitations and answers, outcomes and commitments."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, CreatedAt, Identifier, Moment
from hub.errors import Conflict
from hub.texts.catalogue import lazy
from hub.visits.events import (
    InvitationAccepted,
    InvitationCountered,
    InvitationDeclined,
    InvitationRenewed,
    InvitationRevoked,
    OutcomePublished,
    VisitHeld,
    VisitRearranged,
    VisitScheduled,
)

VISIT_STATES = ("proposed", "scheduled", "held", "concluded", "cancelled")
VERDICTS = ("accepted", "declined", "countered")
ANSWER_DOORS = ("link", "person", "on_behalf")
VISIT_MOVES: Final[dict[str, tuple[str, ...]]] = {
    "proposed": ("scheduled", "cancelled"),
    # A new arrangement takes the date away until everybody has accepted it.
    "scheduled": ("proposed", "held", "cancelled"),
    "held": ("concluded",),
    "concluded": (),
    "cancelled": (),
}
"""From each state to the states that may follow."""
REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "proposed": (lazy("This visit has no agreed date yet."), "visit-proposed"),
    "scheduled": (lazy("This visit has not been held yet."), "visit-scheduled"),
    "held": (lazy("This visit has been held already."), "visit-held"),
    "concluded": (lazy("The outcome of this visit has been published already."), "visit-concluded"),
    "cancelled": (lazy("This visit has been cancelled."), "visit-cancelled"),
}
"""Why something cannot be done, by state: the message and its code."""


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

    def schedule(self, arrangement: Arrangement) -> VisitScheduled:
        """Fix the date: everybody asked has accepted. Raises Conflict unless it is proposed."""
        self._move("scheduled")
        return VisitScheduled(
            collaboration_id=self.collaboration_id,
            visit_id=self.id,
            arrangement_no=arrangement.number,
            starts_at=arrangement.starts_at,
            ends_at=arrangement.ends_at,
        )

    def replace_arrangement(self, arrangement: Arrangement) -> None:
        """Let the next arrangement count, before anybody was asked. Raises Conflict for another number."""
        if arrangement.number != self.arrangement_no + 1:
            raise Conflict(lazy("The visit has a newer date or agenda."), code="arrangement-changed")
        self.arrangement_no = arrangement.number
        self.version += 1

    def rearrange(self, arrangement: Arrangement) -> VisitRearranged:
        """Let the next arrangement count and ask for consent again. Raises Conflict once it was held."""
        if self.state != "proposed":
            self._move("proposed")
        self.replace_arrangement(arrangement)
        return VisitRearranged(
            collaboration_id=self.collaboration_id,
            visit_id=self.id,
            arrangement_no=arrangement.number,
            starts_at=arrangement.starts_at,
            ends_at=arrangement.ends_at,
        )

    def hold(self, *, at: dt.datetime, starts_at: dt.datetime) -> VisitHeld:
        """Note that the visit took place. Raises Conflict unless it is scheduled and has begun."""
        if self.state == "scheduled" and at < starts_at:
            raise Conflict(lazy("The visit has not begun yet."), code="visit-not-begun")
        self._move("held")
        self.held_at = at
        return VisitHeld(collaboration_id=self.collaboration_id, visit_id=self.id, held_at=at)

    def conclude(self, *, at: dt.datetime, themes: list[str], commitments: int) -> OutcomePublished:
        """Publish the outcome. Raises Conflict unless the visit is held."""
        self._move("concluded")
        self.published_at = at
        return OutcomePublished(
            collaboration_id=self.collaboration_id,
            visit_id=self.id,
            themes=themes,
            commitments=commitments,
        )

    def cancel(self) -> None:
        """Call the visit off. Raises Conflict once it was held."""
        self._move("cancelled")

    def demand(self, state: str) -> None:
        """Raise Conflict, saying why, unless the visit is in ``state``."""
        if self.state != state:
            message, code = REFUSALS[self.state]
            raise Conflict(message, code=code)

    def _move(self, to: str) -> None:
        if to not in VISIT_MOVES[self.state]:
            message, code = REFUSALS[self.state]
            raise Conflict(message, code=code)
        self.state = to
        self.version += 1


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
    #: Where it went before the post passed on: links sent there say so, and open nothing.
    former_address: Mapped[str | None]
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    #: Raised to make every link sent so far invalid.
    generation: Mapped[int] = mapped_column(server_default="1")
    respond_by: Mapped[Moment]
    #: When somebody first acted through the link; merely looking writes nothing.
    opened_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]
    created_at: Mapped[CreatedAt]

    def renew(self, *, collaboration_id: int, respond_by: dt.datetime) -> InvitationRenewed:
        """Give the invitation a new link; every link sent before has ended."""
        self.generation += 1
        self.respond_by = respond_by
        self.revoked_at = None
        return InvitationRenewed(
            collaboration_id=collaboration_id,
            visit_id=self.visit_id,
            invitation_id=self.id,
            generation=self.generation,
        )

    def pass_on(self, *, collaboration_id: int, respond_by: dt.datetime, address: str) -> InvitationRenewed:
        """Give the invitation a new link for another address; those sent to the one before have passed on."""
        self.former_address, self.address = self.address, address
        return self.renew(collaboration_id=collaboration_id, respond_by=respond_by)

    def revoke(self, *, collaboration_id: int, at: dt.datetime) -> InvitationRevoked:
        """Take the invitation back. Raises Conflict if it was taken back before."""
        if self.revoked_at is not None:
            raise Conflict(lazy("This invitation has been taken back already."), code="invitation-revoked")
        self.revoked_at = at
        return InvitationRevoked(
            collaboration_id=collaboration_id, visit_id=self.visit_id, invitation_id=self.id
        )


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
    #: By which delegation, where it is not the head who answered.
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("delegations.id"))
    answered_at: Mapped[CreatedAt]
    superseded_at: Mapped[dt.datetime | None]

    def event(
        self, *, collaboration_id: int
    ) -> InvitationAccepted | InvitationDeclined | InvitationCountered:
        """Return the event that this answer is."""
        if self.counter_starts_at is not None and self.counter_ends_at is not None:
            return InvitationCountered(
                collaboration_id=collaboration_id,
                visit_id=self.visit_id,
                invitation_id=self.invitation_id,
                arrangement_no=self.number,
                door=self.door,
                starts_at=self.counter_starts_at,
                ends_at=self.counter_ends_at,
            )
        cls = InvitationAccepted if self.verdict == "accepted" else InvitationDeclined
        return cls(
            collaboration_id=collaboration_id,
            visit_id=self.visit_id,
            invitation_id=self.invitation_id,
            arrangement_no=self.number,
            door=self.door,
        )


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
