"""The page before an outcome is published: what it will set in motion, and the one button that does it.

It stands here, above notifications, partners and follow-ups, because it asks all of them.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, cast

from sqlalchemy import select

from hub.audit.guard import InmateDataSuspected
from hub.collaborations import rules
from hub.collaborations.themes import known_theme_name
from hub.errors import Conflict, Forbidden, HubError, Invalid, Stale
from hub.messaging.models import EventRow
from hub.receipts.preview import preview_of_publishing
from hub.texts.catalogue import lazy
from hub.visits.commands.conclude import NOT_A_PARTY_OF_IT, publish_outcome
from hub.visits.events import OutcomePublished
from hub.visits.policy import find_visit_row
from hub.visits.queries.visit import show_visits
from hub.visits.texts import texts_of_outcome
from hub.web.errors import said
from hub.web.guarding import confirmed, show_all_suspected
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, found, locale, require_match, session

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.visits.queries.views import VisitRow

blp = page_blueprint("publishing")

PUBLISHED = lazy("The outcome is published. This is what it sets in motion.")
PUBLISHED_BEFORE = lazy("This outcome has been published before, so nothing was done again.")


@blp.route("/visits/<int:visit_id>/outcome/publish", methods=["GET"])
def preview_publishing(*, visit_id: int) -> BaseResponse:
    """Show whom publishing tells, which tasks it opens and which records it changes."""
    del visit_id  # the policy has found it
    row = cast("VisitRow", found())
    if (event_id := _published(row)) is not None:
        return go(f"/events/{event_id}")
    return _page(row)


@blp.route("/visits/<int:visit_id>/outcome/publish", methods=["POST"])
def publish(*, visit_id: int) -> BaseResponse:
    """Publish the outcome as it was shown, then show the receipt."""
    row = cast("VisitRow", found())
    if (event_id := _published(row)) is not None:
        # Back from the receipt, or both heads at once: what was wanted is done.
        return go(f"/events/{event_id}", PUBLISHED_BEFORE, tone="info")
    try:
        require_match(row.version)
        _, happened = publish_outcome(
            session(), actor=actor(), visit_id=visit_id, version=row.version, confirmed=confirmed()
        )
    except (Invalid, Conflict, Forbidden, Stale) as error:
        now = find_visit_row(session(), actor(), visit_id=visit_id)
        if (event_id := _published(now)) is not None:
            return go(f"/events/{event_id}", PUBLISHED_BEFORE, tone="info")
        return _page(now, error)
    return go(f"/events/{happened.id}", PUBLISHED)


def _page(row: VisitRow, error: HubError | None = None) -> Response:
    (view,) = show_visits(session(), actor(), [row])
    party_ids = [side.facility_id for side in view.parties]
    if not rules.may_take_part(actor(), party_ids):
        raise Forbidden(NOT_A_PARTY_OF_IT, code="not-in-party")
    preview = preview_of_publishing(session(), actor(), row)
    return render_page(
        "receipts/publish.html",
        status=error.status if error else 200,
        view=view,
        preview=preview,
        theme_name=lambda code: known_theme_name(code, locale()),
        may_publish=rules.may_conclude(actor(), party_ids),
        is_stale=isinstance(error, Stale),
        faults=_faults(error) if error else [],
        suspected=show_all_suspected(texts_of_outcome(view.themes)),
    )


def _faults(error: HubError) -> list[str]:
    # What is suspected stands below, with the text itself.
    messages = [] if isinstance(error, InmateDataSuspected) else list(error.fields.values())
    return [said(one, error.values) for one in messages or [error.message]]


def _published(row: VisitRow) -> uuid.UUID | None:
    """Return the event that published the visit's outcome, or None."""
    if row.state != "concluded":
        return None
    return (
        session()
        .scalars(
            select(EventRow.id)
            .where(
                EventRow.collaboration_id == row.collaboration_id,
                EventRow.type == OutcomePublished.TYPE,
                EventRow.data["visit_id"].as_integer() == row.id,
            )
            .order_by(EventRow.id.desc())
            .limit(1)
        )
        .one_or_none()
    )
