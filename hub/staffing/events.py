"""What happens to the posts of a unit, for those who must know of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hub.messaging.event import UnitEvent, event_type


@event_type("post.handed_over", version=1)
@dataclass(frozen=True, kw_only=True)
class PostHandedOver(UnitEvent):
    """Somebody holds a post from a moment on, with all that stood in its name when that was decided."""

    post_id: int
    person_id: int
    before_id: int | None
    starts_at: dt.datetime
    tasks: int
    invitations: int
    visits: int


@event_type("delegation.given", version=1)
@dataclass(frozen=True, kw_only=True)
class DelegationGiven(UnitEvent):
    """Somebody of a unit may answer invitations for it, from one moment to another."""

    delegation_id: int
    person_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime


@event_type("delegation.ended", version=1)
@dataclass(frozen=True, kw_only=True)
class DelegationEnded(UnitEvent):
    """The right to answer for a unit ends earlier than it was lent for: taken back, or its head changes."""

    delegation_id: int
    person_id: int
    ends_at: dt.datetime


@event_type("stand_in.named", version=1)
@dataclass(frozen=True, kw_only=True)
class StandInNamed(UnitEvent):
    """Somebody acts in a post beside its holder (Plh.), from one moment to another."""

    post_id: int
    person_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime


@event_type("stand_in.ended", version=1)
@dataclass(frozen=True, kw_only=True)
class StandInEnded(UnitEvent):
    """Somebody stops acting in a post earlier than they were named for, or never begins."""

    post_id: int
    person_id: int
    ends_at: dt.datetime
