"""Read everything the hub holds about one person, and find people to be erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select, text

from hub.accounts.models import Appointment, Grant, Person, Post
from hub.accounts.places import facilities
from hub.db.transaction import seeing_everything
from hub.privacy.register import HOLDINGS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from hub.privacy.register import Holding

MOST_ROWS = 10_000
"""Rows of one table that are given out at once; who has more is told so."""
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """One holding and how many of its rows are a person's."""

    holding: Holding
    rows: int


@dataclass(frozen=True, slots=True)
class Held:
    """One holding with a person's rows, without its secrets."""

    holding: Holding
    rows: Sequence[dict[str, Any]]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Served:
    """A post that somebody serves in or will: what stands in the way of erasing them."""

    post_id: int
    title: str
    facility_id: int
    unit: str


@dataclass(frozen=True, slots=True)
class Found:
    """A person in a list."""

    id: int
    name: str
    email: str
    is_active: bool
    erased_at: dt.datetime | None


def count_held(session: Session, person_id: int) -> list[Counted]:
    """Return how many rows of each table are a person's, for every table in which some can be found."""
    with seeing_everything(session):
        return [
            Counted(one, int(session.execute(_counting(one), {"person": person_id}).scalar_one()))
            for one in HOLDINGS
            if one.found_by
        ]


def held_of(session: Session, person_id: int) -> list[Held]:
    """Return everything that is held about a person, but for secrets that would open something."""
    found = []
    with seeing_everything(session):
        for one in HOLDINGS:
            if not one.found_by:
                continue
            values = {"person": person_id, "secret": list(one.secret), "most": MOST_ROWS + 1}
            rows = session.scalars(_reading(one), values).all()
            found.append(Held(one, rows[:MOST_ROWS], is_cut=len(rows) > MOST_ROWS))
    return found


def services_to_come(session: Session, person_id: int) -> list[Served]:
    """Return the posts that somebody serves in now or from a later day on."""
    rows = session.execute(
        select(Post.id, Post.title, facilities.c.id, facilities.c.name.label("unit"))
        .join(Appointment, Appointment.post_id == Post.id)
        .join(facilities, facilities.c.id == Post.facility_id)
        .where(Appointment.person_id == person_id, _ends_later(Appointment.during))
        .order_by(Post.id)
    )
    return [Served(*row) for row in rows]


def has_rights(session: Session, person_id: int) -> bool:
    """Return whether somebody oversees, audits or administers, now or later."""
    query = select(Grant.id).where(Grant.person_id == person_id, _ends_later(Grant.during)).limit(1)
    return session.scalar(query) is not None


def find_people(session: Session, words: str) -> list[Found]:
    """Return people whose name or address holds these words, by name; at most twenty."""
    like = func.concat("%", func.replace(func.replace(words, "%", r"\%"), "_", r"\_"), "%")
    rows = session.execute(
        select(Person.id, Person.name, Person.email, Person.is_active, Person.erased_at)
        .where(or_(Person.name.ilike(like), Person.email.ilike(like)))
        .order_by(Person.name, Person.id)
        .limit(MOST_FOUND)
    )
    return [Found(*row) for row in rows]


def _ends_later(during: Any) -> ColumnElement[bool]:
    return or_(func.upper_inf(during), func.upper(during) > func.hub_now())


def _counting(one: Holding) -> Any:
    return text(f"SELECT count(*) FROM {one.table} WHERE {one.found_by}")  # noqa: S608 -- the register's words


def _reading(one: Holding) -> Any:
    return text(
        f"SELECT to_jsonb(held) - CAST(:secret AS text[]) FROM {one.table} AS held"  # noqa: S608 -- the register's
        f" WHERE {one.found_by} LIMIT :most"
    )
