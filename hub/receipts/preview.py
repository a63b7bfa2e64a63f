"""Say what publishing an outcome would set in motion, from the same selections that the consumers run.

Nothing is guessed here: whom it tells is the audience's own SELECT, which tasks open are the
commitments, which records change are the pairs that the partner records are kept for.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, Boolean, bindparam, select, text
from sqlalchemy.orm import aliased

from hub import clock
from hub.accounts.models import Post
from hub.facilities.models import Facility
from hub.notifications.audience import preview
from hub.partners.records import PAIRS_OF_COLLABORATION, with_parts
from hub.visits.events import OutcomePublished
from hub.visits.models import Commitment, Outcome
from hub.workdays.calendar import add_working_days
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.visits.queries.views import VisitRow

# Posts as they are held now, as the receipt will show them for the moment of the event.
BY_POST = text(
    """
    SELECT coalesce(served.title, 'overseer') AS post, coalesce(served.unit, overseen.unit) AS unit,
           served.title IS NULL AS is_overseer, told.wants_mail
    FROM unnest(:people, :mails) AS told (person_id, wants_mail)
    LEFT JOIN LATERAL (
        SELECT post.title, unit.name AS unit
        FROM appointments a
        JOIN posts post ON post.id = a.post_id
        JOIN parties p ON p.facility_id = post.facility_id AND p.collaboration_id = :collaboration_id
        JOIN facilities unit ON unit.id = post.facility_id
        WHERE a.person_id = told.person_id AND a.during @> (SELECT hub_now())
        ORDER BY post.role <> 'head', post.id LIMIT 1
    ) AS served ON true
    LEFT JOIN LATERAL (
        SELECT scope.name AS unit
        FROM grants g LEFT JOIN facilities scope ON scope.id = g.scope_facility_id
        WHERE g.person_id = told.person_id AND g.role = 'overseer' AND g.during @> (SELECT hub_now())
        ORDER BY g.id LIMIT 1
    ) AS overseen ON true
    ORDER BY is_overseer, unit, post, told.person_id
    """
).bindparams(bindparam("people", type_=ARRAY(BigInteger)), bindparam("mails", type_=ARRAY(Boolean)))

PAIRS = with_parts(
    PAIRS_OF_COLLABORATION,
    then="""
    SELECT pair.facility_id, unit.name AS facility, pair.partner_id, partner.name AS partner
    FROM both_ways pair
    JOIN facilities unit ON unit.id = pair.facility_id
    JOIN facilities partner ON partner.id = pair.partner_id
    WHERE pair.collaboration_id = :collaboration_id ORDER BY pair.facility_id, pair.partner_id
    """,
)


@dataclass(frozen=True, slots=True)
class Promised:
    """A task that publishing would open."""

    theme: str
    text: str
    unit: str
    owner: str
    accountable: str
    working_days: int
    due_on: dt.date


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen: whom it tells (by post and unit), which tasks open, which records change."""

    told: list[dict[str, Any]]
    tasks: list[Promised]
    records: list[dict[str, Any]]

    @property
    def mails(self) -> int:
        """Return how many of those told would also get a mail."""
        return sum(bool(one["wants_mail"]) for one in self.told)


def preview_of_publishing(session: Session, actor: Actor, visit: VisitRow) -> Preview:
    """Return what publishing the outcome of a visit would set in motion if the actor did it now."""
    people = preview(
        session,
        event_type=OutcomePublished.TYPE,
        collaboration_id=visit.collaboration_id,
        visit_id=visit.id,
        actor_id=actor.person_id,
    )
    told = session.execute(
        BY_POST,
        {
            "people": [person_id for person_id, _ in people],
            "mails": [wants_mail for _, wants_mail in people],
            "collaboration_id": visit.collaboration_id,
        },
    )
    records = session.execute(PAIRS, {"collaboration_id": visit.collaboration_id})
    return Preview(
        told=[dict(row) for row in told.mappings()],
        tasks=_tasks(session, visit.id),
        records=[dict(row) for row in records.mappings()],
    )


def _tasks(session: Session, visit_id: int) -> list[Promised]:
    now = clock.now(session)
    above = aliased(Post)
    rows = session.execute(
        select(
            Outcome.theme,
            Commitment.text,
            Facility.name,
            Facility.iana_zone,
            Post.title,
            Post.is_pool,
            above.title,
            Commitment.working_days,
        )
        .join(Outcome, Outcome.id == Commitment.outcome_id)
        .join(Facility, Facility.id == Commitment.facility_id)
        .join(Post, Post.id == Commitment.owner_post_id)
        .outerjoin(above, above.id == Post.reports_to_id)
        .where(Commitment.visit_id == visit_id)
        .order_by(Commitment.id)
    )
    return [
        Promised(
            theme,
            words,
            unit,
            owner,
            reports_to if is_pool and reports_to else owner,
            working_days,
            add_working_days(local_date(now, zone), working_days),
        )
        for theme, words, unit, zone, owner, is_pool, reports_to, working_days in rows
    ]
