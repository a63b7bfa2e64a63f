"""Who may ask for the routes of proposals, visits and invitations, and how each object is found.

Hidden looks like absent. Whether somebody who sees a thing may also do something to it is decided by
the command, which answers 403.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from hub.collaborations.policy import find_collaboration
from hub.collaborations.queries import Cover, find_cover_of_proposal
from hub.errors import NotFound
from hub.texts.catalogue import lazy
from hub.visits.links import read_token
from hub.visits.queries.card import Card, find_card
from hub.visits.queries.visit import find_visit
from hub.visits.queries.visit import find_visit_of_invitation as find_by_invitation
from hub.web.policy import Policy
from hub.web.request import link_keys, scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.visits.queries.views import VisitRow

NO_SUCH_LINK = lazy(
    "This link is not known. Please open the newest mail again, or copy the whole address from it."
)


def find_proposal(session: Session, actor: Actor, *, proposal_id: int) -> Cover:
    """Return the collaboration of a proposal. Raises NotFound for one the actor may not see."""
    cover = find_cover_of_proposal(session, actor, proposal_id)
    if cover is None:
        raise NotFound(lazy("There is no such proposal."))
    return cover


def find_visit_row(session: Session, actor: Actor, *, visit_id: int) -> VisitRow:
    """Return a visit. Raises NotFound for one the actor may not see."""
    row = find_visit(session, actor, visit_id)
    if row is None:
        raise NotFound(lazy("There is no such visit."))
    return row


def find_visit_of_invitation(session: Session, actor: Actor, *, invitation_id: int) -> VisitRow:
    """Return the visit of an invitation. Raises NotFound for one the actor may not see."""
    row = find_by_invitation(session, actor, invitation_id)
    if row is None:
        raise NotFound(lazy("There is no such invitation."))
    return row


def find_card_of_link(session: Session, _actor: Actor, *, token: str) -> Card:
    """Return what a link shows, also one that has ended. Raises NotFound for what was never a link.

    The page speaks Indonesian until its reader asks for English there: the browser on a shared office
    computer says little about who reads.
    """
    scope().locale = "en" if "en" in (request.args.get("lang"), request.form.get("lang")) else "id"
    parsed = read_token(link_keys(), token)
    card = find_card(session, link_keys(), parsed) if parsed is not None else None
    if card is None:
        raise NotFound(NO_SUCH_LINK, code="link-unknown")
    return card


POLICIES: Mapping[str, Policy] = {
    "proposals.create_proposal": Policy("signed_in", scope="proposals:write"),
    "proposals.show_proposal": Policy("signed_in", find_proposal),
    "proposals.edit_proposal": Policy("signed_in", find_proposal, scope="proposals:write"),
    "proposals.submit_proposal": Policy("signed_in", find_proposal, scope="proposals:write"),
    "proposals.withdraw_proposal": Policy("signed_in", find_proposal, scope="proposals:write"),
    "proposal_pages.start_proposal": Policy("signed_in"),
    "proposal_pages.create_proposal": Policy("signed_in"),
    "proposal_pages.edit_proposal": Policy("signed_in", find_proposal),
    "proposal_pages.change_proposal": Policy("signed_in", find_proposal),
    "proposal_pages.confirm_submission": Policy("signed_in", find_proposal),
    "proposal_pages.submit_proposal": Policy("signed_in", find_proposal),
    "proposal_pages.confirm_withdrawal": Policy("signed_in", find_proposal),
    "proposal_pages.withdraw_proposal": Policy("signed_in", find_proposal),
    "threads.list_collaborations": Policy("signed_in"),
    "threads.show_collaboration": Policy("signed_in", find_collaboration),
    "visits.show_visit": Policy("signed_in", find_visit_row),
    "visits.rearrange_visit": Policy("signed_in", find_visit_row, scope="visits:write"),
    "visits.hold_visit": Policy("signed_in", find_visit_row, scope="visits:write"),
    "visits.write_outcome": Policy("signed_in", find_visit_row, scope="visits:write"),
    "visits.publish_outcome": Policy("signed_in", find_visit_row, scope="visits:write"),
    "visit_pages.show_visit": Policy("signed_in", find_visit_row),
    "visit_pages.hold_visit": Policy("signed_in", find_visit_row),
    "visit_pages.start_arrangement": Policy("signed_in", find_visit_row),
    "visit_pages.rearrange_visit": Policy("signed_in", find_visit_row),
    "answer_pages.start_answer": Policy("signed_in", find_visit_of_invitation),
    "answer_pages.answer_invitation": Policy("signed_in", find_visit_of_invitation),
    "answer_pages.start_renewal": Policy("signed_in", find_visit_of_invitation),
    "answer_pages.renew_invitation": Policy("signed_in", find_visit_of_invitation),
    "answer_pages.revoke_invitation": Policy("signed_in", find_visit_of_invitation),
    "outcome_pages.show_outcome": Policy("signed_in", find_visit_row),
    "outcome_pages.save_outcome": Policy("signed_in", find_visit_row),
    "invitations.answer_invitation": Policy("signed_in", find_visit_of_invitation, scope="invitations:write"),
    "invitations.renew_invitation": Policy("signed_in", find_visit_of_invitation, scope="invitations:write"),
    "invitations.revoke_invitation": Policy("signed_in", find_visit_of_invitation, scope="invitations:write"),
    "invitation_page.show_invitation": Policy("link", find_card_of_link),
    # The answer's own row makes a repeat harmless, whichever key a form carries.
    "invitation_page.answer_invitation": Policy("link", find_card_of_link, answer="none"),
    "invitation_page.pass_link_on": Policy("link", find_card_of_link, answer="none"),
}
