"""Find what else a host has on the day of a visit, so that nobody says yes to two at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Date, and_, cast, func, or_, select

from hub.collaborations.models import Collaboration, Party, Proposal
from hub.collaborations.queries import visible_to
from hub.visits.models import Arrangement, Visit

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.visits.queries.views import VisitView

MOST = 5


@dataclass(frozen=True, slots=True)
class Clash:
    """Another visit on the same day, agreed or asked for."""

    collaboration_id: int
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    is_agreed: bool


def clashes(session: Session, actor: Actor, view: VisitView, *, host_id: int) -> list[Clash]:
    """Return up to MOST other visits to the host on this visit's day, as far as the actor may see them."""
    plan = view.arrangement
    day = cast(func.timezone(plan.iana_zone, Arrangement.starts_at), Date)
    rows = session.execute(
        select(
            Collaboration.id,
            Collaboration.title,
            Arrangement.starts_at,
            Arrangement.ends_at,
            Arrangement.iana_zone,
            Visit.state == "scheduled",
        )
        .join(Visit, Visit.collaboration_id == Collaboration.id)
        .join(Proposal, Proposal.collaboration_id == Collaboration.id)
        .join(Party, Party.id == Visit.host_party_id)
        .join(
            Arrangement,
            and_(Arrangement.visit_id == Visit.id, Arrangement.number == Visit.arrangement_no),
        )
        .where(
            visible_to(actor),
            Party.facility_id == host_id,
            Visit.id != view.row.id,
            or_(Visit.state == "scheduled", and_(Visit.state == "proposed", Proposal.state == "submitted")),
            day == plan.starts_at.date(),
        )
        .order_by(Arrangement.starts_at, Visit.id)
        .limit(MOST)
    )
    return [Clash(*row) for row in rows]
