"""The collaboration, the proposal that opens it, and the facilities that are its parties."""

from __future__ import annotations

import datetime as dt
from typing import Final, NoReturn

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Computed, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.collaborations.events import ProposalSubmitted, ProposalWithdrawn
from hub.db.base import Base, CreatedAt, Identifier, Words
from hub.errors import Conflict
from hub.texts.catalogue import lazy

COLLABORATION_KINDS = ("studi_tiru", "studi_banding", "kunjungan_kerja", "konsultasi", "koordinasi")
PROPOSAL_STATES = ("draft", "submitted", "accepted", "declined", "withdrawn")
PARTY_ROLES = ("guest", "host", "partner")
PROPOSAL_MOVES: Final[dict[str, tuple[str, ...]]] = {
    "draft": ("submitted",),
    "submitted": ("accepted", "declined", "withdrawn"),
    # A new date asks for consent again, so an accepted proposal can be open once more.
    "accepted": ("submitted", "withdrawn"),
    "declined": (),
    "withdrawn": (),
}
"""From each state to the states that may follow."""


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
    #: The facilities that may know of it, for the rows' policies: the guest, and from the submission on every
    #: party. The database keeps both up to date; whoever opens a collaboration names the guest.
    reader_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    is_draft: Mapped[bool] = mapped_column(server_default="true")


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

    def submit(
        self, *, at: dt.datetime, guest_id: int, host_id: int, kind: str, themes: list[str]
    ) -> ProposalSubmitted:
        """Ask the host. Raises Conflict unless the proposal is a draft."""
        if self.state == "accepted":
            self._refuse()  # it may be asked again, but by another date, not by another submission
        self._move("submitted")
        self.submitted_at = at
        return ProposalSubmitted(
            collaboration_id=self.collaboration_id,
            proposal_id=self.id,
            guest_id=guest_id,
            host_id=host_id,
            kind=kind,
            themes=themes,
        )

    def accept(self) -> None:
        """Note that everybody asked has accepted. Raises Conflict unless it waits for an answer."""
        self._move("accepted")

    def ask_again(self) -> None:
        """Wait for an answer (again): the visit has a new arrangement. Raises Conflict when it has ended."""
        if self.state != "submitted":
            self._demand_asked()
            self._move("submitted")

    def decline(self) -> None:
        """Note that the host has said no. Raises Conflict unless it waits for an answer."""
        self._move("declined")

    def withdraw(self, *, reason: str) -> ProposalWithdrawn:
        """Take the proposal back. Raises Conflict when nobody was asked yet or it has ended."""
        self._demand_asked()
        self._move("withdrawn")
        return ProposalWithdrawn(collaboration_id=self.collaboration_id, proposal_id=self.id, reason=reason)

    def demand_draft(self) -> None:
        """Raise Conflict unless the proposal can still be edited."""
        if self.state != "draft":
            raise Conflict(ALREADY_SUBMITTED, code="proposal-submitted")

    def _demand_asked(self) -> None:
        if self.state == "draft":
            raise Conflict(STILL_A_DRAFT, code="proposal-draft")

    def _move(self, to: str) -> None:
        if to not in PROPOSAL_MOVES[self.state]:
            self._refuse()
        self.state = to
        self.version += 1

    def _refuse(self) -> NoReturn:
        message, code = REFUSALS[self.state]
        raise Conflict(message, code=code)


ALREADY_SUBMITTED = lazy("This proposal has been submitted already.")
STILL_A_DRAFT = lazy("This proposal has not been submitted yet.")
REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "draft": (STILL_A_DRAFT, "proposal-draft"),
    "submitted": (ALREADY_SUBMITTED, "proposal-submitted"),
    "accepted": (lazy("This proposal has been accepted already."), "proposal-accepted"),
    "declined": (lazy("The host has declined this proposal."), "proposal-declined"),
    "withdrawn": (lazy("This proposal has been withdrawn."), "proposal-withdrawn"),
}
"""Why nothing more can be done, by state: the message and its code."""


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
