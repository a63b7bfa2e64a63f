"""What people, programs and operators ask again and again, each by the shipped query functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import text

from hub.collaborations.queries import covers
from hub.console import figures
from hub.console import queries as console
from hub.followups import queries as followups
from hub.home.happenings import happenings
from hub.home.queries import region_standing
from hub.home.threads import has_party, threads, unfinished
from hub.notifications import queries as notices
from hub.partners import queries as partners
from tests.bench.history_rows import HEAVY_PARTNER, TYPICAL_PARTNER
from workers.delivery.due import is_anything_due
from workers.relay.relay import DUE

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from tests.bench.history import Grown

Who = Literal["heavy", "typical", "clicker", "leaver", "region", "overseer"]

INBOX, TASKS, TIMELINE, LIST, RECORDS, HOME_TASKS = 31, 51, 31, 21, 51, 7
"""Rows a page asks for: one more than it shows."""
RELAY: Final = text(re.sub(r"%\((\w+)\)s", r"'\1'", DUE))


@dataclass(frozen=True, slots=True)
class Question:
    """One query as those actors put it; the goal holds for what it names, the rest is only shown."""

    name: str
    who: tuple[Who, ...]
    ask: Callable[[Session, Grown, Actor], object]
    has_goal: bool = True
    finds_nothing: bool = False


def _inbox(
    session: Session, actor: Actor, *, after: uuid.UUID | None = None, is_unread_only: bool = False
) -> object:
    return notices.inbox(
        session,
        person_id=_person(actor),
        locale="id",
        zone=actor.zone,
        limit=INBOX,
        after=after,
        is_unread_only=is_unread_only,
    )


def _person(actor: Actor) -> int:
    assert actor.person_id is not None
    return actor.person_id


def _posts(actor: Actor) -> list[int]:
    return list(actor.post_ids)


def _units(actor: Actor) -> list[int]:
    return list(actor.unit_ids)


def _timeline(session: Session, actor: Actor, after: uuid.UUID | None) -> object:
    (unit,) = actor.unit_ids
    partner = HEAVY_PARTNER if unit == 1 else TYPICAL_PARTNER
    return partners.timeline(session, unit, partner, after=after, limit=TIMELINE)


BOTH: Final[tuple[Who, ...]] = ("heavy", "typical")
QUESTIONS: Final = (
    Question("inbox, unread: first page", BOTH, lambda s, _, a: _inbox(s, a, is_unread_only=True)),
    Question("inbox, all: first page", BOTH, lambda s, _, a: _inbox(s, a)),
    Question("inbox, all: a page halfway back", BOTH, lambda s, g, a: _inbox(s, a, after=g.halfway)),
    Question(
        "unread count",
        (*BOTH, "clicker"),
        lambda s, _, a: notices.count_unread(s, person_id=_person(a)),
    ),
    Question(
        "unread count, some of the oldest left and all others read one by one",
        ("leaver",),
        lambda s, _, a: notices.count_unread(s, person_id=_person(a)),
        has_goal=False,
    ),
    Question(
        "my open tasks, home and API",
        BOTH,
        lambda s, _, a: followups.own_tasks(s, a, state="open", after=None, limit=HOME_TASKS),
    ),
    Question(
        "my open tasks, page",
        BOTH,
        lambda s, _, a: followups.open_tasks(
            s, a, facility_ids=None, post_ids=_posts(a), after=None, limit=TASKS
        ),
    ),
    Question(
        "my closed tasks, page",
        BOTH,
        lambda s, _, a: followups.closed_tasks(
            s, a, facility_ids=None, post_ids=_posts(a), after=None, limit=TASKS
        ),
    ),
    Question(
        "the unit's open tasks, page",
        BOTH,
        lambda s, _, a: followups.open_tasks(
            s, a, facility_ids=_units(a), post_ids=None, after=None, limit=TASKS
        ),
    ),
    Question(
        "the unit's closed tasks, page",
        BOTH,
        lambda s, _, a: followups.closed_tasks(
            s, a, facility_ids=_units(a), post_ids=None, after=None, limit=TASKS
        ),
    ),
    Question(
        "the unit's tasks in every state, API",
        BOTH,
        lambda s, _, a: followups.unit_tasks(
            s, a, facility_ids=_units(a), state=None, after=None, limit=TASKS
        ),
    ),
    Question(
        "the unit's open tasks, API",
        BOTH,
        lambda s, _, a: followups.unit_tasks(
            s, a, facility_ids=_units(a), state="open", after=None, limit=TASKS
        ),
    ),
    Question(
        "the unit's late tasks, home",
        BOTH,
        lambda s, _, a: followups.late_tasks(s, a, facility_ids=_units(a), limit=HOME_TASKS),
    ),
    Question("open tasks, mine and the unit's, counted", BOTH, lambda s, _, a: followups.count_open(s, a)),
    Question("timeline of two partners: first page", BOTH, lambda s, _, a: _timeline(s, a, None)),
    Question(
        "timeline of two partners: a page halfway back",
        ("heavy",),
        lambda s, g, a: _timeline(s, a, g.halfway),
    ),
    Question(
        "timeline of a collaboration",
        ("heavy",),
        lambda s, g, a: happenings(s, g.thread, locale="id", zone=a.zone).entries,
    ),
    Question(
        "partner records of a unit: first page",
        BOTH,
        lambda s, _, a: partners.records_of(s, a.unit_ids[0], after=None, limit=RECORDS),
        has_goal=False,
    ),
    Question(
        "collaborations I may see: first page, API",
        (*BOTH, "region", "overseer"),
        lambda s, _, a: covers(s, a, before_id=None, limit=LIST),
        has_goal=False,
    ),
    Question(
        "what is not ended, home",
        BOTH,
        lambda s, _, a: unfinished(s, a, "id", facility_ids=_units(a)),
        has_goal=False,
    ),
    Question(
        "the unit's latest collaborations",
        BOTH,
        lambda s, _, a: threads(s, a, "id", has_party(_units(a)), limit=5),
        has_goal=False,
    ),
    Question(
        "late tasks everywhere, home",
        ("region", "overseer"),
        lambda s, _, a: followups.late_tasks(s, a, facility_ids=None, limit=HOME_TASKS),
        has_goal=False,
    ),
    Question(
        "closed tasks everywhere, page",
        ("region", "overseer"),
        lambda s, _, a: followups.closed_tasks(
            s, a, facility_ids=None, post_ids=None, after=None, limit=TASKS
        ),
        has_goal=False,
    ),
    Question(
        "how the units stand, home",
        ("region", "overseer"),
        lambda s, _, a: region_standing(s, a, limit=25),
        has_goal=False,
    ),
    Question(
        "operations: lanes, mails, parked, failed",
        ("overseer",),
        lambda s, *_: (
            console.lanes(s),
            console.mails(s),
            console.parked(s),
            console.failed_mails(s),
        ),
        has_goal=False,
    ),
    Question(
        "log of events: first page",
        ("overseer",),
        lambda s, *_: console.log(s, event_type=None, after=None, limit=51),
        has_goal=False,
    ),
    Question("/metrics", ("overseer",), lambda s, *_: figures.read_rows(s), has_goal=False),
    Question(
        "the relay's look at what is due",
        ("overseer",),
        lambda s, *_: s.execute(RELAY).all(),
        has_goal=False,
        finds_nothing=True,
    ),
    Question(
        "the delivery's look at what is due",
        ("overseer",),
        lambda s, *_: is_anything_due(s),
        has_goal=False,
        finds_nothing=True,
    ),
)
