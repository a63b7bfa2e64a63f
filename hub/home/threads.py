"""Read collaborations as lists and their own page show them: cover, visits, where each stands.

A fixed number of queries, however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import and_, bindparam, func, or_, select

from hub.collaborations.models import Collaboration, Party, Proposal
from hub.collaborations.queries import NUMBERS, Cover, ScopedReading, cover_query, covers_where
from hub.db.reading import Reading
from hub.followups.models import Task
from hub.texts.catalogue import lazy
from hub.visits.models import Visit
from hub.visits.queries.visit import show_visits, visits_of
from hub.visits.standing import Standing, standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.visits.queries.views import VisitView

State = Literal["draft", "asked", "agreed", "held", "follow_up", "ended"]

STATES: Final[dict[str, str]] = {
    "draft": lazy("Drafts"),
    "asked": lazy("Waiting for an answer"),
    "agreed": lazy("Date agreed"),
    "held": lazy("Outcome to be written"),
    "follow_up": lazy("Follow-up"),
    "ended": lazy("Ended"),
}
"""The filters of the list, in the order of the spine."""
MOST_OPEN: Final = 50
"""Unfinished collaborations that are looked through for what waits for the reader."""
ROLES: Final[dict[str, str]] = {"guest": lazy("We visit"), "host": lazy("We are visited")}


@dataclass(frozen=True, slots=True)
class ThreadView:
    """One collaboration with all its visits; ``view`` is the visit it waits for now."""

    cover: Cover
    view: VisitView
    visits: list[VisitView]
    stands: Standing
    open_tasks: int


def threads(
    session: Session,
    actor: Actor,
    locale: str,
    *conditions: ColumnElement[bool],
    before_id: int | None = None,
    limit: int,
) -> list[ThreadView]:
    """Return up to ``limit`` collaborations that the actor may see, newest first, below ``before_id``."""
    if before_id is not None:
        conditions = (*conditions, Collaboration.id < before_id)
    found = covers_where(session, actor, *conditions, limit=limit)
    return views_of(session, actor, locale, found, with_outcome=False)


def unfinished(
    session: Session, actor: Actor, locale: str, *, facility_ids: Sequence[int]
) -> list[ThreadView]:
    """Return up to MOST_OPEN collaborations of these facilities that are not ended, newest first."""
    rows = UNFINISHED.rows(session, actor, facilities=list(facility_ids))
    return views_of(session, actor, locale, [Cover(*row) for row in rows], with_outcome=False)


def views_of(
    session: Session, actor: Actor, locale: str, found: Sequence[Cover], *, with_outcome: bool = True
) -> list[ThreadView]:
    """Return the views of these collaborations, in their order; no agenda, and for lists no outcome."""
    ids = [cover.id for cover in found]
    visits: dict[int, list[VisitView]] = {key: [] for key in ids}
    rows = visits_of(session, actor, ids)
    for view in show_visits(session, actor, rows, with_agenda=False, with_outcome=with_outcome):
        visits[view.row.collaboration_id].append(view)
    open_tasks = _open_tasks(session, ids)
    made: list[ThreadView] = []
    for cover in found:
        stops = visits[cover.id]
        # A trip waits for whoever its first unfinished stop waits for.
        view = next((stop for stop in stops if stop.turn != "nobody"), stops[0])
        count = open_tasks.get(cover.id, 0)
        # Until the tasks are opened, moments after publishing, none can be told to be done.
        known = count if view.row.state != "concluded" or cover.id in open_tasks else None
        stands = standing(cover, view, actor, locale, open_tasks=known)
        made.append(ThreadView(cover, view, stops, stands, count))
    return made


def in_state(state: State) -> ColumnElement[bool]:
    """Return the condition on Collaboration that it stands at this place of the spine."""
    proposal = {
        "draft": Proposal.state == "draft",
        "asked": Proposal.state == "submitted",
        "ended": Proposal.state.in_(("declined", "withdrawn")),
    }
    if state in proposal:
        return proposal[state]
    stops = {"agreed": "scheduled", "held": "held", "follow_up": "concluded"}
    return and_(Proposal.state == "accepted", _has_visit(stops[state]))


def not_ended() -> ColumnElement[bool]:
    """Return the condition on Collaboration that somebody still has something to do before its follow-ups."""
    return or_(
        Proposal.state.in_(("draft", "submitted")),
        and_(Proposal.state == "accepted", or_(_has_visit("scheduled"), _has_visit("held"))),
    )


def has_party(facility_ids: Sequence[int], role: str | None = None) -> ColumnElement[bool]:
    """Return the condition on Collaboration that one of these facilities takes part, perhaps in a role."""
    query = select(Party.id).where(
        Party.collaboration_id == Collaboration.id, Party.facility_id.in_(facility_ids)
    )
    if role is not None:
        query = query.where(Party.role == role)
    return query.correlate(Collaboration).exists()


def _has_visit(state: str) -> ColumnElement[bool]:
    return (
        select(Visit.id)
        .where(Visit.collaboration_id == Collaboration.id, Visit.state == state)
        .correlate(Collaboration)
        .exists()
    )


UNFINISHED = ScopedReading(
    cover_query()
    .where(
        select(Party.id)
        .where(
            Party.collaboration_id == Collaboration.id,
            Party.facility_id == func.any(bindparam("facilities", type_=NUMBERS)),
        )
        .correlate(Collaboration)
        .exists(),
        not_ended(),
    )
    .order_by(Collaboration.id.desc())
    .limit(MOST_OPEN)
)
OPEN_TASKS = Reading(
    select(Task.collaboration_id, func.count().filter(Task.state == "open"))
    .where(Task.collaboration_id == func.any(bindparam("ids", type_=NUMBERS)))
    .group_by(Task.collaboration_id)
)


def _open_tasks(session: Session, collaboration_ids: Sequence[int]) -> dict[int, int]:
    """Return how many tasks are open, of the collaborations that have tasks at all."""
    return {row[0]: row[1] for row in OPEN_TASKS.rows(session, ids=list(collaboration_ids))}
