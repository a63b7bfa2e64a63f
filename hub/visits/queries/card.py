"""Read what the invitation's page shows to whoever holds its link: the decision card and nothing more.

No address, no name of a person of either side, nothing of other partners.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, literal_column, select
from sqlalchemy.orm import aliased

from hub import clock
from hub.collaborations.models import Collaboration, Party, Proposal
from hub.db.transaction import act_by_link
from hub.facilities.models import Facility
from hub.visits import rules
from hub.visits.links import is_signed
from hub.visits.models import AgendaItem, Answer, Arrangement, Invitation, Visit
from hub.visits.queries.passing import HAS_PASSED_ON, passed_on
from hub.workdays.calendar import why_not_working
from hub.workdays.zones import local_date, local_moment, zone_label

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.texts.links import LinkKeys, ParsedLink


@dataclass(frozen=True, slots=True)
class CardItem:
    """One point of the agenda, with its place on the host's clock: "09.15–09.55"."""

    clock: str
    title: str


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """The answer given to this invitation, as its giver may read it again."""

    verdict: str
    reason: str | None
    counter_starts_at: dt.datetime | None
    counter_ends_at: dt.datetime | None
    answered_by: str
    answered_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Card:
    """One invitation as its link shows it; ``state`` says what the link still opens."""

    invitation_id: int
    generation: int
    state: rules.LinkState
    visit_state: str
    guest: str
    guest_city: str | None
    host: str
    ref: str
    title: str
    kind: str
    themes: list[str]
    urgency: str
    form: str
    subject: str
    duration: str
    letter_no: str | None
    number: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    place: str
    head_count: int | None
    respond_by: dt.datetime
    agenda: list[CardItem]
    answer: CardAnswer | None
    #: Whether an earlier arrangement was answered, so that this one is news.
    is_asked_again: bool
    #: Whether a new link has gone to who has the post now, and whether one could.
    has_moved: bool
    may_pass_on: bool

    @property
    def zone_label(self) -> str:
        """Return WIB, WITA or WIT."""
        return zone_label(self.zone)

    def not_working(self, locale: str) -> str | None:
        """Return why the day is not a working day at the host, or None."""
        return why_not_working(local_date(self.starts_at, self.zone), locale)


def find_card(session: Session, keys: LinkKeys, parsed: ParsedLink) -> Card | None:
    """Return what a link shows, or None unless the hub signed it for this invitation's address.

    From then on the transaction may read and write what the invitation belongs to.
    """
    act_by_link(session, parsed.number)
    guest_party, host_party = aliased(Party), aliased(Party)
    guest, host = aliased(Facility), aliased(Facility)
    row: Any = session.execute(
        select(
            Invitation.id,
            Invitation.address,
            Invitation.former_address,
            literal_column(HAS_PASSED_ON).label("has_passed_on"),
            Invitation.generation,
            Invitation.respond_by,
            Invitation.revoked_at,
            Visit.id.label("visit_id"),
            Visit.state.label("visit_state"),
            guest.name.label("guest"),
            guest.city.label("guest_city"),
            host.name.label("host"),
            Collaboration.ref,
            Collaboration.title,
            Collaboration.kind,
            Collaboration.themes,
            Proposal.urgency,
            Proposal.form,
            Proposal.subject,
            Proposal.duration,
            Proposal.letter_no,
            Proposal.state.label("proposal_state"),
            Arrangement.number,
            Arrangement.starts_at,
            Arrangement.ends_at,
            Arrangement.iana_zone,
            Arrangement.place,
            Arrangement.head_count,
        )
        .join(Visit, Visit.id == Invitation.visit_id)
        .join(Collaboration, Collaboration.id == Visit.collaboration_id)
        .join(Proposal, Proposal.collaboration_id == Collaboration.id)
        .join(
            Arrangement,
            and_(Arrangement.visit_id == Visit.id, Arrangement.number == Visit.arrangement_no),
        )
        .join(
            guest_party,
            and_(guest_party.collaboration_id == Collaboration.id, guest_party.role == "guest"),
        )
        .join(guest, guest.id == guest_party.facility_id)
        .join(host_party, host_party.id == Visit.host_party_id)
        .join(host, host.id == host_party.facility_id)
        .where(Invitation.id == parsed.number)
    ).one_or_none()
    if row is None:
        return None
    has_moved = (
        row.former_address is not None
        and parsed.generation < row.generation
        and is_signed(keys, parsed, row.former_address)
    )
    if not has_moved and not is_signed(keys, parsed, row.address):
        return None
    answer = _answer(session, row.id, row.number)
    now = clock.now(session)
    state = rules.link_state(
        link_generation=parsed.generation,
        generation=row.generation,
        respond_by=row.respond_by,
        is_revoked=row.revoked_at is not None,
        is_withdrawn=row.proposal_state == "withdrawn",
        visit_state=row.visit_state,
        is_answered=answer is not None,
        now=now,
        has_passed_on=has_moved or row.has_passed_on,
    )
    return Card(
        invitation_id=row.id,
        generation=parsed.generation,
        state=state,
        visit_state=row.visit_state,
        guest=row.guest,
        guest_city=row.guest_city,
        host=row.host,
        ref=row.ref,
        title=row.title,
        kind=row.kind,
        themes=row.themes,
        urgency=row.urgency,
        form=row.form,
        subject=row.subject,
        duration=row.duration,
        letter_no=row.letter_no,
        number=row.number,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.iana_zone,
        place=row.place,
        head_count=row.head_count,
        respond_by=row.respond_by,
        agenda=_agenda(session, row.visit_id, row.number, local_moment(row.starts_at, row.iana_zone)),
        answer=answer,
        is_asked_again=_is_asked_again(session, row.id, row.number),
        has_moved=has_moved,
        may_pass_on=state == "passed_on"
        and not has_moved
        and answer is None
        and row.visit_state == "proposed"
        and now < row.respond_by
        and (gone := passed_on(session, row.id)) is not None
        and gone.address is not None,
    )


def _agenda(session: Session, visit_id: int, number: int, starts_at: dt.datetime) -> list[CardItem]:
    """Return the agenda; ``starts_at`` is local, and Indonesia's zones know no summer time."""
    items: list[CardItem] = []
    rows = session.execute(
        select(AgendaItem.title, AgendaItem.minutes)
        .where(AgendaItem.visit_id == visit_id, AgendaItem.number == number)
        .order_by(AgendaItem.position)
    )
    for title, minutes in rows:
        ends_at = starts_at + dt.timedelta(minutes=minutes)
        items.append(CardItem(f"{starts_at:%H.%M}\N{EN DASH}{ends_at:%H.%M}", title))
        starts_at = ends_at
    return items


def _is_asked_again(session: Session, invitation_id: int, number: int) -> bool:
    earlier = exists().where(Answer.invitation_id == invitation_id, Answer.number < number)
    return bool(session.scalar(select(earlier)))


def _answer(session: Session, invitation_id: int, number: int) -> CardAnswer | None:
    row = session.execute(
        select(
            Answer.verdict,
            Answer.reason,
            Answer.counter_starts_at,
            Answer.counter_ends_at,
            Answer.answered_by,
            Answer.answered_at,
        ).where(
            Answer.invitation_id == invitation_id, Answer.number == number, Answer.superseded_at.is_(None)
        )
    ).one_or_none()
    return CardAnswer(*row) if row else None
