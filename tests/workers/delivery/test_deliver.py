"""Due mails go out once, come again when the server falters, and end in a named state."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.clock import now
from hub.notifications.sending import ABANDONED, INACTIVE, LINK_STATES, MOVED, NEWER_ARRANGEMENT, SWITCHED_OFF
from hub.texts.links import LinkKeys
from hub.visits.models import Answer
from tests.support import world
from tests.workers.delivery.post import Post, deliveries, let_pass
from tests.workers.delivery.sink import Sink, running
from workers.delivery import due
from workers.delivery.book import Book
from workers.delivery.deliver import Limits, deliver_due
from workers.delivery.transports import mail

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.db.transaction import Database


def test_each_reader_gets_one_mail_in_their_language_on_one_connection(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink
) -> None:
    post = Post(as_app, as_worker, readers=3)
    with as_app.transaction() as session:
        session.execute(
            text("UPDATE people SET locale = 'en', iana_zone = 'Asia/Jayapura' WHERE id = :id"),
            {"id": post.readers[0].id},
        )
    assert deliver_due(as_worker, mailing) == 3
    assert deliver_due(as_worker, mailing) == 0
    assert sink.recipients == [reader.email for reader in post.readers]
    assert sink.connections == 1
    english, indonesian, _ = sink.messages
    assert str(english["Subject"]).endswith(f"Visit proposed: {post.story.collaboration.title}")
    assert "mengajukan" in indonesian.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    body = english.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "WITA (" in body
    assert "WIT)" in body
    assert english["Auto-Submitted"] == "auto-generated"
    assert english["Content-Language"] == "en"
    assert f"/collaborations/{post.story.collaboration.id}" in body
    assert len({message["Message-ID"] for message in sink.messages}) == 3
    with as_app.transaction() as session:
        assert {(row["state"], row["attempts"]) for row in deliveries(session)} == {("sent", 1)}


def test_invitation_carries_the_link_that_the_hub_will_believe(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink
) -> None:
    post = Post(as_app, as_worker, readers=0)
    invitation_id = post.ask(as_app, as_worker)
    assert deliver_due(as_worker, mailing) == 1
    (message,) = sink.messages
    plain = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    (link,) = (line for line in plain.splitlines() if line.startswith(mailing.base_url))
    token = link.removeprefix(f"{mailing.base_url}/invitations/")
    keys = LinkKeys(mailing.secret_keys)
    parsed = keys.read("invitation", token)
    assert parsed.number == invitation_id
    assert keys.verify(parsed, "invitation", post.invitation.address)
    assert link in message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "WITA" in plain


def test_invitation_planned_late_asks_for_the_current_arrangement(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink
) -> None:
    post = Post(as_app, as_worker, readers=0)
    with as_app.transaction() as session:
        session.add(post.story.visit)
        moment = dt.datetime(2031, 3, 5, 1, tzinfo=dt.UTC)
        world.arrange(session, post.story.visit, post.host, number=2, starts_at=moment, owner=None)
    post.ask(as_app, as_worker)
    assert deliver_due(as_worker, mailing) == 1
    assert "5 Maret 2031 pukul 09.00–12.00 WITA" in sink.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_hostile_names_make_no_headers(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink
) -> None:
    post = Post(as_app, as_worker, readers=1)
    with as_app.transaction() as session:
        hostile = "Budi =?UTF-8?Q?=0A?=Bcc: x@evil.test <b>"
        session.execute(text("UPDATE collaborations SET title = :title"), {"title": hostile})
        session.execute(text("UPDATE people SET name = :name"), {"name": hostile})
    deliver_due(as_worker, mailing)
    (message,) = sink.messages
    assert message["Bcc"] is None
    assert sink.recipients == [post.readers[0].email]
    assert "<b>" not in message.get_body(("html",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE people SET is_active = false WHERE id = :id", INACTIVE),
        ("UPDATE people SET wants_mail = false WHERE id = :id", SWITCHED_OFF),
        ("UPDATE people SET email = 'lain@lapas.test' WHERE id = :id", MOVED),
    ],
)
def test_notice_is_skipped_when_its_reader_changed_meanwhile(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink, change: str, reason: str
) -> None:
    post = Post(as_app, as_worker, readers=1)
    with as_app.transaction() as session:
        session.execute(text(change), {"id": post.readers[0].id})
    assert deliver_due(as_worker, mailing) == 1
    assert sink.messages == []
    with as_app.transaction() as session:
        (row,) = deliveries(session)
        assert (row["state"], row["reason"]) == ("skipped", reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE invitations SET revoked_at = hub_now()", LINK_STATES["revoked"]),
        ("UPDATE invitations SET generation = 2", LINK_STATES["replaced"]),
        ("UPDATE invitations SET respond_by = hub_now()", LINK_STATES["expired"]),
        ("UPDATE visits SET state = 'cancelled'", LINK_STATES["ended"]),
        ("answer", LINK_STATES["answered"]),
        ("rearrange", NEWER_ARRANGEMENT),
    ],
)
def test_invitation_is_skipped_when_its_link_opens_nothing_any_more(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink, change: str, reason: str
) -> None:
    post = Post(as_app, as_worker, readers=0)
    invitation_id = post.ask(as_app, as_worker)
    with as_app.transaction() as session:
        if change == "answer":
            session.add(
                Answer(
                    invitation_id=invitation_id,
                    visit_id=post.story.visit.id,
                    number=1,
                    verdict="accepted",
                    door="person",
                    answered_by="Kalapas",
                )
            )
        elif change == "rearrange":
            session.add(post.story.visit)
            world.arrange(session, post.story.visit, post.host, number=2, starts_at=now(session), owner=None)
        else:
            session.execute(text(change))
    assert deliver_due(as_worker, mailing) == 1
    assert sink.messages == []
    with as_app.transaction() as session:
        (row,) = deliveries(session)
        assert (row["state"], row["reason"]) == ("skipped", reason)


def test_refusal_for_good_ends_as_failed_and_leaves_the_others_alone(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink
) -> None:
    post = Post(as_app, as_worker, readers=3)
    sink.mode, sink.refused = "550", frozenset({post.readers[1].email})
    assert deliver_due(as_worker, mailing) == 3
    with as_app.transaction() as session:
        rows = deliveries(session)
    assert [row["state"] for row in rows] == ["sent", "failed", "sent"]
    assert rows[1]["reason"] == "the mail server answered 550 5.1.1 no such mailbox"


def test_refusal_for_now_is_tried_six_times_ever_later(
    as_app: Database, as_worker: Database, as_owner: Database, mailing: Settings, sink: Sink
) -> None:
    Post(as_app, as_worker, readers=1)
    sink.mode = "450"
    waits: list[float] = []
    for _ in range(5):
        assert deliver_due(as_worker, mailing) == 0
        with as_app.transaction() as session:
            (row,) = deliveries(session)
            assert row["state"] == "due"
            waits.append((row["due_at"] - now(session)).total_seconds())
        let_pass(as_owner, seconds=waits[-1] + 1)
    assert all(
        0.8 * nominal - 2 <= wait <= 1.2 * nominal for wait, nominal in zip(waits, due.BACKOFF, strict=True)
    )
    assert deliver_due(as_worker, mailing) == 1
    with as_app.transaction() as session:
        (row,) = deliveries(session)
        assert (row["state"], row["attempts"]) == ("failed", 6)
        assert "450" in row["reason"]


def test_unreachable_server_costs_no_attempt_and_everything_goes_out_afterwards(
    as_app: Database,
    as_worker: Database,
    as_owner: Database,
    settings: Settings,
    mailing: Settings,
    sink: Sink,
) -> None:
    Post(as_app, as_worker, readers=2)
    for _ in range(10):
        assert deliver_due(as_worker, settings) == 0
        let_pass(as_owner, seconds=31)
    with as_app.transaction() as session:
        rows = deliveries(session)
        assert {(row["state"], row["attempts"]) for row in rows} == {("due", 0)}
        assert all("cannot be used" in row["reason"] for row in rows)
    assert deliver_due(as_worker, mailing) == 2
    assert len(sink.messages) == 2


def test_server_that_hangs_up_after_taking_the_mail_gets_the_same_message_id_again(
    as_app: Database, as_worker: Database, as_owner: Database, mailing: Settings, sink: Sink
) -> None:
    Post(as_app, as_worker, readers=3)
    sink.mode = "hang-up"
    assert deliver_due(as_worker, mailing) == 0
    first = {message["X-To"]: message["Message-ID"] for message in sink.messages}
    assert len(first) == 3, "one that hung up must not keep the next from its own connection"
    sink.mode = "take"
    let_pass(as_owner, seconds=900)
    assert deliver_due(as_worker, mailing) == 3
    assert {message["X-To"]: message["Message-ID"] for message in sink.messages[3:]} == first


def test_dripping_server_is_cut_off_in_time(
    as_app: Database, as_worker: Database, settings: Settings
) -> None:
    Post(as_app, as_worker, readers=1)
    with running(Sink(mode="drip")) as sink:
        mailing = dataclasses.replace(settings, smtp_url=sink.url)
        began = time.monotonic()
        assert deliver_due(as_worker, mailing, Limits(connection_seconds=0.5)) == 0
        assert time.monotonic() - began < 3
    with as_app.transaction() as session:
        (row,) = deliveries(session)
        assert (row["state"], row["attempts"]) == ("due", 0)


def test_silent_server_lets_everything_wait_after_two_messages(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "READ_SECONDS", 0.2)
    Post(as_app, as_worker, readers=4)
    sink.mode = "silent"
    assert deliver_due(as_worker, mailing) == 0
    with as_app.transaction() as session:
        rows = deliveries(session)
        assert [row["attempts"] for row in rows] == [1, 1, 0, 0], "whose turn did not come spends no attempt"
        assert all(row["due_at"] > now(session) for row in rows), "the last two wait with the others"
    assert sink.connections == 2


def test_server_that_takes_a_messages_whole_time_ends_the_ring(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink
) -> None:
    Post(as_app, as_worker, readers=3)
    sink.mode = "silent"
    began = time.monotonic()
    assert deliver_due(as_worker, mailing, Limits(connection_seconds=0.5)) == 0
    assert time.monotonic() - began < 3
    with as_app.transaction() as session:
        rows = deliveries(session)
        assert "did not finish" in rows[0]["reason"]
        assert all(row["due_at"] > now(session) for row in rows)
    assert sink.connections == 1


@pytest.mark.parametrize("mode", ["421", "endless"])
def test_server_that_gives_up_in_the_middle_has_refused_nothing(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink, mode: str
) -> None:
    Post(as_app, as_worker, readers=2)
    sink.mode = mode
    assert deliver_due(as_worker, mailing) == 0
    with as_app.transaction() as session:
        assert [(row["state"], row["attempts"]) for row in deliveries(session)] == [("due", 1)] * 2
    assert sink.connections == 2, "each on its own connection"


def test_stale_claim_settles_nothing(as_app: Database, as_worker: Database, as_owner: Database) -> None:
    Post(as_app, as_worker, readers=1)
    with as_worker.transaction() as session:
        (stale,) = due.claim(session, size=10)
    with as_worker.transaction() as session:
        assert due.claim(session, size=10) == [], "it is leased"
    let_pass(as_owner, seconds=due.LEASE.total_seconds() + 1)
    with as_worker.transaction() as session:
        (fresh,) = due.claim(session, size=10)
        assert fresh.attempts == stale.attempts + 1
    with as_worker.transaction() as session:
        assert not due.settle(session, stale, state="sent")
        assert not due.fail(session, stale, reason="late", is_permanent=True)
        assert due.settle(session, fresh, state="sent")


def test_message_that_ends_its_process_is_claimed_alone_and_ends_as_failed(
    as_app: Database, as_worker: Database, as_owner: Database
) -> None:
    Post(as_app, as_worker, readers=3)
    beyond_lease = due.LEASE.total_seconds() + 1
    with as_worker.transaction() as session:
        assert len(due.claim(session, size=10)) == 3
    let_pass(as_owner, seconds=beyond_lease)
    killer: due.Claimed | None = None
    while True:
        with as_worker.transaction() as session:
            claims = due.claim(session, size=10)
        if not claims:
            break
        (claimed,) = claims
        killer = killer or claimed
        if claimed.id != killer.id:
            with as_worker.transaction() as session:
                due.settle(session, claimed, state="sent")
        else:
            let_pass(as_owner, seconds=beyond_lease)
    with as_app.transaction() as session:
        rows = deliveries(session)
        assert sorted((row["state"], row["attempts"]) for row in rows) == [
            ("failed", 6),
            ("sent", 2),
            ("sent", 2),
        ]
        assert next(row["reason"] for row in rows if row["state"] == "failed") == ABANDONED


def test_worker_that_died_after_sending_sends_the_same_mail_again(
    as_app: Database,
    as_worker: Database,
    as_owner: Database,
    mailing: Settings,
    sink: Sink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Post(as_app, as_worker, readers=1)

    class Killed(BaseException):
        """The process ends here."""

    def die(*_arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Book, "sent", die)
        with pytest.raises(Killed):
            deliver_due(as_worker, mailing)
    let_pass(as_owner, seconds=due.LEASE.total_seconds() + 1)
    assert deliver_due(as_worker, mailing) == 1
    first, second = sink.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_mail_that_cannot_be_written_keeps_nobody_waiting(
    as_app: Database, as_worker: Database, mailing: Settings, sink: Sink
) -> None:
    post = Post(as_app, as_worker, readers=2)
    with as_app.transaction() as session:
        session.execute(
            text(
                "UPDATE deliveries SET occurrence = 'invitation:odd', invitation_id = :id"
                " WHERE person_id = :who"
            ),
            {"id": world.invitation(session, post.story).id, "who": post.readers[0].id},
        )
    assert deliver_due(as_worker, mailing) == 1
    assert sink.recipients == [post.readers[1].email]
    with as_app.transaction() as session:
        odd, _ = deliveries(session)
        assert odd["state"] == "due"
        assert "could not be prepared" in odd["reason"]
