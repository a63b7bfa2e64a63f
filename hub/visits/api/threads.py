"""See collaborations as a whole: parties, where they stand, whose turn it is, all their visits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hub.collaborations.queries import Cover, covers
from hub.visits.queries.visit import show_visits, visits_of
from hub.visits.schemas import CollaborationSchema, ThreadSchema
from hub.web.api import api_blueprint
from hub.web.dumping import values_of
from hub.web.paging import Page, page, page_of, page_query
from hub.web.request import actor, found, session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.visits.queries.views import VisitView

blp = api_blueprint("threads")


@blp.route("/collaborations", methods=["GET"])
@blp.arguments(page_query(int), location="query")
@blp.response(200, page_of(CollaborationSchema))
def list_collaborations(query: dict[str, Any]) -> Page:
    """List the collaborations the reader may see, newest first, with whose turn it is."""
    before: int | None = query["after"][0] if query["after"] else None
    rows = covers(session(), actor(), before_id=before, limit=query["limit"] + 1)
    shown = page(rows, query["limit"], lambda cover: (cover.id,))
    return {"items": _threads(shown["items"], is_brief=True), "next": shown["next"]}


@blp.route("/collaborations/<int:collaboration_id>", methods=["GET"])
@blp.response(200, ThreadSchema)
def show_collaboration(*, collaboration_id: int) -> dict[str, Any]:
    """Show a collaboration with its parties and visits."""
    del collaboration_id
    (thread,) = _threads([cast("Cover", found())])
    return thread


def _threads(found_covers: Sequence[Cover], *, is_brief: bool = False) -> list[dict[str, Any]]:
    rows = visits_of(session(), actor(), [cover.id for cover in found_covers])
    visits: dict[int, list[VisitView]] = {cover.id: [] for cover in found_covers}
    for view in show_visits(session(), actor(), rows, with_agenda=not is_brief, with_outcome=not is_brief):
        visits[view.row.collaboration_id].append(view)
    return [_thread(cover, visits[cover.id]) for cover in found_covers]


def _thread(cover: Cover, visits: Sequence[VisitView]) -> dict[str, Any]:
    first = visits[0]
    # A trip waits for whoever its first unfinished stop waits for.
    open_stop = next((view for view in visits if view.turn != "nobody"), first)
    return {
        **values_of(cover),
        "parties": first.parties,
        "turn": open_stop.turn,
        "step": open_stop.step,
        "visit_ids": [view.row.id for view in visits],
        "starts_at": first.arrangement.starts_at,
        "visits": visits,
    }
