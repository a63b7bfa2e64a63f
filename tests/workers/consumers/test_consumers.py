"""Every consumer answers a batch with a summary for each event, and a repeat changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.messaging.subscriptions import SUBSCRIPTIONS
from tests.support import world
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.db.transaction import Database

TABLES = ("notifications", "deliveries", "tasks", "reminders", "partner_records", "partner_timeline")


def rows(session: Session) -> dict[str, list[str]]:
    """Return every row of the tables that consumers write."""
    return {
        table: sorted(session.execute(text(f"SELECT CAST(t AS text) FROM {table} t")).scalars())  # noqa: S608
        for table in TABLES
    }


@pytest.mark.parametrize("order", [1, -1])
def test_repeats_and_any_order_of_consumers_change_nothing(
    as_app: Database, as_worker: Database, order: int
) -> None:
    with as_app.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, seat = world.holder(session, guest, role="head")
        world.holder(session, host, role="head")
        story = world.story(session, guest, host, opened_by=head)
        world.invitation(session, story)
        world.commit_to(session, story, [(guest, seat)])
        submitted = world.submitted(session, story, by=head)
    with as_worker.transaction() as session:
        for consumer in SUBSCRIPTIONS["proposal.submitted"][::order]:
            assert set(LANES[consumer](session, [submitted])) == {submitted}
    with as_app.transaction() as session:
        session.add(story.visit)
        published = world.published(session, story, by=head)
    answers = SUBSCRIPTIONS["outcome.published"][::order]
    with as_worker.transaction() as session:
        first = {consumer: LANES[consumer](session, [published]) for consumer in answers}
        written = rows(session)
    assert first == {
        "notify": {published: {"notices": 1, "mails": 1}},
        "open-tasks": {published: {"tasks": 1, "reminders": 3}},
        "partner-record": {published: {"records": 2}},
    }
    with as_worker.transaction() as session:
        for name, react in LANES.items():
            events = [submitted, published]
            summaries = react(session, [one for one in events if name in _answered_by(session, one)])
            assert all(set(summary.values()) <= {0, 2} for summary in summaries.values())
        assert rows(session) == written


def _answered_by(session: Session, event_id: object) -> tuple[str, ...]:
    name = session.execute(text("SELECT type FROM events WHERE id = :id"), {"id": event_id}).scalar_one()
    return SUBSCRIPTIONS[name]


def test_consumers_of_nothing_do_nothing(as_worker: Database) -> None:
    with as_worker.transaction() as session:
        assert all(react(session, []) == {} for react in LANES.values())
