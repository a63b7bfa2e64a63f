"""Whom an event is told to: exactly those concerned, each once."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.clock import now
from hub.followups.events import TaskClosed
from hub.followups.opening import open_tasks
from hub.messaging.append import append
from hub.notifications.audience import preview
from hub.notifications.telling import tell
from hub.visits.events import VisitHeld
from tests.support import world

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.accounts.models import Person
    from hub.db.transaction import Database


class Cast:
    """Two units of one region, everybody who could be concerned and everybody who must not be."""

    def __init__(self, session: Session) -> None:
        self.region = world.facility(session, kind="kanwil")
        other_region = world.facility(session, kind="kanwil")
        self.guest = world.facility(session, kind="rutan", region=self.region)
        self.host = world.facility(session, region=self.region)
        stranger = world.facility(session, region=other_region)
        self.guest_head, _ = world.holder(session, self.guest, role="head")
        self.host_head, _ = world.holder(session, self.host, role="head", wants_mail=False)
        self.follower, follow_post = world.person(session), world.post(session, self.host)
        yesterday = now(session) - dt.timedelta(days=1)
        world.appoint(session, self.follower, follow_post, since=yesterday)
        self.promiser, self.promise_post = world.holder(session, self.guest)
        self.speaker, self.agenda_post = world.holder(session, self.host)
        self.overseer, self.national = world.person(session), world.person(session)
        world.grant(session, self.overseer, "overseer", scope=self.region)
        world.grant(session, self.national, "overseer")
        # None of these may be told.
        world.holder(session, self.guest)
        world.holder(session, stranger, role="head")
        world.grant(session, world.person(session), "overseer", scope=other_region)
        world.grant(session, world.person(session), "auditor", scope=self.region)
        world.grant(session, world.person(session), "admin")
        world.appoint(session, world.person(session), follow_post, until=yesterday)
        gone = world.person(session, is_active=False)
        world.grant(session, gone, "overseer")
        self.story = world.story(
            session, self.guest, self.host, opened_by=self.guest_head, agenda_owner=self.agenda_post
        )
        self.story.host_party.follow_up_post_id = follow_post.id
        session.flush()

    @property
    def always(self) -> set[int]:
        """Everybody whom each event of the story concerns."""
        return ids(self.guest_head, self.host_head, self.follower, self.speaker, self.overseer, self.national)


def ids(*people: Person) -> set[int]:
    return {somebody.id for somebody in people}


def told(session: Session, event_id: uuid.UUID) -> set[int]:
    rows = session.execute(
        text("SELECT recipient_id FROM notifications WHERE event_id = :id"), {"id": event_id}
    )
    return set(rows.scalars())


def mailed(session: Session, event_id: uuid.UUID) -> set[int]:
    rows = session.execute(
        text("SELECT person_id FROM deliveries WHERE event_id = :id AND state = 'due'"), {"id": event_id}
    )
    return set(rows.scalars())


def test_submission_is_told_to_both_units_and_overseers_but_not_to_who_did_it(
    as_app: Database, as_worker: Database
) -> None:
    with as_app.transaction() as session:
        cast = Cast(session)
        event_id = world.submitted(session, cast.story, by=cast.guest_head)
    with as_worker.transaction() as session:
        assert tell(session, [event_id]) == {event_id: {"notices": 5, "mails": 4}}
    with as_app.transaction() as session:
        expected = cast.always - ids(cast.guest_head)
        assert told(session, event_id) == expected
        assert mailed(session, event_id) == expected - ids(cast.host_head)


def test_owner_of_a_promise_is_told_from_its_publication_on(as_app: Database, as_worker: Database) -> None:
    with as_app.transaction() as session:
        cast = Cast(session)
        world.commit_to(session, cast.story, [(cast.guest, cast.promise_post)], due_on=None)
        held = world.held(session, cast.story, by=cast.guest_head)
    with as_worker.transaction() as session:
        tell(session, [held])
    with as_app.transaction() as session:
        assert cast.promiser.id not in told(session, held)
        session.add(cast.story.visit)
        foreseen = preview(
            session,
            event_type="outcome.published",
            collaboration_id=cast.story.collaboration.id,
            visit_id=cast.story.visit.id,
            actor_id=cast.host_head.id,
        )
        published = world.published(session, cast.story, by=cast.host_head)
    with as_worker.transaction() as session:
        tell(session, [published])
    with as_app.transaction() as session:
        assert told(session, published) == cast.always - ids(cast.host_head) | ids(cast.promiser)
        assert {person for person, _ in foreseen} == told(session, published)
        assert {person for person, wants_mail in foreseen if wants_mail} == mailed(session, published)


def test_closing_is_told_to_owner_and_accountable_post(as_app: Database, as_worker: Database) -> None:
    with as_app.transaction() as session:
        cast = Cast(session)
        chief, seat = world.holder(session, cast.guest)
        pool = world.post(session, cast.guest, role="pool", reports_to_id=seat.id)
        hand = world.person(session)
        world.appoint(session, hand, pool)
        world.commit_to(session, cast.story, [(cast.guest, pool)])
        published = world.published(session, cast.story, by=cast.guest_head)
    with as_worker.transaction() as session:
        open_tasks(session, [published])
    with as_app.transaction() as session:
        task_id = session.execute(text("SELECT id FROM tasks")).scalar_one()
        event = TaskClosed(
            collaboration_id=cast.story.collaboration.id, task_id=task_id, facility_id=cast.guest.id
        )
        closed = append(session, event, actor=world.acting(hand))
    with as_worker.transaction() as session:
        tell(session, [closed, published])
    with as_app.transaction() as session:
        assert told(session, closed) == cast.always | ids(chief)
        assert told(session, published) == cast.always - ids(cast.guest_head) | ids(hand)


def test_telling_again_adds_nothing_and_answers_zero(as_app: Database, as_worker: Database) -> None:
    with as_app.transaction() as session:
        cast = Cast(session)
        event_id = world.submitted(session, cast.story, by=cast.guest_head)
        other = world.held(session, cast.story, by=cast.host_head)
    with as_worker.transaction() as session:
        tell(session, [event_id])
    with as_worker.transaction() as session:
        again = tell(session, [event_id, other])
    assert again == {event_id: {"notices": 0, "mails": 0}, other: {"notices": 5, "mails": 5}}


def test_answer_by_link_is_told_to_everybody(as_app: Database, as_worker: Database) -> None:
    with as_app.transaction() as session:
        cast = Cast(session)
        event = VisitHeld(
            collaboration_id=cast.story.collaboration.id, visit_id=cast.story.visit.id, held_at=now(session)
        )
        event_id = append(session, event, actor=world.acting(None))
    with as_worker.transaction() as session:
        assert tell(session, [event_id])[event_id]["notices"] == len(cast.always)
