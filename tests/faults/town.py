"""Whom the driver acts for: guests with a program each, hosts to visit, visits whose outcome is written.

Written past the commands, in rows. Each guest has a visit with an outcome for every publication it is
to make, so that tasks are opened, too.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub import registry
from hub.accounts.commands.tokens import create_token
from hub.actor import system_actor
from hub.clock import now
from hub.web.scopes import SCOPES
from tests.support import world

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.accounts.models import Post
    from hub.facilities.models import Facility

every_table_is_known = registry.metadata
GUESTS = 8
HOSTS = 24
MAILED = 4
"""Every fourth host's head wants mails: enough to watch, not so many that mail is all there is."""
PROMISES = 2


@dataclass(frozen=True, slots=True)
class Guest:
    """A unit whose head acts through a program."""

    facility_id: int
    token: str
    written: list[int] = field(default_factory=list)
    """Visits that were held and whose outcome waits to be published."""


@dataclass(frozen=True, slots=True)
class Town:
    """Everybody."""

    guests: list[Guest]
    host_ids: list[int]


def build_town(session: Session, *, outcomes: int) -> Town:
    """Write a region of guests and hosts; ``outcomes`` is how many each guest can publish."""
    region = world.facility(session, kind="kanwil")
    overseer = world.person(session, wants_mail=False)
    world.grant(session, overseer, "overseer", scope=region)
    hosts = [_host(session, region, number) for number in range(HOSTS)]
    town = Town([], [host.id for host, _ in hosts])
    for _ in range(GUESTS):
        at = world.facility(session, region=region)
        head, seat = world.holder(session, at, role="head", wants_mail=False)
        actor = system_actor("faults")
        token = create_token(
            session, actor=actor, person_id=head.id, label="driver", days=30, scopes=list(SCOPES)
        )
        guest = Guest(at.id, token.secret)
        for number in range(outcomes):
            host, host_seat = hosts[number % HOSTS]
            story = world.story(session, at, host, opened_by=head)
            story.proposal.state = "accepted"
            story.visit.state, story.visit.held_at = "held", now(session) - dt.timedelta(hours=1)
            world.commit_to(session, story, [(at, seat), (host, host_seat)], due_on=None)
            guest.written.append(story.visit.id)
        town.guests.append(guest)
    session.flush()
    return town


def _host(session: Session, region: Facility, number: int) -> tuple[Facility, Post]:
    host = world.facility(session, region=region)
    world.holder(session, host, role="head", wants_mail=number % MAILED == 0)
    _, seat = world.holder(session, host, wants_mail=False)
    return host, seat
