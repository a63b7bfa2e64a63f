"""Read who serves in a unit: now, next, in somebody's place; and who is away."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, BigInteger, Date, and_, bindparam, cast, exists, func, select, text
from sqlalchemy.orm import aliased

from hub.accounts.models import Appointment, Person, Post
from hub.collaborations.models import Collaboration, Party, Proposal
from hub.collaborations.queries import visible_to
from hub.facilities.models import Facility
from hub.facilities.queries import posts_of
from hub.staffing.models import Absence, Delegation
from hub.visits.models import AgendaItem, Arrangement, Visit

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from hub.actor import Actor

MOST_SHOWN = 50
"""Tasks, and visits, that the page of a takeover shows."""
MOST = 500
"""Services of one unit that are read; a unit has a dozen posts and one or two pools."""


@dataclass(frozen=True, slots=True)
class Serving:
    """One person's service in a post; ``ends_at`` is the first moment after it."""

    id: int
    post_id: int
    person_id: int
    name: str
    is_acting: bool
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    letter_no: str | None
    is_now: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """A post with whoever serves in it now and from later on."""

    post: Post
    now: Sequence[Serving]
    next: Sequence[Serving]

    @property
    def is_vacant(self) -> bool:
        """Return whether nobody answers for what was promised in this post's name."""
        return not self.now and not self.post.is_pool and self.post.mailbox is None


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody's absence: the first and the last day, and whom to turn to."""

    id: int
    person_id: int
    name: str
    first: dt.date
    last: dt.date
    deputy: str | None
    is_now: bool


@dataclass(frozen=True, slots=True)
class Lent:
    """Somebody's right to answer for a unit that has not begun: its first and its last day."""

    id: int
    name: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Coming:
    """A visit that is not concluded, with its time at the host."""

    id: int
    collaboration_id: int
    title: str
    state: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Held:
    """What stands in a post's name: tasks not closed, and invitations to visits that have no date yet."""

    tasks: int = 0
    invitations: int = 0


def roster(session: Session, facility_id: int) -> list[Seat]:
    """Return a unit's posts, the head first, each with its services that have not ended."""
    rows = session.execute(
        select(
            Appointment.id,
            Appointment.post_id,
            Appointment.person_id,
            Person.name,
            Appointment.is_acting,
            func.lower(Appointment.during).label("starts_at"),
            func.upper(Appointment.during).label("ends_at"),
            Appointment.letter_no,
            Appointment.during.contains(func.hub_now()).label("is_now"),
        )
        .join(Person, Person.id == Appointment.person_id)
        .join(Post, Post.id == Appointment.post_id)
        .where(
            Post.facility_id == facility_id,
            func.coalesce(func.upper(Appointment.during) > func.hub_now(), True),
        )
        .order_by(func.lower(Appointment.during).nulls_first(), Appointment.is_acting, Person.name)
        .limit(MOST)
    )
    services = [Serving(*row) for row in rows]
    return [
        Seat(
            post,
            [one for one in services if one.post_id == post.id and one.is_now],
            [one for one in services if one.post_id == post.id and not one.is_now],
        )
        for post in posts_of(session, facility_id)
    ]


def away(session: Session, person_ids: Collection[int], today: dt.date) -> list[Away]:
    """Return the absences of these people that have not ended, the next ones first."""
    deputy = aliased(Person)
    rows = session.execute(
        select(
            Absence.id,
            Absence.person_id,
            Person.name,
            func.lower(Absence.days).label("first"),
            (func.upper(Absence.days) - 1).label("last"),
            deputy.name.label("deputy"),
            Absence.days.contains(today).label("is_now"),
        )
        .join(Person, Person.id == Absence.person_id)
        .outerjoin(deputy, deputy.id == Absence.deputy_id)
        .where(Absence.person_id.in_(person_ids), func.upper(Absence.days) > today)
        .order_by(func.lower(Absence.days), Absence.id)
        .limit(MOST)
    )
    return [Away(*row) for row in rows]


def colleagues(session: Session, facility_id: int) -> list[tuple[int, str]]:
    """Return who serves in a unit now: (person, "name (post)"), by name, each once."""
    rows = session.execute(
        select(Person.id, Person.name, func.min(Post.title).label("title"))
        .join(Appointment, Appointment.person_id == Person.id)
        .join(Post, Post.id == Appointment.post_id)
        .where(Post.facility_id == facility_id, Person.is_active, Appointment.during.contains(func.hub_now()))
        .group_by(Person.id)
        .order_by(Person.name, Person.id)
        .limit(MOST)
    )
    return [(row.id, f"{row.name} ({row.title})") for row in rows]


def lent_later(session: Session, facility_id: int) -> list[Lent]:
    """Return who may answer for a unit from a later day on, the next ones first."""
    zone = select(Facility.iana_zone).where(Facility.id == facility_id).scalar_subquery()
    rows = session.execute(
        select(
            Delegation.id,
            Person.name,
            cast(func.timezone(zone, func.lower(Delegation.during)), Date).label("first"),
            (cast(func.timezone(zone, func.upper(Delegation.during)), Date) - 1).label("last"),
        )
        .join(Person, Person.id == Delegation.person_id)
        .where(
            Delegation.facility_id == facility_id,
            Delegation.revoked_at.is_(None),
            func.lower(Delegation.during) > func.hub_now(),
        )
        .order_by(func.lower(Delegation.during), Delegation.id)
        .limit(MOST)
    )
    return [Lent(*row) for row in rows]


def held_with(session: Session, post_ids: Collection[int]) -> dict[int, Held]:
    """Return what stands in each post's name: whoever holds it next finds exactly that."""
    rows = session.execute(HELD, {"posts": list(post_ids)})
    found = {post_id: Held(tasks, invitations) for post_id, tasks, invitations in rows}
    return {post_id: found.get(post_id, Held()) for post_id in post_ids}


# Everybody may know how much waits in a post's name; what it is, only who may see it.
HELD = text("SELECT post_id, tasks, invitations FROM count_held(:posts)").bindparams(
    bindparam("posts", type_=ARRAY(BigInteger))
)


def count_visits(session: Session, post: Post) -> int:
    """Return how many visits that are not concluded go with a post, whoever may see them."""
    return session.scalars(select(func.count()).select_from(_visits_with(post).subquery())).one()


def visits_with(session: Session, actor: Actor, post: Post) -> list[Coming]:
    """Return the visits that go with a post and that the actor may see, the next ones first.

    The head's are those of the unit, another post's those in whose agenda it stands.
    """
    rows = session.execute(
        _visits_with(post)
        .join(Collaboration, Collaboration.id == Visit.collaboration_id)
        .where(visible_to(actor))
        .with_only_columns(
            Visit.id,
            Collaboration.id,
            Collaboration.title,
            Visit.state,
            Arrangement.starts_at,
            Arrangement.ends_at,
            Arrangement.iana_zone,
        )
        .order_by(Arrangement.starts_at, Visit.id)
        .limit(MOST_SHOWN)
    )
    return [Coming(*row) for row in rows]


def _visits_with(post: Post) -> Select[int]:
    is_with = (
        exists().where(
            Party.collaboration_id == Visit.collaboration_id, Party.facility_id == post.facility_id
        )
        if post.role == "head"
        else exists().where(
            AgendaItem.visit_id == Visit.id,
            AgendaItem.number == Visit.arrangement_no,
            AgendaItem.owner_post_id == post.id,
        )
    )
    return (
        select(Visit.id)
        .join(Proposal, Proposal.collaboration_id == Visit.collaboration_id)
        .join(
            Arrangement,
            and_(Arrangement.visit_id == Visit.id, Arrangement.number == Visit.arrangement_no),
        )
        .where(
            Visit.state.in_(("proposed", "scheduled", "held")), Proposal.submitted_at.is_not(None), is_with
        )
    )
