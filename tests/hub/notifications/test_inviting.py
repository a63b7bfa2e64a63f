"""Which invitations are mailed: the open ones, once per link and arrangement."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.clock import now
from hub.messaging.append import append
from hub.notifications.inviting import invite
from hub.visits.events import InvitationRenewed, VisitRearranged
from tests.support import world

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.db.transaction import Database


def occurrences(session: Session) -> list[str]:
    rows = session.execute(text("SELECT occurrence FROM deliveries WHERE kind = 'invitation' ORDER BY id"))
    return list(rows.scalars())


def test_each_link_and_each_arrangement_is_mailed_once(as_app: Database, as_worker: Database) -> None:
    with as_app.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, _ = world.holder(session, guest, role="head")
        story = world.story(session, guest, host, opened_by=head)
        asked = world.invitation(session, story)
        taken_back = world.invitation(session, story)
        taken_back.revoked_at = now(session)
        submitted = world.submitted(session, story, by=head)
    with as_worker.transaction() as session:
        assert invite(session, [submitted]) == {submitted: {"mails": 1}}
    with as_worker.transaction() as session:
        assert invite(session, [submitted]) == {submitted: {"mails": 0}}
    collaboration_id, visit_id = story.collaboration.id, story.visit.id
    with as_app.transaction() as session:
        session.add_all([asked, story.visit])
        asked.generation = 2
        renewed = append(
            session,
            InvitationRenewed(
                collaboration_id=collaboration_id, visit_id=visit_id, invitation_id=asked.id, generation=2
            ),
            actor=world.acting(head),
        )
    with as_worker.transaction() as session:
        assert invite(session, [renewed]) == {renewed: {"mails": 1}}
    with as_app.transaction() as session:
        session.add_all([story.visit])
        starts_at = now(session) + dt.timedelta(days=20)
        world.arrange(session, story.visit, host, number=2, starts_at=starts_at, owner=None)
        rearranged = append(
            session,
            VisitRearranged(
                collaboration_id=collaboration_id,
                visit_id=visit_id,
                arrangement_no=2,
                starts_at=starts_at,
                ends_at=starts_at + dt.timedelta(hours=3),
            ),
            actor=world.acting(head),
        )
    with as_worker.transaction() as session:
        assert invite(session, [rearranged, renewed, submitted])[rearranged] == {"mails": 1}
    with as_app.transaction() as session:
        assert occurrences(session) == [
            f"invitation:{asked.id}:{generation}:{number}" for generation, number in ((1, 1), (2, 1), (2, 2))
        ]


def test_nothing_is_mailed_for_a_visit_that_is_no_longer_proposed(
    as_app: Database, as_worker: Database
) -> None:
    with as_app.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, _ = world.holder(session, guest, role="head")
        story = world.story(session, guest, host, opened_by=head)
        world.invitation(session, story)
        submitted = world.submitted(session, story, by=head)
        story.visit.state = "cancelled"
    with as_worker.transaction() as session:
        assert invite(session, [submitted]) == {submitted: {"mails": 0}}
