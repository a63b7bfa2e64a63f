"""Read who a person is and where they serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hub.accounts.models import ApiToken, Appointment, Person, Post
from hub.accounts.places import facilities
from hub.errors import NotFound
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Service:
    """A post that somebody serves in now."""

    post_id: int
    title: str
    role: str
    is_acting: bool
    facility_id: int
    facility_name: str


def person_by_id(session: Session, person_id: int) -> Person:
    """Return a person. Raises NotFound."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(lazy("There is no such person."))
    return person


def services_of(session: Session, person_id: int) -> Sequence[Service]:
    """Return the posts a person serves in now, heads first."""
    rows = session.execute(
        select(
            Post.id,
            Post.title,
            Post.role,
            Appointment.is_acting,
            facilities.c.id,
            facilities.c.name.label("facility"),
        )
        .join(Appointment, Appointment.post_id == Post.id)
        .join(facilities, facilities.c.id == Post.facility_id)
        .where(Appointment.person_id == person_id, Appointment.during.contains(func.hub_now()))
        .order_by(Post.role != "head", Post.is_pool, Post.id)
    ).all()
    return [Service(*row) for row in rows]


def first_unit_name(session: Session, post_ids: Sequence[int]) -> str:
    """Return the name of the facility of the first of these posts, heads first; empty where there is none."""
    if not post_ids:
        return ""
    name: str | None = session.scalar(
        select(facilities.c.name)
        .join(Post, Post.facility_id == facilities.c.id)
        .where(Post.id.in_(post_ids))
        .order_by(Post.role != "head", Post.is_pool, Post.id)
        .limit(1)
    )
    return name or ""


def tokens_of(session: Session, person_id: int) -> Sequence[ApiToken]:
    """Return a person's tokens that are neither revoked nor expired, newest first."""
    return session.scalars(
        select(ApiToken)
        .where(
            ApiToken.person_id == person_id,
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > func.hub_now(),
        )
        .order_by(ApiToken.created_at.desc(), ApiToken.prefix)
        .limit(100)
    ).all()
