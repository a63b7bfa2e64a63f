"""Batches on one connection: what changes or fails while mails are on their way."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text

from hub.notifications.sending import SWITCHED_OFF
from tests.workers.delivery.post import Post, deliveries, let_pass
from tests.workers.delivery.sink import Sink, running
from workers.delivery import deliver, due, feed
from workers.delivery.book import Book
from workers.delivery.deliver import deliver_due

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.db.transaction import Database


def test_connection_is_kept_from_batch_to_batch(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "BATCH", 2)
    Post(as_app, as_worker, readers=5)
    assert deliver_due(as_worker, mailing) == 5
    assert (len(sink.messages), sink.connections) == (5, 1)


def test_server_without_pipelining_gets_the_same_mails(
    as_app: Database, as_worker: Database, settings: Settings
) -> None:
    post = Post(as_app, as_worker, readers=3)
    with running(Sink(takes_rows=False)) as sink:
        assert deliver_due(as_worker, dataclasses.replace(settings, smtp_url=sink.url)) == 3
    assert sink.recipients == [reader.email for reader in post.readers]


@pytest.mark.parametrize("takes_rows", [True, False])
def test_database_that_ends_leaves_one_mail_at_most_that_is_not_written_down(
    as_app: Database,
    as_worker: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    takes_rows: bool,  # noqa: FBT001 -- pytest passes it by name
) -> None:
    def end(_connection: object) -> None:
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("workers.delivery.book._result", end)
    Post(as_app, as_worker, readers=3)
    with running(Sink(takes_rows=takes_rows)) as sink:
        with pytest.raises(psycopg.OperationalError):
            deliver_due(as_worker, dataclasses.replace(settings, smtp_url=sink.url))
        assert len(sink.messages) == 1


@pytest.mark.parametrize("takes_rows", [True, False])
def test_refusal_at_the_end_of_a_batch_is_nothing_to_the_next_one(
    as_app: Database,
    as_worker: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    takes_rows: bool,  # noqa: FBT001 -- pytest passes it by name
) -> None:
    monkeypatch.setattr(deliver, "BATCH", 2)
    post = Post(as_app, as_worker, readers=4)
    told = [reader.email for reader in post.readers]
    with running(Sink("450", takes_rows=takes_rows, refused=frozenset(told[1:2]))) as sink:
        deliver_due(as_worker, dataclasses.replace(settings, smtp_url=sink.url))
    assert (sink.recipients, sink.connections) == ([told[0], *told[2:]], 1)
    assert all(mail["Message-ID"] for mail in sink.messages)
    with as_app.transaction() as session:
        found = [(row["state"], row["attempts"]) for row in deliveries(session)]
    assert found == [("sent", 1), ("due", 1), ("sent", 1), ("sent", 1)]


@pytest.mark.parametrize(
    ("change", "state", "reason"),
    [
        ("UPDATE people SET wants_mail = false WHERE id = :person", "skipped", SWITCHED_OFF),
        ("UPDATE deliveries SET attempts = attempts + 1 WHERE person_id = :person", "due", None),
    ],
    ids=["switched off", "claimed by another worker"],
)
def test_what_changes_while_a_batch_goes_out_is_noticed_before_the_turn_comes(
    as_app: Database,
    as_worker: Database,
    as_owner: Database,
    mailing: Settings,
    sink: Sink,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    state: str,
    reason: str | None,
) -> None:
    post = Post(as_app, as_worker, readers=5)
    monkeypatch.setattr(feed, "FRESH_SECONDS", 0.0)
    sent = Book.sent

    def sent_meanwhile(book: Book, claimed: due.Claimed) -> None:
        sent(book, claimed)
        if claimed.person_id == post.readers[0].id:
            with as_owner.transaction() as session:
                session.execute(text(change), {"person": post.readers[4].id})

    monkeypatch.setattr(Book, "sent", sent_meanwhile)
    deliver_due(as_worker, mailing)
    assert sink.recipients == [reader.email for reader in post.readers[:4]]
    with as_app.transaction() as session:
        last = deliveries(session)[-1]
        assert (last["state"], last["reason"]) == (state, reason)


def test_mail_under_way_is_heard_of_though_the_database_fails_meanwhile(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    Post(as_app, as_worker, readers=3)
    asked = iter([None, OSError("the database is away")])

    def tell(_book: Book) -> None:
        error = next(asked, None)
        if error is not None:
            raise error

    monkeypatch.setattr(Book, "tell", tell)
    with pytest.raises(OSError, match="the database is away"):
        deliver_due(as_worker, mailing)
    assert len(sink.messages) == 1
    with as_app.transaction() as session:
        assert [row["state"] for row in deliveries(session)] == ["sent", "due", "due"]


def test_mail_whose_turn_did_not_come_keeps_its_place(
    as_app: Database, as_worker: Database, as_owner: Database
) -> None:
    """Else, where a server takes one mail a connection, what is tried again would always go before it."""
    Post(as_app, as_worker, readers=3)
    with as_worker.transaction() as session:
        claims = due.claim(session, size=10)
    with as_worker.transaction() as session:
        due.fail(session, claims[0], reason="450", is_permanent=False)
        let_pass(as_owner, seconds=due.BACKOFF[0] * 1.3)
    with as_worker.transaction() as session:
        assert due.give_back(session, claims[1:], reason="no turn") == 2
    with as_worker.transaction() as session:
        again = due.claim(session, size=10)
    assert [one.id for one in again] == [claims[1].id, claims[2].id, claims[0].id]
    assert [one.attempts for one in again] == [1, 1, 2]


def test_lost_connection_ends_the_ring_and_the_next_one_goes_on(
    as_app: Database,
    as_worker: Database,
    as_owner: Database,
    mailing: Settings,
    sink: Sink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Post(as_app, as_worker, readers=3)
    sent = Book.sent

    def lose(book: Book, claimed: due.Claimed) -> None:
        sent(book, claimed)
        pooled = book._pooled  # noqa: SLF001 -- nobody but the book has this connection
        assert pooled is not None
        assert pooled.driver_connection is not None
        pooled.driver_connection.close()

    with monkeypatch.context() as patch:
        patch.setattr(Book, "sent", lose)
        with pytest.raises(psycopg.OperationalError):
            deliver_due(as_worker, mailing)
    assert len(sink.messages) == 1, "no text follows one whose end may not be written down"
    let_pass(as_owner, seconds=due.LEASE.total_seconds() + 1)
    deliver_due(as_worker, mailing)
    with as_app.transaction() as session:
        assert {row["state"] for row in deliveries(session)} == {"sent"}
    assert len({message["Message-ID"] for message in sink.messages}) == 3
    assert len(sink.messages) - 3 in {0, 1}
