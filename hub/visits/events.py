"""What happens to a visit, from the answer to its invitation to its published outcome."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hub.messaging.event import Event, event_type


@event_type("invitation.accepted", version=1)
@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(Event):
    """An invited party has said yes to one arrangement of a visit."""

    visit_id: int
    invitation_id: int
    arrangement_no: int
    door: str


@event_type("invitation.declined", version=1)
@dataclass(frozen=True, kw_only=True)
class InvitationDeclined(Event):
    """An invited party has said no, with a reason."""

    visit_id: int
    invitation_id: int
    arrangement_no: int
    door: str


@event_type("invitation.countered", version=1)
@dataclass(frozen=True, kw_only=True)
class InvitationCountered(Event):
    """An invited party has asked for another time; the proposer decides whether to rearrange."""

    visit_id: int
    invitation_id: int
    arrangement_no: int
    door: str
    starts_at: dt.datetime
    ends_at: dt.datetime


@event_type("invitation.renewed", version=1)
@dataclass(frozen=True, kw_only=True)
class InvitationRenewed(Event):
    """An invitation gets a new link and a new mail; every link sent before has ended."""

    visit_id: int
    invitation_id: int
    generation: int


@event_type("invitation.revoked", version=1)
@dataclass(frozen=True, kw_only=True)
class InvitationRevoked(Event):
    """An invitation has been taken back; its links answer that they have ended."""

    visit_id: int
    invitation_id: int


@event_type("visit.rearranged", version=1)
@dataclass(frozen=True, kw_only=True)
class VisitRearranged(Event):
    """A visit has a new date or agenda: the next arrangement, which asks for consent again."""

    visit_id: int
    arrangement_no: int
    starts_at: dt.datetime
    ends_at: dt.datetime


@event_type("visit.scheduled", version=1)
@dataclass(frozen=True, kw_only=True)
class VisitScheduled(Event):
    """Everybody asked has accepted the arrangement: the visit has its date."""

    visit_id: int
    arrangement_no: int
    starts_at: dt.datetime
    ends_at: dt.datetime


@event_type("visit.held", version=1)
@dataclass(frozen=True, kw_only=True)
class VisitHeld(Event):
    """The visit has taken place."""

    visit_id: int
    held_at: dt.datetime


@event_type("outcome.published", version=1)
@dataclass(frozen=True, kw_only=True)
class OutcomePublished(Event):
    """What a visit brought has been published, with the commitments of both sides.

    This is the event Sinergi exists for: it opens the follow-up tasks.
    """

    visit_id: int
    themes: list[str]
    commitments: int
