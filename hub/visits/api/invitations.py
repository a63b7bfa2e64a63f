"""Answer an invitation signed in, send it again, or take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hub.visits.api.views import visit_event
from hub.visits.commands import answer, invite
from hub.visits.schemas import AnswerInSchema, RenewSchema, VisitEventSchema
from hub.web.api import api_blueprint
from hub.web.request import actor, found, session

if TYPE_CHECKING:
    from hub.visits.queries.views import VisitRow

blp = api_blueprint("invitations")


@blp.route("/invitations/<int:invitation_id>/answer", methods=["POST"])
@blp.arguments(AnswerInSchema)
@blp.response(200, VisitEventSchema)
def answer_invitation(data: dict[str, Any], *, invitation_id: int) -> dict[str, Any]:
    """Answer as the head of the invited unit. The same answer again changes nothing."""
    reply = answer.Reply(
        verdict=data["verdict"],
        answered_by=actor().label,
        reason=data["reason"],
        counter_starts_at=data["starts_at"],
        counter_ends_at=data["ends_at"],
    )
    answered = answer.answer_signed_in(
        session(), actor=actor(), invitation_id=invitation_id, number=data["number"], reply=reply
    )
    return visit_event(_visit_id(), answered.happened)


@blp.route("/invitations/<int:invitation_id>/renew", methods=["POST"])
@blp.arguments(RenewSchema)
@blp.response(200, VisitEventSchema)
def renew_invitation(data: dict[str, Any], *, invitation_id: int) -> dict[str, Any]:
    """Send the invitation again with a new link; the links before have ended."""
    _, happened = invite.renew_invitation(session(), actor=actor(), invitation_id=invitation_id, **data)
    return visit_event(_visit_id(), [happened])


@blp.route("/invitations/<int:invitation_id>/revoke", methods=["POST"])
@blp.response(200, VisitEventSchema)
def revoke_invitation(*, invitation_id: int) -> dict[str, Any]:
    """Take the invitation back: its links end."""
    _, happened = invite.revoke_invitation(session(), actor=actor(), invitation_id=invitation_id)
    return visit_event(_visit_id(), [happened])


def _visit_id() -> int:
    return cast("VisitRow", found()).id
