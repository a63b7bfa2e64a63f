"""A mail may go out twice after a crash, never fewer than once, and always with the same Message-ID."""

from __future__ import annotations

import dataclasses
import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.notifications.telling import tell
from tests.support import world as rows
from tests.support.fleet import Fleet, wait_until
from tests.support.ledger import let_leases_end
from tests.workers.delivery.sink import Sink, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from hub.db.transaction import Database

READERS = 5


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Yield a mail server."""
    with running(Sink()) as made:
        yield made


@pytest.fixture
def mail_fleet(settings: Settings, sink: Sink) -> Iterator[Fleet]:
    """Yield a fleet that sends its mail there."""
    with Fleet(dataclasses.replace(settings, smtp_url=sink.url)) as started:
        yield started


def plan_mails(as_app: Database, as_worker: Database) -> None:
    """Tell an event to five people who want mails."""
    with as_app.transaction() as session:
        guest, host = rows.facility(session), rows.facility(session)
        head, _ = rows.holder(session, guest, role="head")
        for _ in range(READERS):
            rows.grant(session, rows.person(session), "overseer")
        event_id = rows.submitted(session, rows.story(session, guest, host, opened_by=head), by=head)
    with as_worker.transaction() as session:
        assert tell(session, [event_id])[event_id]["mails"] == READERS


def states(database: Database) -> Counter[str]:
    with database.transaction() as session:
        return Counter(session.execute(text("SELECT state FROM deliveries")).scalars())


@pytest.mark.parametrize(
    ("point", "again"), [("before_send", {0, 1}), ("after_send", {1}), ("after_settle", {0, 1})]
)
def test_worker_killed_while_sending_sends_the_rest_and_repeats_at_most_one(
    mail_fleet: Fleet,
    sink: Sink,
    as_app: Database,
    as_worker: Database,
    as_owner: Database,
    point: str,
    again: set[int],
) -> None:
    """Where one mail is written while another is on its way, that other one may be sent again."""
    doomed = mail_fleet.worker("mail", HUB_CRASH_AT=f"{point}:4")
    mail_fleet.relay()
    plan_mails(as_app, as_worker)
    assert doomed.wait_for_end() == -9
    assert 0 < states(as_owner)["due"] < READERS, "work was in flight"

    let_leases_end(as_owner)
    mail_fleet.worker("mail")
    wait_until(lambda: states(as_owner) == {"sent": READERS}, "every mail is sent")
    assert len(sink.messages) - READERS in again
    assert len({message["Message-ID"] for message in sink.messages}) == READERS
    assert len(set(sink.recipients)) == READERS


def test_paused_worker_that_wakes_late_settles_nothing(
    mail_fleet: Fleet, sink: Sink, as_app: Database, as_worker: Database, as_owner: Database
) -> None:
    sleeper = mail_fleet.worker("mail", HUB_CRASH_AT="after_send:1:STOP")
    mail_fleet.relay()
    plan_mails(as_app, as_worker)
    wait_until(lambda: sleeper.is_stopped, "the worker sleeps with mails in its hand")
    assert states(as_owner) == {"due": READERS}, "work was in flight"

    let_leases_end(as_owner)
    mail_fleet.worker("mail")
    wait_until(lambda: states(as_owner) == {"sent": READERS}, "another worker sends them all")
    with as_owner.transaction() as session:
        settled = session.execute(text("SELECT id, attempts, settled_at FROM deliveries ORDER BY id")).all()
    sleeper.send(signal.SIGCONT)
    wait_until(lambda: sleeper.answered("deliver"), "the sleeper has finished its ring")
    with as_owner.transaction() as session:
        after = session.execute(text("SELECT id, attempts, settled_at FROM deliveries ORDER BY id")).all()
    assert after == settled
    assert len({message["Message-ID"] for message in sink.messages}) == READERS
