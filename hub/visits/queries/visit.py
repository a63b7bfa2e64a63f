"""Read a visit as its parties and overseers see it: dates, agenda, who was asked and what they said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from hub import clock
from hub.collaborations import rules as collaboration_rules
from hub.collaborations.models import Collaboration, Proposal
from hub.collaborations.queries import NUMBERS, ScopedReading, parties_of
from hub.visits import rules
from hub.visits.models import Invitation, Visit
from hub.visits.queries.parts import arrangements_of, invitations_of, themes_of
from hub.visits.queries.views import VisitRow, VisitView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor

# In the order of VisitRow's fields.
ROWS = (
    select(
        Visit.id,
        Visit.collaboration_id,
        Visit.stop_no,
        Visit.state,
        Visit.version,
        Visit.arrangement_no,
        Visit.held_at,
        Visit.published_at,
        Collaboration.ref,
        Collaboration.title,
        Collaboration.kind,
        Collaboration.themes,
        Proposal.id,
        Proposal.state,
    )
    .join(Collaboration, Collaboration.id == Visit.collaboration_id)
    .join(Proposal, Proposal.collaboration_id == Visit.collaboration_id)
    .order_by(Visit.collaboration_id, Visit.stop_no)
)
ONE = ScopedReading(ROWS.where(Visit.id == bindparam("id")))
SOME = ScopedReading(ROWS.where(Visit.collaboration_id == func.any(bindparam("ids", type_=NUMBERS))))


def find_visit(session: Session, actor: Actor, visit_id: int) -> VisitRow | None:
    """Return a visit that the actor may see, or None."""
    return next((VisitRow(*row) for row in ONE.rows(session, actor, id=visit_id)), None)


def find_visit_of_invitation(session: Session, actor: Actor, invitation_id: int) -> VisitRow | None:
    """Return the visit of an invitation that the actor may see, or None."""
    visit_id = session.scalars(
        select(Invitation.visit_id).where(Invitation.id == invitation_id)
    ).one_or_none()
    return None if visit_id is None else find_visit(session, actor, visit_id)


def visits_of(session: Session, actor: Actor, collaboration_ids: Sequence[int]) -> list[VisitRow]:
    """Return the visits of these collaborations that the actor may see, in their order."""
    return [VisitRow(*row) for row in SOME.rows(session, actor, ids=list(collaboration_ids))]


def show_visits(
    session: Session,
    actor: Actor,
    rows: Sequence[VisitRow],
    *,
    with_agenda: bool = True,
    with_outcome: bool = True,
) -> list[VisitView]:
    """Return the full views of some visits, in a fixed number of queries.

    Who shows no agenda or no outcome leaves it out: it is then empty.
    """
    ids = [row.id for row in rows]
    parties = parties_of(session, [row.collaboration_id for row in rows])
    guests = {
        row.id: next(side.facility_id for side in parties[row.collaboration_id] if side.role == "guest")
        for row in rows
    }
    arrangements = arrangements_of(session, ids, with_agenda=with_agenda)
    invitations = invitations_of(session, actor, guests)
    held = [row.id for row in rows if row.state not in ("proposed", "scheduled")]
    themes = themes_of(session, held) if with_outcome else {}
    now = clock.now(session)
    views: list[VisitView] = []
    for row in rows:
        sides = parties[row.collaboration_id]
        arrangement = arrangements[row.id]
        asked = invitations.get(row.id, [])
        verdicts = [one.answer.verdict for one in asked if one.answer is not None]
        whose = rules.whose_turn(
            row.proposal_state, row.state, verdicts, has_begun=now >= arrangement.starts_at
        )
        party_ids = [side.facility_id for side in sides]
        is_shown = row.state == "concluded" or collaboration_rules.may_take_part(actor, party_ids)
        views.append(
            VisitView(
                row=row,
                parties=sides,
                arrangement=arrangement,
                invitations=asked,
                themes=themes.get(row.id, []) if is_shown else [],
                turn=whose.turn,
                step=whose.step,
            )
        )
    return views
