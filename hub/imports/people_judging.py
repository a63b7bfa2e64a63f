"""Judge rows of a list of people against who and what the hub knows; nothing is written."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from hub import clock
from hub.accounts.commands.people import LONGEST_NAME, LONGEST_TITLE
from hub.accounts.models import Appointment, Person, Post
from hub.errors import Invalid
from hub.facilities.models import Facility
from hub.imports.kinds import Judged
from hub.imports.models import Import, ImportRow
from hub.imports.units import places_called
from hub.staffing.rules import demand_near, first_moment, may_staff
from hub.texts.catalogue import lazy
from hub.texts.plain import fold
from hub.web.addresses import is_address
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.imports.kinds import Line
    from hub.imports.units import Place

ROLES: Final = {
    "head": "head",
    "kepala": "head",
    "section": "section",
    "seksi": "section",
    "kasi": "section",
    "kasubsi": "section",
    "subseksi": "section",
    "pool": "pool",
    "staf": "pool",
    "staff": "pool",
    "pelaksana": "pool",
}
"""What stands in the column of kinds of posts, folded. A contact is reached by mail and has no person."""
DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
"""28/11/2024, as it is written here: day, month, year."""

NO_ADDRESS = lazy("There is no e-mail address.")
BAD_ADDRESS = lazy("%(email)s is not an e-mail address.")
NO_NAME = lazy("There is no name.")
LONG = lazy("The name or the post is longer than %(longest)s characters.")
NO_UNIT = lazy("No unit is called %(unit)s.")
SEVERAL_UNITS = lazy("%(unit)s may be: %(names)s.")
UNIT_MISSING = lazy("There is no unit: only an administrator may add people who serve nowhere.")
UNIT_AND_POST = lazy("Unit and post go together.")
OTHER_UNIT = lazy("%(unit)s is not your unit.")
NOT_HEADS = lazy("The regional office or an administrator says who heads a unit.")
NO_POST = lazy("%(unit)s has no post called %(title)s. To add it, fill in the column of kinds of posts:"
               " head, section or pool.")  # fmt: skip
NO_ROLE = lazy("%(role)s is none of head, section, pool.")
A_CONTACT = lazy("%(title)s is a contact that is reached by its mailbox: nobody serves in it.")
BAD_DAY = lazy("%(day)s is no date. Write it as 2024-11-28 or 28/11/2024.")
CLOSED = lazy("The account of this address is closed.")
OTHER_NAME = lazy("This address belongs to %(name)s.")
HELD = lazy("%(name)s holds this post or stands in for it: hand it over on the page of posts.")
ELSEWHERE = lazy("This person serves at %(unit)s as %(title)s: hand the post over on the page of posts.")
LATER = lazy("This person serves in this post from %(day)s on already.")


@dataclass(frozen=True, slots=True)
class Seat:
    """Where somebody is to serve: a post that is there, or one that is to be made."""

    place: Place
    post_id: int | None
    title: str
    role: str
    starts_on: dt.date

    @property
    def is_pool(self) -> bool:
        """Return whether several people serve in it."""
        return self.role == "pool"


class Refused(ValueError):
    """A row that is not taken, with its verdict and reason."""

    def __init__(self, message: str, *, verdict: str = "rejected", **values: Any) -> None:
        super().__init__(message)
        self.verdict, self.message, self.values = verdict, message, values


def own_units(actor: Actor) -> tuple[int, ...]:
    """Return the units whose people the actor may import, beside an administrator, who may all."""
    return actor.headed_ids


class Judge:
    """What the hub knows of the units, addresses and posts that some rows name: five queries."""

    def __init__(self, session: Session, actor: Actor, lines: Sequence[Line]) -> None:
        self.actor = actor
        self.now = clock.now(session)
        emails = {line.said["email"].lower() for line in lines if "email" in line.said}
        units = {fold(line.said["facility"]) for line in lines if "facility" in line.said}
        people = select(Person).where(func.lower(Person.email).in_(emails))
        self.people = {one.email.lower(): one for one in session.scalars(people)}
        self.reopenable = _closed_by_undoing(session, [one.id for one in self.people.values()])
        self.places = places_called(session, units)
        unit_ids = {place.id for found in self.places.values() for place in found}
        posts = session.scalars(select(Post).where(Post.facility_id.in_(unit_ids)))
        self.posts = {(post.facility_id, fold(post.title)): post for post in posts}
        post_ids = [post.id for post in self.posts.values() if not post.is_pool]
        services = session.execute(
            select(Appointment, Person.name)
            .join(Person, Person.id == Appointment.person_id)
            .where(
                Appointment.post_id.in_(post_ids),
                func.coalesce(func.upper(Appointment.during) > self.now, True),
            )
        ).all()
        self.holders: dict[int, list[tuple[Appointment, str]]] = {}
        for service, name in services:
            self.holders.setdefault(service.post_id, []).append((service, name))
        self.served: dict[int, list[tuple[Appointment, Post, str]]] = {}
        mine = session.execute(
            select(Appointment, Post, Facility.name)
            .join(Post, Post.id == Appointment.post_id)
            .join(Facility, Facility.id == Post.facility_id)
            .where(
                Appointment.person_id.in_([one.id for one in self.people.values()]),
                func.coalesce(func.upper(Appointment.during) > self.now, True),
            )
            .order_by(Appointment.id)
        ).all()
        for service, post, unit in mine:
            self.served.setdefault(service.person_id, []).append((service, post, unit))

    def of(self, line: Line) -> Judged:
        """Return the verdict on one row."""
        try:
            return self._judged(line.said)
        except Refused as refused:
            return Judged(refused.verdict, refused.message, refused.values)

    def _judged(self, said: dict[str, str]) -> Judged:
        email, name = said.get("email"), said.get("name")
        if not email:
            raise Refused(NO_ADDRESS)
        if not is_address(email):
            raise Refused(BAD_ADDRESS, email=email)
        if not name:
            raise Refused(NO_NAME)
        if len(name) > LONGEST_NAME or len(said.get("post", "")) > LONGEST_TITLE:
            raise Refused(LONG, longest=LONGEST_NAME)
        seat = self._seat(said)
        person = self.people.get(email.lower())
        if person is None or person.id in self.reopenable:
            if seat is not None:
                self._demand_vacant(seat, None)
            changes: dict[str, Any] = {"name": [None, name], "email": [None, email]}
            if seat is not None:
                changes["post"] = [None, f"{seat.title}, {seat.place.name}"]
            return Judged("new", changes=changes, target_id=person.id if person else None, plan=seat)
        if not person.is_active:
            raise Refused(CLOSED)
        changes = self._changes(person, name, seat)
        return Judged("changed" if changes else "unchanged", changes=changes, target_id=person.id, plan=seat)

    def _changes(self, person: Person, name: str, seat: Seat | None) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        served = self.served.get(person.id, [])
        if person.name != name:
            is_own = any(post.facility_id in own_units(self.actor) for _, post, _ in served)
            if not (self.actor.is_admin or is_own):
                raise Refused(OTHER_NAME, verdict="ambiguous", name=person.name)
            changes["name"] = [person.name, name]
        if seat is None:
            return changes
        for service, post, unit in served:
            if post.id == seat.post_id:
                begins = service.during.lower
                if begins is not None and begins > first_moment(seat.starts_on, seat.place.zone):
                    day = local_date(begins, seat.place.zone).isoformat()
                    raise Refused(LATER, verdict="ambiguous", day=day)
                return changes
            if post.facility_id != seat.place.id:
                raise Refused(ELSEWHERE, verdict="ambiguous", unit=unit, title=post.title)
        self._demand_vacant(seat, person.id)
        changes["post"] = [None, f"{seat.title}, {seat.place.name}"]
        return changes

    def _demand_vacant(self, seat: Seat, person_id: int | None) -> None:
        if seat.post_id is None or seat.is_pool:
            return
        for service, name in self.holders.get(seat.post_id, []):
            if service.person_id != person_id:
                raise Refused(HELD, verdict="ambiguous", name=name)

    def _seat(self, said: dict[str, str]) -> Seat | None:
        unit, title = said.get("facility"), said.get("post")
        if unit is None and title is None:
            if not self.actor.is_admin:
                raise Refused(UNIT_MISSING)
            return None
        if unit is None or title is None:
            raise Refused(UNIT_AND_POST)
        place = self._place(unit)
        post = self.posts.get((place.id, fold(title)))
        role = post.role if post is not None else self._role(said, place, title)
        if role == "contact":
            raise Refused(A_CONTACT, title=title)
        if not may_staff(self.actor, facility_id=place.id, region_id=place.region_id, role=role):
            raise Refused(NOT_HEADS)
        return Seat(place, post.id if post else None, post.title if post else title, role,
                    self._day(said.get("start"), place))  # fmt: skip

    def _place(self, unit: str) -> Place:
        found = self.places.get(fold(unit), [])
        if not found:
            raise Refused(NO_UNIT, unit=unit)
        if len(found) > 1:
            names = "; ".join(sorted(place.name for place in found))
            raise Refused(SEVERAL_UNITS, verdict="ambiguous", unit=unit, names=names)
        (place,) = found
        if not self.actor.is_admin and place.id not in own_units(self.actor):
            raise Refused(OTHER_UNIT, unit=place.name)
        return place

    def _role(self, said: dict[str, str], place: Place, title: str) -> str:
        word = said.get("role")
        if word is None:
            raise Refused(NO_POST, unit=place.name, title=title)
        if fold(word) not in ROLES:
            raise Refused(NO_ROLE, role=word)
        return ROLES[fold(word)]

    def _day(self, word: str | None, place: Place) -> dt.date:
        today = local_date(self.now, place.zone)
        if word is None:
            return today
        try:
            if written := DAY.fullmatch(word):
                day = dt.date(int(written[3]), int(written[2]), int(written[1]))
            else:
                day = dt.date.fromisoformat(word)
        except ValueError:
            raise Refused(BAD_DAY, day=word) from None
        try:
            demand_near(day, today, "start")
        except Invalid as error:
            raise Refused(error.message) from error
        return day


def _closed_by_undoing(session: Session, person_ids: Sequence[int]) -> frozenset[int]:
    """Return those whose account was closed because the import that brought them was undone."""
    rows = session.scalars(
        select(ImportRow.target_id)
        .join(Import, Import.id == ImportRow.import_id)
        .join(Person, Person.id == ImportRow.target_id)
        .where(
            Import.kind == "people",
            ImportRow.target_id.in_(person_ids),
            ImportRow.outcome == "undone",
            ImportRow.done["is_new"].as_boolean(),
            ~Person.is_active,
            Person.erased_at.is_(None),
        )
    )
    return frozenset(one for one in rows if one is not None)
