"""What the page of a unit says of it: its names, its place, whom to turn to, what it learned and taught."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from hub.collaborations.themes import known_theme_name
from hub.facilities.kinds import SPECIALITY_NAMES
from hub.facilities.models import NAME_KINDS
from hub.facilities.rules import may_describe, may_see_addresses
from hub.partners.queries import find_record
from hub.texts.catalogue import gettext_for, lazy, translate
from hub.texts.formats import format_short_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.facilities.models import Facility, FacilityName
    from hub.facilities.queries import Shown
    from hub.partners.queries import RecordView

MAP: Final = "indonesia.svg"
"""The outline of the country (hub/web/static): Natural Earth 1:10m, public domain, simplified."""
CORNER: Final = (94.5, 6.5)
"""Longitude and latitude of the upper left corner of the outline."""
PER_DEGREE: Final = 20
NAMES_OF_KINDS: Final[Mapping[str, str]] = {
    "official": lazy("Official name"),
    "former": lazy("Formerly"),
    "alias": lazy("Also called"),
    "abbreviation": lazy("Abbreviated"),
}
ROLES: Final[Mapping[str, str]] = {
    "head": lazy("Head of the unit"),
    "section": lazy("Head of a section or subsection"),
    "pool": lazy("Pool: several people, nobody accountable"),
    "contact": lazy("Contact with a mailbox"),
}
BETWEEN: Final = lazy("%(name)s (%(since)s to %(until)s)")
SINCE: Final = lazy("%(name)s (since %(day)s)")
UNTIL: Final = lazy("%(name)s (until %(day)s)")
MOST_OWN: Final = 3
"""Units of the reader of which is said what they have done with the one they look at."""
ONE_DAY: Final = dt.timedelta(days=1)


class Dot(NamedTuple):
    """Where a town lies on the outline, in its units."""

    x: int
    y: int


class Contact(NamedTuple):
    """A post one may turn to; its address only for who may read it."""

    title: str
    role: str
    mailbox: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A unit as its page shows it."""

    dot: Dot | None
    speciality: str | None
    #: How kinds of names are called, and the names with from when until when they held.
    names: Sequence[tuple[str, Sequence[str]]]
    contacts: Sequence[Contact]
    may_describe: bool
    #: Where official mail goes; None where the reader may not know, or there is none.
    mailbox: str | None
    good_at: Sequence[str]
    #: Partners with the themes they had in common, of the records that the reader may see.
    learned: Sequence[tuple[str, Sequence[str]]]
    taught: Sequence[tuple[str, Sequence[str]]]
    #: What the reader's own units have done with it.
    with_own: Sequence[RecordView]


def profile(
    session: Session, actor: Actor, shown: Shown, records: Sequence[RecordView], locale: str
) -> Profile:
    """Return what the page says of a facility to this reader, who may see these of its partner records."""
    facility = shown.facility
    said = gettext_for(locale)
    special = SPECIALITY_NAMES.get(facility.speciality or "")
    # "General" says nothing of a unit.
    if facility.speciality == "umum":
        special = None
    sees = may_see_addresses(actor, facility)
    own = [one for one in sorted({*actor.unit_ids, *actor.headed_ids}) if one != facility.id]
    of_own = [find_record(session, one, facility.id) for one in own[:MOST_OWN]]
    return Profile(
        dot=dot_of(facility),
        speciality=None if special is None else said(special),
        names=[
            (
                said(NAMES_OF_KINDS[kind]),
                [_with_span(name, locale) for name in shown.names if name.kind == kind],
            )
            for kind in NAME_KINDS
            if any(name.kind == kind for name in shown.names)
        ],
        contacts=[
            Contact(post.title, said(ROLES[post.role]), post.mailbox if sees else None)
            for post in shown.posts
        ],
        may_describe=facility.status != "merged" and may_describe(actor, facility),
        mailbox=facility.mailbox if sees else None,
        good_at=[known_theme_name(code, locale) for code in facility.themes],
        learned=[_with_themes(record, locale) for record in records if record.visits_made],
        taught=[_with_themes(record, locale) for record in records if record.visits_hosted],
        with_own=[record for record in of_own if record is not None],
    )


def dot_of(facility: Facility) -> Dot | None:
    """Return where the facility's town lies on the outline, or None where that is not known."""
    if facility.latitude is None or facility.longitude is None:
        return None
    west, north = CORNER
    return Dot(
        round((facility.longitude - west) * PER_DEGREE), round((north - facility.latitude) * PER_DEGREE)
    )


def _with_themes(record: RecordView, locale: str) -> tuple[str, list[str]]:
    return record.partner, [known_theme_name(code, locale) for code in record.themes]


def _with_span(name: FacilityName, locale: str) -> str:
    """Return a name with its first and its last day, as far as they are known."""
    since = format_short_day(name.valid.lower, locale) if name.valid.lower else None
    until = format_short_day(name.valid.upper - ONE_DAY, locale) if name.valid.upper else None
    if since and until:
        return translate(locale, BETWEEN, name=name.name, since=since, until=until)
    if since:
        return translate(locale, SINCE, name=name.name, day=since)
    return translate(locale, UNTIL, name=name.name, day=until) if until else name.name
