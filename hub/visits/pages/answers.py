"""Answer an invitation signed in, send it again, or take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Response, request

from hub.collaborations import rules as collaboration_rules
from hub.collaborations.queries import find_cover
from hub.collaborations.themes import kind_name, known_theme_name
from hub.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from hub.texts.catalogue import lazy
from hub.visits.commands import answer, invite
from hub.visits.models import VERDICTS
from hub.visits.pages.forms import arrangement_values, demand_head
from hub.visits.queries.agenda import agenda_lines
from hub.visits.queries.answering import who_may_answer
from hub.visits.queries.clashes import clashes
from hub.visits.queries.visit import show_visits
from hub.visits.schemas import AnswerInSchema, RenewSchema
from hub.visits.standing import standing
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, found, locale, session
from hub.workdays.calendar import why_not_working

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from hub.collaborations.queries import Cover
    from hub.visits.queries.views import InvitationView, VisitRow, VisitView

blp = page_blueprint("answer_pages")

DONE = {
    "accepted": lazy("The invitation is accepted. The guest is told."),
    "countered": lazy("Your other time is on its way to the guest."),
    "declined": lazy("The invitation is declined. The guest is told the reason."),
}
BEFORE = lazy("This answer had been given before; nothing new was sent.")
SENT_AGAIN = lazy("The invitation goes out again with a new link. Links sent before have ended.")
TAKEN_BACK = lazy("The invitation is taken back. Its links have ended.")


@blp.route("/invitations/<int:invitation_id>/answer", methods=["GET"])
def start_answer(*, invitation_id: int) -> Response:
    """Show the decision with the form of the answer that was chosen."""
    verdict = request.args.get("verdict", "")
    cover, view, invitation = _asked(invitation_id)
    values = arrangement_values(view)
    form = Form(
        AnswerInSchema,
        {
            "number": view.arrangement.number,
            "verdict": verdict if verdict in VERDICTS else "accepted",
            "starts_at": values["starts_at"],
            "ends_at": values["ends_at"],
        },
    )
    return _answer_page(form, cover, view, invitation)


@blp.route("/invitations/<int:invitation_id>/answer", methods=["POST"])
def answer_invitation(*, invitation_id: int) -> BaseResponse:
    """Take the answer of the invited unit's head."""
    cover, view, invitation = _asked(invitation_id)
    form = Form.posted(AnswerInSchema)
    try:
        data = form.load()
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
    except (Invalid, Conflict, Gone, Forbidden) as error:
        return _answer_page(form.refused(error), cover, view, invitation)
    path = f"/collaborations/{cover.id}"
    return go(path, DONE[data["verdict"]]) if answered.happened else go(path, BEFORE, tone="info")


@blp.route("/invitations/<int:invitation_id>/renew", methods=["GET"])
def start_renewal(*, invitation_id: int) -> Response:
    """Show where the invitation went, and let it be sent again or elsewhere."""
    cover, view, invitation = _asked(invitation_id)
    demand_head(view, actor())
    return _renew_page(Form(RenewSchema), cover, invitation)


@blp.route("/invitations/<int:invitation_id>/renew", methods=["POST"])
def renew_invitation(*, invitation_id: int) -> BaseResponse:
    """Send the invitation again with a new link."""
    cover, _, invitation = _asked(invitation_id)
    form = Form.posted(RenewSchema)
    try:
        invite.renew_invitation(session(), actor=actor(), invitation_id=invitation_id, **form.load())
    except (Invalid, Conflict, Forbidden) as error:
        return _renew_page(form.refused(error), cover, invitation)
    return go(f"/collaborations/{cover.id}", SENT_AGAIN)


@blp.route("/invitations/<int:invitation_id>/revoke", methods=["POST"])
def revoke_invitation(*, invitation_id: int) -> BaseResponse:
    """Take the invitation back."""
    cover, _, invitation = _asked(invitation_id)
    form = Form.posted(RenewSchema)
    try:
        invite.revoke_invitation(session(), actor=actor(), invitation_id=invitation_id)
    except (Conflict, Forbidden) as error:
        return _renew_page(form.refused(error), cover, invitation)
    return go(f"/collaborations/{cover.id}", TAKEN_BACK, tone="info")


def _asked(invitation_id: int) -> tuple[Cover, VisitView, InvitationView]:
    row = cast("VisitRow", found())
    cover = find_cover(session(), actor(), row.collaboration_id)
    (view,) = show_visits(session(), actor(), [row])
    invitation = next((one for one in view.invitations if one.id == invitation_id), None)
    if cover is None or invitation is None:
        raise NotFound(lazy("There is no such invitation."))
    return cover, view, invitation


def _answer_page(form: Form, cover: Cover, view: VisitView, invitation: InvitationView) -> Response:
    stands = standing(cover, view, actor(), locale())
    return render_page(
        "visits/answer_form.html",
        status=form.status,
        form=form,
        verdict=form.value("verdict") if form.value("verdict") in VERDICTS else "accepted",
        cover=cover,
        plan=view.arrangement,
        stands=stands,
        invitation=invitation,
        kind=kind_name(cover.kind, locale()),
        themes=[known_theme_name(code, locale()) for code in cover.themes],
        agenda=agenda_lines(session(), view.arrangement, locale()),
        clashes=clashes(session(), actor(), view, host_id=stands.host.facility_id),
        not_working=why_not_working(view.arrangement.starts_at.date(), locale()),
        may_answer=stands.step == "answer"
        and collaboration_rules.may_answer(actor(), invitation.facility_id)
        and invitation.revoked_at is None,
        answerers=who_may_answer(session(), invitation.facility_id),
    )


def _renew_page(form: Form, cover: Cover, invitation: InvitationView) -> Response:
    return render_page(
        "visits/invitation_renew.html", status=form.status, form=form, cover=cover, invitation=invitation
    )
