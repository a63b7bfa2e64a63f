"""A partner record says what its sources say, whatever the order, number and company of its events."""

from __future__ import annotations

import datetime as dt
import random
import threading
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from hub.clock import now
from hub.collaborations.models import Party
from hub.followups.events import TaskClosed
from hub.followups.opening import open_tasks
from hub.messaging.append import append
from hub.partners.rebuilding import rebuild
from hub.partners.records import record
from tests.support import world

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.accounts.models import Person
    from hub.db.transaction import Database

Rows = list[dict[str, Any]]


def records(session: Session) -> Rows:
    rows = session.execute(text("SELECT * FROM partner_records ORDER BY facility_id, partner_id"))
    return [dict(row) for row in rows.mappings()]


def timeline(session: Session) -> Rows:
    query = "SELECT * FROM partner_timeline ORDER BY facility_id, partner_id, event_id"
    return [dict(row) for row in session.execute(text(query)).mappings()]


def close_task(session: Session, task_id: int, *, by: Person) -> uuid.UUID:
    row = session.execute(
        text(
            "UPDATE tasks SET state = 'closed', closed_at = hub_now(), closing_note = 'Selesai'"
            " WHERE id = :id RETURNING collaboration_id, facility_id"
        ),
        {"id": task_id},
    ).one()
    event = TaskClosed(collaboration_id=row.collaboration_id, task_id=task_id, facility_id=row.facility_id)
    return append(session, event, actor=world.acting(by))


class Past:
    """Three units with two collaborations behind them: one concluded, one only proposed."""

    def __init__(self, as_app: Database, as_worker: Database) -> None:
        self.events: list[uuid.UUID] = []
        with as_app.transaction() as session:
            self.guest = world.facility(session, kind="rutan", zone="Asia/Jakarta")
            self.host = world.facility(session, zone="Asia/Jayapura")
            self.third = world.facility(session)
            self.head, self.seat = world.holder(session, self.guest, role="head")
            host_head, host_seat = world.holder(session, self.host, role="head")
            self.story = world.story(
                session,
                self.guest,
                self.host,
                opened_by=self.head,
                themes=("rehabilitation", "farming"),
            )
            self.events.append(world.submitted(session, self.story, by=self.head))
            self.events.append(world.held(session, self.story, by=self.head))
            promises = [(self.guest, self.seat), (self.guest, self.seat), (self.host, host_seat)]
            world.commit_to(session, self.story, promises, theme="training")
            published = world.published(session, self.story, by=host_head, commitments=3)
            self.events.append(published)
        with as_worker.transaction() as session:
            open_tasks(session, [published])
        with as_app.transaction() as session:
            first = session.execute(text("SELECT min(id) FROM tasks")).scalar_one()
            self.events.append(close_task(session, first, by=self.head))
            self.other = world.story(
                session, self.third, self.guest, opened_by=self.head, themes=("rehabilitation",)
            )
            self.events.append(world.submitted(session, self.other, by=self.head))

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Both directions of both collaborations."""
        both = [(self.guest.id, self.host.id), (self.third.id, self.guest.id)]
        return sorted(both + [(partner, unit) for unit, partner in both])


def test_record_stands_in_both_directions_with_what_each_side_knows(
    as_app: Database, as_worker: Database
) -> None:
    past = Past(as_app, as_worker)
    with as_worker.transaction() as session:
        summaries = record(session, past.events)
    assert all(summary == {"records": 2} for summary in summaries.values())
    with as_app.transaction() as session:
        found = {(row["facility_id"], row["partner_id"]): row for row in records(session)}
        moment = now(session)
    assert sorted(found) == past.pairs
    guest = found[past.guest.id, past.host.id]
    jakarta, jayapura = (moment + dt.timedelta(hours=hours) for hours in (7, 9))
    assert guest == {
        "facility_id": past.guest.id,
        "partner_id": past.host.id,
        "first_contact_on": jakarta.date(),
        "last_contact_on": jakarta.date(),
        "collaborations": 1,
        "visits_made": 1,
        "visits_hosted": 0,
        "themes": ["farming", "rehabilitation", "training"],
        "open_follow_ups": 2,
        "closed_follow_ups": 1,
    }
    mirrored = {
        "facility_id": past.host.id,
        "partner_id": past.guest.id,
        "first_contact_on": jayapura.date(),
        "last_contact_on": jayapura.date(),
        "visits_made": 0,
        "visits_hosted": 1,
    }
    assert found[past.host.id, past.guest.id] == guest | mirrored
    assert found[past.third.id, past.guest.id]["visits_made"] == 0
    assert found[past.third.id, past.guest.id]["open_follow_ups"] == 0


def test_open_follow_ups_are_right_before_their_tasks_are_opened(
    as_app: Database, as_worker: Database
) -> None:
    with as_app.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, seat = world.holder(session, guest, role="head")
        story = world.story(session, guest, host, opened_by=head)
        world.commit_to(session, story, [(guest, seat), (guest, seat)], due_on=None)
        held = world.held(session, story, by=head)
    with as_worker.transaction() as session:
        record(session, [held])
        assert {row["open_follow_ups"] for row in records(session)} == {0}, "a draft promises nothing"
    with as_app.transaction() as session:
        session.add(story.visit)
        published = world.published(session, story, by=head)
    with as_worker.transaction() as session:
        record(session, [published])
        before = records(session)
        assert {row["open_follow_ups"] for row in before} == {2}
    with as_app.transaction() as session:
        session.execute(text("UPDATE commitments SET due_on = '2027-03-01'"))
    with as_worker.transaction() as session:
        open_tasks(session, [published])
        record(session, [published])
        assert records(session) == before


def test_draft_leaves_no_record_and_only_host_pairs_are_kept(as_app: Database, as_worker: Database) -> None:
    with as_app.transaction() as session:
        host, *guests = (world.facility(session) for _ in range(4))
        head, _ = world.holder(session, guests[0], role="head")
        world.story(session, guests[0], host, opened_by=head, submitted=False)
        story = world.story(session, guests[0], host, opened_by=head)
        session.add_all(
            Party(collaboration_id=story.collaboration.id, facility_id=guest.id, role="partner")
            for guest in guests[1:]
        )
        event_id = world.submitted(session, story, by=head)
    with as_worker.transaction() as session:
        assert record(session, [event_id]) == {event_id: {"records": 6}}
        found = records(session)
    assert {(row["facility_id"], row["partner_id"]) for row in found} == {
        pair for guest in guests for pair in ((host.id, guest.id), (guest.id, host.id))
    }
    assert {row["collaborations"] for row in found} == {1}


def test_any_order_and_any_repeats_give_the_same_rows_as_a_rebuild(
    as_app: Database, as_worker: Database
) -> None:
    past = Past(as_app, as_worker)
    with as_worker.transaction() as session:
        record(session, past.events)
        expected = records(session), timeline(session)
        assert rebuild(session, dry_run=True).is_clean

    @hypothesis_settings(
        max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.permutations(past.events), st.lists(st.sampled_from(past.events), max_size=4), st.data())
    def check(order: list[uuid.UUID], repeats: list[uuid.UUID], data: st.DataObject) -> None:
        todo = [*order, *repeats]
        with as_worker.transaction() as session:
            session.execute(text("DELETE FROM partner_timeline"))
            session.execute(text("DELETE FROM partner_records"))
        while todo:
            size = data.draw(st.integers(1, len(todo)))
            with as_worker.transaction() as session:
                record(session, todo[:size])
            del todo[:size]
        with as_worker.transaction() as session:
            assert (records(session), timeline(session)) == expected

    check()


def test_records_written_at_the_same_time_equal_those_written_one_by_one(
    as_app: Database, as_worker: Database
) -> None:
    past = Past(as_app, as_worker)
    with as_app.transaction() as session:
        for _ in range(15):
            guest, host = random.sample([past.guest, past.host, past.third], 2)
            story = world.story(session, guest, host, opened_by=past.head)
            past.events.append(world.submitted(session, story, by=past.head))
            past.events.append(world.held(session, story, by=past.head))
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def drain(events: list[uuid.UUID]) -> None:
        start.wait()
        try:
            for position in range(0, len(events), 2):
                with as_worker.transaction() as session:
                    record(session, events[position : position + 2])
        except BaseException as error:  # noqa: BLE001 -- shown by the assertion below
            failures.append(error)

    random.shuffle(past.events)
    threads = [threading.Thread(target=drain, args=(past.events[lane::4],)) for lane in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with as_worker.transaction() as session:
        assert rebuild(session, dry_run=True).is_clean
        assert len(records(session)) > 0


def test_late_drain_cannot_overwrite_what_a_newer_one_wrote(as_app: Database, as_worker: Database) -> None:
    past = Past(as_app, as_worker)
    with as_worker.transaction() as session:
        record(session, past.events)
    with as_app.transaction() as session:
        story = world.story(session, past.guest, past.host, opened_by=past.head)
        newer = world.submitted(session, story, by=past.head)
    finished = threading.Event()

    def replay_an_old_event() -> None:
        with as_worker.transaction() as session:
            record(session, past.events[:1])
        finished.set()

    with as_worker.transaction() as session:
        record(session, [newer])
        other = threading.Thread(target=replay_an_old_event)
        other.start()
        assert not finished.wait(0.3), "it must wait for the pair's row"
    other.join()
    with as_worker.transaction() as session:
        assert rebuild(session, dry_run=True).is_clean


@pytest.mark.parametrize("dry_run", [True, False])
def test_rebuild_reports_and_mends_what_is_wrong(
    *, dry_run: bool, as_app: Database, as_worker: Database
) -> None:
    past = Past(as_app, as_worker)
    with as_worker.transaction() as session:
        record(session, past.events)
        right = records(session), timeline(session)
        session.execute(
            text("UPDATE partner_records SET collaborations = 9 WHERE facility_id = :id"),
            {"id": past.host.id},
        )
        session.execute(text("DELETE FROM partner_records WHERE facility_id = :id"), {"id": past.third.id})
        session.execute(text("DELETE FROM partner_timeline WHERE event_id = :id"), {"id": past.events[0]})
        session.execute(
            text(
                "INSERT INTO partner_timeline SELECT :third, :host, event_id, collaboration_id, occurred_at"
                " FROM partner_timeline LIMIT 1"
            ),
            {"third": past.third.id, "host": past.host.id},
        )
        session.execute(
            text("INSERT INTO partner_records (facility_id, partner_id) VALUES (:third, :host)"),
            {"third": past.third.id, "host": past.host.id},
        )
        wrong = records(session), timeline(session)
    with as_worker.transaction() as session:
        rebuilt = rebuild(session, dry_run=dry_run)
    assert {(d.facility_id, d.partner_id, d.field) for d in rebuilt.differences} == {
        (past.host.id, past.guest.id, "collaborations"),
        (past.third.id, past.guest.id, None),
        (past.third.id, past.host.id, None),
    }
    assert (rebuilt.timeline_added, rebuilt.timeline_removed) == (2, 1)
    with as_worker.transaction() as session:
        assert (records(session), timeline(session)) == (wrong if dry_run else right)
