"""What stands in the forms of proposals and arrangements: the usual answers, and what is kept already."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from hub.collaborations import rules
from hub.collaborations.commands.thread import NOT_IN_GUEST, ONLY_HEAD_OF_GUEST
from hub.collaborations.models import Collaboration, Party, Proposal
from hub.errors import Forbidden
from hub.texts.catalogue import gettext_for, lazy
from hub.visits.commands.arranging import AgendaPoint, PlanChanges
from hub.visits.texts import texts_of_proposal
from hub.workdays.calendar import why_not_working

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.collaborations.queries import Cover
    from hub.visits.queries.views import VisitView
    from hub.web.forms import Form

USUAL: Final = (
    (lazy("Welcome by the head of the unit"), 15),
    (lazy("Presentation of the first programme"), 40),
    (lazy("Presentation of the second programme"), 40),
    (lazy("Tour of the first place"), 35),
    (lazy("Tour of the second place"), 30),
    (lazy("Closing discussion: what we take along, and who does what by when"), 20),
)
"""The shape that reports of such visits show again and again, with its minutes: three hours."""


def usual_agenda(locale: str) -> list[dict[str, Any]]:
    """Return the rows that a new agenda begins with."""
    gettext = gettext_for(locale)
    return [{"title": gettext(title), "minutes": minutes} for title, minutes in USUAL]


def arrangement_values(view: VisitView) -> dict[str, Any]:
    """Return the current arrangement as a form's values; times are what the host's clock shows."""
    plan = view.arrangement
    return {
        "starts_at": plan.starts_at.replace(tzinfo=None),
        "ends_at": plan.ends_at.replace(tzinfo=None),
        "place": plan.place,
        "head_count": plan.head_count,
        "agenda": [
            {
                "title": item.title,
                "minutes": item.minutes,
                "theme": item.theme,
                "owner_post_id": item.owner_post_id,
            }
            for item in plan.agenda
        ],
    }


def proposal_values(cover: Cover, view: VisitView) -> dict[str, Any]:
    """Return a draft as a form's values."""
    return {
        "kind": cover.kind,
        "title": cover.title,
        "themes": list(cover.themes),
        "urgency": cover.urgency,
        "form": cover.form,
        "subject": cover.subject,
        "duration": cover.duration,
        "letter_no": cover.letter_no,
        **arrangement_values(view),
    }


def texts_of_draft(cover: Cover, view: VisitView) -> dict[str, str]:
    """Return every free text of a draft, for the no-inmate-data guard."""
    titles = [item.title for item in view.arrangement.agenda]
    return texts_of_proposal(cover.title, cover, place=view.arrangement.place, agenda=titles)


def changed(plan: PlanChanges, now: Mapping[str, Any]) -> PlanChanges:
    """Return only what differs from what stands there: an unchanged plan needs no new arrangement."""
    agenda = tuple(AgendaPoint(**item) for item in now["agenda"])
    return PlanChanges(
        starts_at=None if plan.starts_at == now["starts_at"] else plan.starts_at,
        # Another start alone would move the end along, so the end is said whenever a time differs.
        ends_at=None
        if (plan.starts_at, plan.ends_at) == (now["starts_at"], now["ends_at"])
        else plan.ends_at,
        place=None if plan.place == now["place"] else plan.place,
        head_count=None if plan.head_count == now["head_count"] else plan.head_count,
        agenda=None if plan.agenda == agenda else plan.agenda,
    )


def why_no_workday(form: Form, locale: str) -> str | None:
    """Return why the day that stands in a form's ``starts_at`` is no working day; None where it is one."""
    try:
        day = dt.date.fromisoformat(form.value("starts_at")[:10])
    except ValueError:
        return None
    return why_not_working(day, locale)


def demand_own(view: VisitView, actor: Actor) -> None:
    """Raise Forbidden unless the actor serves in the guest unit."""
    guest = next(side for side in view.parties if side.role == "guest")
    if not rules.may_propose(actor, guest.facility_id):
        raise Forbidden(NOT_IN_GUEST, code="not-in-guest")


def demand_head(view: VisitView, actor: Actor) -> None:
    """Raise Forbidden unless the actor heads the guest unit."""
    guest = next(side for side in view.parties if side.role == "guest")
    if not rules.may_decide(actor, guest.facility_id):
        raise Forbidden(ONLY_HEAD_OF_GUEST, code="not-head-of-guest")


def duplicates_of_letter(session: Session, cover: Cover, guest_id: int) -> list[tuple[str, dt.date]]:
    """Return (ref, day) of the guest's other proposals of this year with the same letter number."""
    if not cover.letter_no:
        return []
    rows = session.execute(
        select(Collaboration.ref, Collaboration.created_at)
        .join(Proposal, Proposal.collaboration_id == Collaboration.id)
        .join(Party, Party.collaboration_id == Collaboration.id)
        .where(
            Party.role == "guest",
            Party.facility_id == guest_id,
            Collaboration.id != cover.id,
            func.lower(Proposal.letter_no) == cover.letter_no.lower(),
            func.date_part("year", Collaboration.created_at) == cover.created_at.year,
        )
        .order_by(Collaboration.id)
        .limit(3)
    )
    return [(ref, created_at.date()) for ref, created_at in rows]
