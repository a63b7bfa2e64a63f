"""A published outcome opens one task per commitment, with reminders on working mornings."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from hub.followups.opening import open_tasks, reminder_slots
from tests.support import world

if TYPE_CHECKING:
    from hub.db.transaction import Database


@pytest.fixture(autouse=True)
def _day_of_the_visit(as_owner: Database) -> None:
    with as_owner.transaction() as session:
        world.travel(session, dt.datetime(2024, 11, 28, 5, tzinfo=dt.UTC))


def test_tasks_stand_with_the_unit_that_promised_and_reminders_in_its_zone(
    as_app: Database, as_worker: Database
) -> None:
    with as_app.transaction() as session:
        guest = world.facility(session, zone="Asia/Jakarta")
        host = world.facility(session, zone="Asia/Jayapura")
        head, head_post = world.holder(session, guest, role="head")
        seat = world.post(session, host)
        pool = world.post(session, host, role="pool", reports_to_id=seat.id)
        story = world.story(session, guest, host, opened_by=head)
        world.commit_to(session, story, [(guest, head_post), (host, pool)], due_on=dt.date(2024, 12, 12))
        event_id = world.published(session, story, by=head)
    with as_worker.transaction() as session:
        assert open_tasks(session, [event_id]) == {event_id: {"tasks": 2, "reminders": 6}}
    with as_worker.transaction() as session:
        assert open_tasks(session, [event_id]) == {event_id: {"tasks": 0, "reminders": 0}}
    with as_app.transaction() as session:
        tasks = session.execute(
            text(
                "SELECT facility_id, owner_post_id, accountable_post_id, due_on, event_id, state"
                " FROM tasks ORDER BY commitment_id"
            )
        ).all()
        due = dt.date(2024, 12, 12)
        assert tasks == [
            (guest.id, head_post.id, head_post.id, due, event_id, "open"),
            (host.id, pool.id, seat.id, due, event_id, "open"),
        ]
        reminders = session.execute(
            text(
                "SELECT t.facility_id, r.kind, r.due_at FROM reminders r JOIN tasks t ON t.id = r.task_id"
                " WHERE r.state = 'planned' ORDER BY t.id, r.due_at"
            )
        ).all()
    assert [(row.kind, row.due_at) for row in reminders if row.facility_id == guest.id] == [
        ("before", dt.datetime(2024, 12, 9, 1, tzinfo=dt.UTC)),
        ("on", dt.datetime(2024, 12, 12, 1, tzinfo=dt.UTC)),
        ("after", dt.datetime(2024, 12, 13, 1, tzinfo=dt.UTC)),
    ]
    assert [row.due_at for row in reminders if row.facility_id == host.id] == [
        dt.datetime(2024, 12, day - 1, 23, tzinfo=dt.UTC) for day in (9, 12, 13)
    ]


def test_reminder_whose_morning_has_passed_is_skipped_with_its_reason(
    as_app: Database, as_worker: Database
) -> None:
    with as_app.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, seat = world.holder(session, guest, role="head")
        story = world.story(session, guest, host, opened_by=head)
        world.commit_to(session, story, [(guest, seat)], due_on=dt.date(2024, 11, 29))
        event_id = world.published(session, story, by=head)
    with as_worker.transaction() as session:
        assert open_tasks(session, [event_id]) == {event_id: {"tasks": 1, "reminders": 2}}
        skipped = session.execute(text("SELECT kind, reason FROM reminders WHERE state = 'skipped'")).all()
    assert skipped == [("before", "its day had passed when the task was opened")]


def test_batch_tells_its_events_apart(as_app: Database, as_worker: Database) -> None:
    with as_app.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, seat = world.holder(session, guest, role="head")
        events = []
        for count in (1, 3):
            story = world.story(session, guest, host, opened_by=head)
            world.commit_to(session, story, [(guest, seat)] * count, due_on=dt.date(2024, 12, 20))
            events.append(world.published(session, story, by=head))
    with as_worker.transaction() as session:
        summaries = open_tasks(session, events)
    assert [summaries[event_id]["tasks"] for event_id in events] == [1, 3]


def test_pool_that_reports_to_nobody_opens_nothing_rather_than_an_unowned_task(
    as_app: Database, as_worker: Database
) -> None:
    with as_app.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, _ = world.holder(session, guest, role="head")
        pool = world.post(session, guest, role="pool")
        story = world.story(session, guest, host, opened_by=head)
        world.commit_to(session, story, [(guest, pool)])
        event_id = world.published(session, story, by=head)
    with pytest.raises(IntegrityError, match="accountable_post_id"), as_worker.transaction() as session:
        open_tasks(session, [event_id])


def test_no_reminder_falls_on_a_holiday() -> None:
    # 25 and 26 December 2024 are Christmas and its joint leave.
    assert reminder_slots(dt.date(2024, 12, 24)) == (
        ("before", dt.date(2024, 12, 19)),
        ("on", dt.date(2024, 12, 24)),
        ("after", dt.date(2024, 12, 27)),
    )
