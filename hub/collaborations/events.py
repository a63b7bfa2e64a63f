"""What happens to a proposal."""

from __future__ import annotations

from dataclasses import dataclass

from hub.messaging.event import Event, event_type


@event_type("proposal.submitted", version=1)
@dataclass(frozen=True, kw_only=True)
class ProposalSubmitted(Event):
    """A unit has proposed cooperation and asked the host for a visit.

    From now on the host, its regional office and the guest's may see the collaboration.
    """

    proposal_id: int
    guest_id: int
    host_id: int
    kind: str
    themes: list[str]


@event_type("proposal.withdrawn", version=1)
@dataclass(frozen=True, kw_only=True)
class ProposalWithdrawn(Event):
    """The guest has taken its proposal back before the visit took place."""

    proposal_id: int
    reason: str
