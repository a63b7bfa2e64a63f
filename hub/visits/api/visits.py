"""See a visit, give it another date, note that it was held, and publish what it brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hub.visits.api.proposals import changes_of
from hub.visits.api.views import said, visit_event, visit_now
from hub.visits.commands import arranging, conclude
from hub.visits.rules import warnings_of_texts
from hub.visits.schemas import (
    DraftedVisitSchema,
    OutcomeInSchema,
    RearrangeSchema,
    VisitEventSchema,
    VisitSchema,
)
from hub.visits.texts import texts_of_outcome
from hub.web.api import api_blueprint
from hub.web.dumping import values_of
from hub.web.guarding import confirmed
from hub.web.request import actor, found, require_match, session

if TYPE_CHECKING:
    from hub.visits.queries.views import VisitRow, VisitView

blp = api_blueprint("visits")


@blp.route("/visits/<int:visit_id>", methods=["GET"])
@blp.response(200, VisitSchema)
def show_visit(*, visit_id: int) -> VisitView:
    """Show a visit: date, agenda, who was asked, and its outcome."""
    return visit_now(visit_id)


@blp.route("/visits/<int:visit_id>/arrangements", methods=["POST"])
@blp.arguments(RearrangeSchema)
@blp.response(201, VisitEventSchema)
def rearrange_visit(data: dict[str, Any], *, visit_id: int) -> dict[str, Any]:
    """Give a visit another date, place or agenda; everybody invited is asked again."""
    changes = changes_of(data)
    _, warnings, happened = arranging.rearrange(
        session(), actor=actor(), visit_id=visit_id, changes=changes, **data
    )
    return visit_event(visit_id, [happened], warnings)


@blp.route("/visits/<int:visit_id>/hold", methods=["POST"])
@blp.response(200, VisitEventSchema)
def hold_visit(*, visit_id: int) -> dict[str, Any]:
    """Note that a scheduled visit took place; possible from its start on."""
    _, happened = conclude.hold_visit(session(), actor=actor(), visit_id=visit_id)
    return visit_event(visit_id, [happened])


@blp.route("/visits/<int:visit_id>/outcome", methods=["PUT"])
@blp.arguments(OutcomeInSchema)
@blp.response(200, DraftedVisitSchema)
def write_outcome(data: dict[str, Any], *, visit_id: int) -> dict[str, Any]:
    """Replace the draft of the outcome; needs If-Match with the visit's version.

    ``warnings`` says where it may tell who is in custody: publishing it will ask.
    """
    version = cast("VisitRow", found()).version
    require_match(version)
    conclude.write_outcome(
        session(), actor=actor(), visit_id=visit_id, version=version, themes=data["themes"]
    )
    warnings = warnings_of_texts(texts_of_outcome(data["themes"]))
    return {**values_of(visit_now(visit_id)), "warnings": said(warnings)}


@blp.route("/visits/<int:visit_id>/outcome/publish", methods=["POST"])
@blp.publishes
@blp.response(200, VisitEventSchema)
def publish_outcome(*, visit_id: int) -> dict[str, Any]:
    """Publish the outcome: each commitment becomes a follow-up task with its day."""
    _, happened = conclude.publish_outcome(session(), actor=actor(), visit_id=visit_id, confirmed=confirmed())
    return visit_event(visit_id, [happened])
