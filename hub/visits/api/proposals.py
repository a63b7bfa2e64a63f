"""Propose a visit: write a draft, edit it, submit it, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hub.collaborations.schemas import told
from hub.visits.api.views import proposal_now
from hub.visits.commands import propose
from hub.visits.commands.arranging import Plan, PlanChanges
from hub.visits.schemas import (
    ProposalEditSchema,
    ProposalEventSchema,
    ProposalInSchema,
    ProposalSchema,
    ReasonSchema,
    SubmitSchema,
)
from hub.web.api import api_blueprint
from hub.web.guarding import confirmed
from hub.web.request import actor, found, require_match, session

if TYPE_CHECKING:
    from hub.collaborations.queries import Cover

blp = api_blueprint("proposals")
PLAN = ("starts_at", "ends_at", "place", "head_count")


@blp.route("/proposals", methods=["POST"])
@blp.arguments(ProposalInSchema)
@blp.response(201, ProposalSchema)
def create_proposal(data: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Write the draft of a proposal with its visit; ``warnings`` says what looks odd about the day."""
    plan = Plan(**{name: data.pop(name) for name in PLAN}, agenda=tuple(data.pop("agenda")))
    made = propose.propose(session(), actor=actor(), plan=plan, **data)
    body = proposal_now(made.collaboration_id, made.warnings)
    return body, 201, {"Location": f"/api/v1/proposals/{made.proposal_id}"}


@blp.route("/proposals/<int:proposal_id>", methods=["GET"])
@blp.response(200, ProposalSchema)
def show_proposal(*, proposal_id: int) -> dict[str, Any]:
    """Show a proposal with its visit."""
    del proposal_id
    return proposal_now(_cover().id)


@blp.route("/proposals/<int:proposal_id>", methods=["PATCH"])
@blp.arguments(ProposalEditSchema)
@blp.response(200, ProposalSchema)
def edit_proposal(data: dict[str, Any], *, proposal_id: int) -> dict[str, Any]:
    """Change a draft; needs If-Match. What is left out stays as it is."""
    version = _cover().proposal_version
    require_match(version)
    changes = changes_of(data)
    weekday = data.pop("weekday")
    edited = propose.edit_proposal(
        session(),
        actor=actor(),
        proposal_id=proposal_id,
        version=version,
        words=data,
        plan=changes,
        weekday=weekday,
    )
    return proposal_now(edited.collaboration_id, edited.warnings)


@blp.route("/proposals/<int:proposal_id>/submit", methods=["POST"])
@blp.publishes
@blp.arguments(SubmitSchema)
@blp.response(200, ProposalEventSchema)
def submit_proposal(data: dict[str, Any], *, proposal_id: int) -> dict[str, Any]:
    """Submit a draft: the host gets an invitation."""
    invitation, happened = propose.submit_proposal(
        session(), actor=actor(), proposal_id=proposal_id, confirmed=confirmed(), **data
    )
    return {**told([happened]), "invitation_id": invitation.id, "proposal": proposal_now(_cover().id)}


@blp.route("/proposals/<int:proposal_id>/withdraw", methods=["POST"])
@blp.arguments(ReasonSchema)
@blp.response(200, ProposalEventSchema)
def withdraw_proposal(data: dict[str, Any], *, proposal_id: int) -> dict[str, Any]:
    """Take a submitted proposal back; its visit is cancelled and its links end."""
    happened = propose.withdraw_proposal(session(), actor=actor(), proposal_id=proposal_id, **data)
    return {**told([happened]), "proposal": proposal_now(_cover().id)}


def changes_of(data: dict[str, Any]) -> PlanChanges:
    """Take the parts of a plan out of loaded data."""
    agenda = data.pop("agenda")
    return PlanChanges(
        **{name: data.pop(name) for name in PLAN}, agenda=None if agenda is None else tuple(agenda)
    )


def _cover() -> Cover:
    return cast("Cover", found())
