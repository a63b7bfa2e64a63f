"""Who may see and change who serves where: everybody sees it, the commands say who may change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hub.accounts.models import Appointment, Post
from hub.errors import NotFound
from hub.facilities import queries as facilities
from hub.facilities.policy import find_facility
from hub.staffing.models import Absence, Delegation
from hub.texts.catalogue import lazy
from hub.web.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.facilities.queries import Shown


def find_post(session: Session, _actor: Actor, *, post_id: int) -> tuple[Post, Shown]:
    """Return a post with its unit: the registry of posts has no secrets. Raises NotFound."""
    post = session.get(Post, post_id)
    if post is None:
        raise NotFound(lazy("There is no such post."))
    return post, facilities.show(session, post.facility_id)


def find_service(session: Session, actor: Actor, *, appointment_id: int) -> tuple[Appointment, Post, Shown]:
    """Return a service with its post and unit. Raises NotFound."""
    service = session.get(Appointment, appointment_id)
    if service is None:
        raise NotFound(lazy("There is no such service."))
    post, shown = find_post(session, actor, post_id=service.post_id)
    return service, post, shown


def find_delegation(session: Session, _actor: Actor, *, delegation_id: int) -> Delegation:
    """Return who may answer for a unit, and when: the roster shows it to everybody. Raises NotFound."""
    lent = session.get(Delegation, delegation_id)
    if lent is None:
        raise NotFound(lazy("There is no such delegation."))
    return lent


def find_absence(session: Session, _actor: Actor, *, absence_id: int) -> int:
    """Return an absence's id. Raises NotFound."""
    found = session.scalar(select(Absence.id).where(Absence.id == absence_id))
    if found is None:
        raise NotFound(lazy("There is no such absence."))
    return found


POLICIES: Mapping[str, Policy] = {
    "staffing_pages.show_roster": Policy("signed_in", find_facility),
    "staffing_pages.start_post": Policy("signed_in", find_facility),
    "staffing_pages.create_post": Policy("signed_in", find_facility),
    "staffing_pages.start_handover": Policy("signed_in", find_post),
    "staffing_pages.hand_over": Policy("signed_in", find_post, fresh=True),
    "staffing_pages.start_stand_in": Policy("signed_in", find_post),
    "staffing_pages.name_stand_in": Policy("signed_in", find_post, fresh=True),
    "staffing_pages.start_joining": Policy("signed_in", find_post),
    "staffing_pages.join_pool": Policy("signed_in", find_post, fresh=True),
    "staffing_pages.start_stopping": Policy("signed_in", find_service),
    "staffing_pages.stop_serving": Policy("signed_in", find_service, fresh=True),
    "takeover_pages.show_takeover": Policy("signed_in", find_post),
    "lending_pages.start_lending": Policy("signed_in", find_facility),
    "lending_pages.lend": Policy("signed_in", find_facility, fresh=True),
    "lending_pages.take_back": Policy("signed_in", find_delegation),
    "away_pages.start_absence": Policy("signed_in"),
    "away_pages.note_absence": Policy("signed_in"),
    "away_pages.take_absence_back": Policy("signed_in", find_absence),
}
