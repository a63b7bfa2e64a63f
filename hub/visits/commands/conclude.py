"""After the visit: note that it was held, write what it brought, and publish it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from hub import clock
from hub.accounts.models import Post
from hub.audit.guard import NOTHING, Confirmed, demand_no_inmates
from hub.collaborations import rules as collaboration_rules
from hub.collaborations.commands.happened import Happened, publish
from hub.collaborations.commands.thread import CHANGED_MEANWHILE, Thread
from hub.errors import Forbidden, Invalid, Stale
from hub.facilities.models import Facility
from hub.texts.catalogue import lazy
from hub.visits.commands.arranging import current_arrangement, lock_visit
from hub.visits.models import Commitment, Outcome
from hub.visits.texts import texts_of_outcome
from hub.workdays.calendar import add_working_days
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.visits.models import Visit

NOT_A_PARTY_OF_IT = lazy("Only people who serve in one of the two units may do this.")
ONLY_A_HEAD = lazy("Only the head of one of the two units may publish the outcome.")
NOT_A_PARTY = lazy("This unit does not take part in the collaboration.")
FOREIGN_POST = lazy("This post does not belong to that unit.")
POOL_WITHOUT_SEAT = lazy("A pool of staff cannot answer for a promise; it must report to a post first.")
NO_COMMITMENT = lazy("An outcome is published with one commitment at least: what, who and by when.")
THEME_TWICE = lazy("Each theme stands here once.")
CHECK_OUTCOME = lazy("Please check the outcome.")


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment as somebody wrote it."""

    text: str
    facility_id: int
    owner_post_id: int
    working_days: int


@dataclass(frozen=True, slots=True)
class ThemeOutcome:
    """What one theme brought, as somebody wrote it."""

    theme: str
    seen: str
    will_try: str
    commitments: tuple[Promise, ...]


@dataclass(frozen=True, slots=True)
class _Owner:
    facility_id: int
    is_pool: bool
    reports_to_id: int | None


def hold_visit(session: Session, *, actor: Actor, visit_id: int) -> tuple[Visit, Happened]:
    """Note that a scheduled visit took place. Raises Forbidden, Conflict before its start or twice."""
    thread, visit = lock_visit(session, visit_id)
    _demand_party(thread, actor)
    starts_at = current_arrangement(session, visit).starts_at
    event = visit.hold(at=clock.now(session), starts_at=starts_at)
    return visit, publish(session, event, actor=actor)


def write_outcome(
    session: Session, *, actor: Actor, visit_id: int, version: int, themes: Sequence[ThemeOutcome]
) -> Visit:
    """Replace the draft of the outcome. ``version`` is the visit's, as the caller read it.

    Raises Forbidden, Conflict unless the visit is held, Stale, Invalid with the path of each fault.
    No event: a draft tells nobody anything yet.
    """
    thread, visit = lock_visit(session, visit_id)
    _demand_party(thread, actor)
    visit.demand("held")
    if visit.version != version:
        raise Stale(CHANGED_MEANWHILE)
    faults = _faults(session, thread, themes)
    if faults:
        raise Invalid(CHECK_OUTCOME, fields=faults)
    session.execute(delete(Commitment).where(Commitment.visit_id == visit.id))
    session.execute(delete(Outcome).where(Outcome.visit_id == visit.id))
    for written in themes:
        outcome = Outcome(
            visit_id=visit.id, theme=written.theme, revision=1, seen=written.seen, will_try=written.will_try
        )
        session.add(outcome)
        session.flush()
        session.add_all(
            Commitment(
                collaboration_id=visit.collaboration_id,
                visit_id=visit.id,
                outcome_id=outcome.id,
                position=position,
                facility_id=promise.facility_id,
                owner_post_id=promise.owner_post_id,
                text=promise.text,
                working_days=promise.working_days,
            )
            for position, promise in enumerate(written.commitments, start=1)
        )
    visit.version += 1
    session.flush()
    return visit


def publish_outcome(
    session: Session,
    *,
    actor: Actor,
    visit_id: int,
    version: int | None = None,
    confirmed: Confirmed = NOTHING,
) -> tuple[Visit, Happened]:
    """Publish the outcome: every commitment gets its day, and the follow-ups will be opened.

    A commitment is due ``working_days`` after today in its unit's zone. Raises Forbidden unless the
    actor heads a party, Conflict unless the visit is held, Stale, Invalid without any commitment or
    with an owner that cannot answer for it (any more), InmateDataSuspected where a text may tell who is
    in custody and that is not ``confirmed``.
    """
    thread, visit = lock_visit(session, visit_id)
    if not collaboration_rules.may_conclude(actor, thread.party_ids):
        raise Forbidden(ONLY_A_HEAD, code="not-head-of-party")
    visit.demand("held")
    if version is not None and visit.version != version:
        raise Stale(CHANGED_MEANWHILE)
    outcomes = session.scalars(select(Outcome).where(Outcome.visit_id == visit.id).order_by(Outcome.id)).all()
    commitments = session.scalars(
        select(Commitment).where(Commitment.visit_id == visit.id).order_by(Commitment.id)
    ).all()
    if not commitments:
        raise Invalid(NO_COMMITMENT, fields={"themes": NO_COMMITMENT}, code="no-commitment")
    written = list(_as_written(outcomes, commitments))
    faults = _faults(session, thread, written)
    if faults:
        raise Invalid(CHECK_OUTCOME, fields=faults)
    demand_no_inmates(
        session,
        actor=actor,
        subject=f"visits/{visit_id}",
        texts=texts_of_outcome(written),
        confirmed=confirmed,
    )
    now = clock.now(session)
    zones = _zones(session, thread)
    for commitment in commitments:
        today = local_date(now, zones[commitment.facility_id])
        commitment.due_on = add_working_days(today, commitment.working_days)
    event = visit.conclude(
        at=now, themes=[outcome.theme for outcome in outcomes], commitments=len(commitments)
    )
    return visit, publish(session, event, actor=actor)


def _demand_party(thread: Thread, actor: Actor) -> None:
    if not collaboration_rules.may_take_part(actor, thread.party_ids):
        raise Forbidden(NOT_A_PARTY_OF_IT, code="not-in-party")


def _zones(session: Session, thread: Thread) -> dict[int, str]:
    query = select(Facility.id, Facility.iana_zone).where(Facility.id.in_(thread.party_ids))
    return {facility_id: zone for facility_id, zone in session.execute(query)}  # noqa: C416 -- rows are typed so


def _as_written(outcomes: Sequence[Outcome], commitments: Sequence[Commitment]) -> Iterator[ThemeOutcome]:
    for outcome in outcomes:
        promises = tuple(
            Promise(row.text, row.facility_id, row.owner_post_id, row.working_days)
            for row in commitments
            if row.outcome_id == outcome.id
        )
        yield ThemeOutcome(outcome.theme, outcome.seen, outcome.will_try, promises)


def _faults(session: Session, thread: Thread, themes: Sequence[ThemeOutcome]) -> dict[str, str]:
    named = {promise.owner_post_id for written in themes for promise in written.commitments}
    rows = session.execute(
        select(Post.id, Post.facility_id, Post.is_pool, Post.reports_to_id).where(Post.id.in_(named))
    )
    owners = {row[0]: _Owner(*row[1:]) for row in rows}
    faults: dict[str, str] = {}
    seen: set[str] = set()
    for index, written in enumerate(themes):
        if written.theme in seen:
            faults[f"themes.{index}.theme"] = THEME_TWICE
        seen.add(written.theme)
        for place, promise in enumerate(written.commitments):
            path = f"themes.{index}.commitments.{place}"
            owner = owners.get(promise.owner_post_id)
            if promise.facility_id not in thread.party_ids:
                faults[f"{path}.facility_id"] = NOT_A_PARTY
            elif owner is None or owner.facility_id != promise.facility_id:
                faults[f"{path}.owner_post_id"] = FOREIGN_POST
            elif owner.is_pool and owner.reports_to_id is None:
                faults[f"{path}.owner_post_id"] = POOL_WITHOUT_SEAT
    return faults
