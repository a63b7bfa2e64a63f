"""Decide, at the moment of sending, whether a planned message still goes out and what it says.

What was true when a message was planned may have changed: people leave or switch mails off, invitations are
answered, renewed or taken back. A message that has lost its point is skipped with its reason.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import ARRAY, BigInteger, Interval, bindparam, text

from hub.accounts.links import LASTS, ResetFacts, reset_url
from hub.db.reading import Reading
from hub.notifications.facts import facts_of
from hub.notifications.letters import Asked, Letter, invitation, new_password, notice
from hub.texts.catalogue import DEFAULT_LOCALE, lazy
from hub.visits import rules
from hub.visits.links import InvitationFacts, invitation_url
from hub.visits.queries.passing import HAS_PASSED_ON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from hub.notifications.facts import Facts
    from hub.texts.links import LinkKeys

INACTIVE = lazy("the person no longer uses the hub")
SWITCHED_OFF = lazy("the person has switched mails off")
MOVED = lazy("the person has another address now")
NEWER_ARRANGEMENT = lazy("the visit has a newer date or agenda")
LINK_STATES = {
    "passed_on": lazy("the post has passed on; a new link goes to who has it now"),
    "answered": lazy("the invitation has been answered"),
    "replaced": lazy("the invitation has been renewed"),
    "revoked": lazy("the invitation has been revoked"),
    "ended": lazy("the visit no longer waits for an answer"),
    "expired": lazy("the time for an answer has passed"),
}
"""Why an invitation is not mailed, by the state of its link."""
LINK_REPLACED = lazy("the link has been used or replaced by a newer one")
LINK_EXPIRED = lazy("the link is older than an hour")
ABANDONED = lazy("the worker ended during every attempt")
NO_TURN = lazy("the connection ended before its turn came")


class Planned(Protocol):
    """A planned delivery, as it was claimed."""

    @property
    def kind(self) -> str:
        """Return what it is: ``notification``, ``invitation`` or ``password``."""

    @property
    def event_id(self) -> uuid.UUID | None:
        """Return the event that it tells of, or that asked for the invitation; a password's link has none."""

    @property
    def occurrence(self) -> str:
        """Return what it is about: ``event:…`` or ``invitation:<id>:<generation>:<arrangement>``."""

    @property
    def address(self) -> str:
        """Return where it goes."""

    @property
    def person_id(self) -> int | None:
        """Return whom it tells, for a notice."""

    @property
    def invitation_id(self) -> int | None:
        """Return which invitation it carries."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a notice tells, as they are now."""

    id: int
    name: str
    email: str
    locale: str
    zone: str
    wants_mail: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """A message that goes out now."""

    name: str | None
    address: str
    write: Callable[[], Letter]
    """Writes the letter, when the message's turn has come."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that has lost its point, and why (a msgid)."""

    reason: str


RECIPIENTS = Reading(
    text(
        "SELECT id, name, email, locale, iana_zone, wants_mail, is_active FROM people"
        " WHERE id = ANY (:person_ids)"
    ).bindparams(bindparam("person_ids", type_=ARRAY(BigInteger)))
)

RESET = text(
    """
    SELECT name, email, locale, is_active, password_generation,
           coalesce(password_asked_at > hub_now() - :lasts, false) AS is_recent
    FROM people WHERE id = :person_id
    """
).bindparams(bindparam("lasts", type_=Interval))

INVITED = text(
    f"""
    SELECT invitations.id, invitations.address, invitations.generation, invitations.respond_by,
           invitations.revoked_at, v.state AS visit_state,
           v.arrangement_no, p.state AS proposal_state, p.subject, p.urgency, a.head_count, a.place,
           a.starts_at, a.ends_at, a.iana_zone, person.locale, hub_now() AS now,
           EXISTS (SELECT FROM answers WHERE invitation_id = invitations.id AND number = v.arrangement_no
                   AND superseded_at IS NULL) AS is_answered,
           ARRAY(SELECT title FROM agenda_items item WHERE item.visit_id = v.id
                 AND item.number = v.arrangement_no ORDER BY position) AS agenda,
           {HAS_PASSED_ON} AS has_passed_on
    FROM invitations
    JOIN visits v ON v.id = invitations.visit_id
    JOIN proposals p ON p.collaboration_id = v.collaboration_id
    JOIN arrangements a ON a.visit_id = v.id AND a.number = v.arrangement_no
    LEFT JOIN people person ON lower(person.email) = lower(invitations.address)
    WHERE invitations.id = :invitation_id
    """  # noqa: S608 -- the expression is a constant
)


@dataclass(slots=True)
class Desk:
    """Prepares messages; keeps the letters it wrote, so that each is written once per language and zone."""

    base_url: str
    keys: LinkKeys
    _facts: dict[uuid.UUID, Facts] = field(default_factory=dict)
    _notices: dict[tuple[uuid.UUID, str, str], Letter] = field(default_factory=dict)

    @staticmethod
    def is_notice(planned: Planned) -> bool:
        """Return whether it says the same to many, so that it is best prepared together with others."""
        return planned.event_id is not None and planned.invitation_id is None

    def prepare_all(self, session: Session, planned: Sequence[Planned]) -> list[Ready | Skipped]:
        """Return each message, or why it is skipped, in the same order; recipients are read at once."""
        told = {one.person_id for one in planned if self.is_notice(one)}
        people = {row[0]: Recipient(*row) for row in RECIPIENTS.rows(session, person_ids=list(told))}
        unread = {
            one.event_id for one in planned if self.is_notice(one) and one.event_id
        } - self._facts.keys()
        if unread:
            self._facts |= facts_of(session, unread)
        return [
            self._notice(one, people[one.person_id or 0]) if self.is_notice(one) else self._own(session, one)
            for one in planned
        ]

    def _own(self, session: Session, planned: Planned) -> Ready | Skipped:
        """Prepare a message that carries a link of its own."""
        if planned.kind == "password":
            return self._password(session, planned)
        if planned.event_id is None:
            raise ValueError(f"a delivery tells of no event: {planned.occurrence}")
        return self._invitation(session, planned, planned.event_id)

    def _password(self, session: Session, planned: Planned) -> Ready | Skipped:
        person = session.execute(RESET, {"person_id": planned.person_id, "lasts": LASTS}).one()
        if not person.is_active:
            return Skipped(INACTIVE)
        if person.email.lower() != planned.address.lower():
            return Skipped(MOVED)
        generation = int(planned.occurrence.rpartition(":")[2])
        if generation != person.password_generation:
            return Skipped(LINK_REPLACED)
        if not person.is_recent:
            return Skipped(LINK_EXPIRED)
        url = reset_url(
            self.keys, self.base_url, ResetFacts(planned.person_id or 0, generation, person.email)
        )
        write = partial(new_password, url=url, name=person.name, locale=person.locale)
        return Ready(person.name, planned.address, write)

    def _notice(self, planned: Planned, person: Recipient) -> Ready | Skipped:
        if not person.is_active:
            return Skipped(INACTIVE)
        if not person.wants_mail:
            return Skipped(SWITCHED_OFF)
        if person.email.lower() != planned.address.lower():
            return Skipped(MOVED)
        if planned.event_id is None:
            raise ValueError(f"a notice tells of no event: {planned.occurrence}")
        facts = self._facts[planned.event_id]
        return Ready(person.name, planned.address, partial(self._written, facts, person.locale, person.zone))

    def _written(self, facts: Facts, locale: str, zone: str) -> Letter:
        """Return the letter that everybody gets who reads this language in this zone; written once."""
        key = (facts.event_id, locale, zone)
        letter = self._notices.get(key)
        if letter is None:
            letter = notice(facts, locale=locale, zone=zone, base_url=self.base_url)
            self._notices[key] = letter
        return letter

    def _invitation(self, session: Session, planned: Planned, event_id: uuid.UUID) -> Ready | Skipped:
        row = session.execute(INVITED, {"invitation_id": planned.invitation_id}).one()
        _, _, generation, number = planned.occurrence.split(":")
        state = rules.link_state(
            link_generation=int(generation),
            generation=row.generation,
            respond_by=row.respond_by,
            is_revoked=row.revoked_at is not None,
            is_withdrawn=row.proposal_state == "withdrawn",
            visit_state=row.visit_state,
            is_answered=row.is_answered,
            now=row.now,
            has_passed_on=row.has_passed_on,
        )
        if state != "open":
            return Skipped(LINK_STATES[state])
        if int(number) != row.arrangement_no:
            return Skipped(NEWER_ARRANGEMENT)
        facts = self._read(session, event_id)
        asked = Asked(
            # The event may be older than the arrangement that is asked for.
            facts=replace(facts, starts_at=row.starts_at, ends_at=row.ends_at, zone=row.iana_zone),
            subject=row.subject,
            urgency=row.urgency,
            head_count=row.head_count,
            place=row.place,
            respond_by=row.respond_by,
            agenda=tuple(row.agenda),
        )
        url = invitation_url(self.keys, self.base_url, InvitationFacts(row.id, row.generation, row.address))
        write = partial(invitation, asked, url=url, locale=row.locale or DEFAULT_LOCALE)
        return Ready(None, planned.address, write)

    def _read(self, session: Session, event_id: uuid.UUID) -> Facts:
        if event_id not in self._facts:
            self._facts |= facts_of(session, [event_id])
        return self._facts[event_id]
