"""Put together what several routes answer with: a visit or a proposal as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub.collaborations.queries import find_cover
from hub.collaborations.schemas import told
from hub.errors import NotFound
from hub.texts.catalogue import lazy, translate
from hub.visits.queries.visit import find_visit, show_visits, visits_of
from hub.web.dumping import values_of
from hub.web.request import actor, locale, session, set_etag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.collaborations.commands.happened import Happened
    from hub.visits.queries.views import VisitView
    from hub.visits.rules import Warned


def visit_now(visit_id: int) -> VisitView:
    """Return a visit as it stands in this transaction, and give the answer its ETag."""
    row = find_visit(session(), actor(), visit_id)
    if row is None:
        raise NotFound(lazy("There is no such visit."))
    (view,) = show_visits(session(), actor(), [row])
    set_etag(row.version)
    return view


def visit_event(
    visit_id: int, happened: Sequence[Happened], warnings: Sequence[Warned] = ()
) -> dict[str, Any]:
    """Return the values of VisitEventSchema."""
    return {**told(happened), "visit": visit_now(visit_id), "warnings": said(warnings)}


def proposal_now(collaboration_id: int, warnings: Sequence[Warned] = ()) -> dict[str, Any]:
    """Return the values of ProposalSchema, and give the answer the proposal's ETag."""
    cover = find_cover(session(), actor(), collaboration_id)
    if cover is None:
        raise NotFound(lazy("There is no such proposal."))
    (visit, *_) = show_visits(session(), actor(), visits_of(session(), actor(), [collaboration_id]))
    set_etag(cover.proposal_version)
    return {**values_of(cover), "visit_id": visit.row.id, "visit": visit, "warnings": said(warnings)}


def said(warnings: Sequence[Warned]) -> list[dict[str, str]]:
    """Return warnings in the reader's language."""
    return [{"code": one.code, "message": translate(locale(), one.message, **one.values)} for one in warnings]
