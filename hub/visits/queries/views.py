"""The shapes in which a visit is read: dates, agenda, who was asked, what they said, what it brought."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.workdays.zones import zone_label

if TYPE_CHECKING:
    from hub.collaborations.queries import PartyView


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit with the cover of its collaboration, as found; everything else is read when shown."""

    id: int
    collaboration_id: int
    stop_no: int
    state: str
    version: int
    arrangement_no: int
    held_at: dt.datetime | None
    published_at: dt.datetime | None
    ref: str
    title: str
    kind: str
    themes: list[str]
    proposal_id: int
    proposal_state: str


@dataclass(frozen=True, slots=True)
class AgendaView:
    """One point of the agenda."""

    position: int
    title: str
    minutes: int
    theme: str | None
    owner_post_id: int | None


@dataclass(frozen=True, slots=True)
class ArrangementView:
    """When and where, in the host's own time."""

    number: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    iana_zone: str
    place: str
    head_count: int | None
    agenda: list[AgendaView]

    @property
    def zone(self) -> str:
        """Return WIB, WITA or WIT."""
        return zone_label(self.iana_zone)


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What an invited party said to one arrangement."""

    number: int
    verdict: str
    reason: str | None
    counter_starts_at: dt.datetime | None
    counter_ends_at: dt.datetime | None
    door: str
    answered_by: str
    answered_at: dt.datetime
    #: Where somebody answered to whom that right is lent: its last day, in the host's zone.
    delegated_until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class InvitationView:
    """Who was asked, until when, and the answer to the current arrangement."""

    id: int
    facility_id: int
    name: str
    address: str | None
    generation: int
    respond_by: dt.datetime
    opened_at: dt.datetime | None
    revoked_at: dt.datetime | None
    answer: AnswerView | None


@dataclass(frozen=True, slots=True)
class CommitmentView:
    """A promise of one unit."""

    id: int
    text: str
    facility_id: int
    owner_post_id: int
    owner: str
    working_days: int
    due_on: dt.date | None


@dataclass(frozen=True, slots=True)
class ThemeView:
    """What one theme of the visit brought."""

    theme: str
    seen: str
    will_try: str
    commitments: list[CommitmentView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class VisitView:
    """Everything an actor may see of a visit."""

    row: VisitRow
    parties: list[PartyView]
    arrangement: ArrangementView
    invitations: list[InvitationView]
    themes: list[ThemeView]
    turn: str
    step: str
