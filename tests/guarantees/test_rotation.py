"""A head rotates on a Friday; on Monday the successor finds every promise, and nothing is lost."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from hub.db.transaction import Database
from tests.hub.visits.stage import WIB, accepting, set_stage
from tests.support.client import HubClient
from tests.workers.delivery.sink import Sink, running
from workers.delivery.deliver import deliver_due
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from tests.hub.visits.stage import Stage

FRIDAY = dt.datetime(2024, 11, 29, 15, 0, tzinfo=WIB)
SUNDAY = dt.datetime(2024, 12, 1, 23, 59, tzinfo=WIB)
MONDAY = dt.datetime(2024, 12, 2, 7, 30, tzinfo=WIB)
SUCCESSOR = "tari@example.id"
PROMISE = "Mengirim modul"


@pytest.fixture
def stage(settings: Settings) -> Iterator[Stage]:
    """Yield a hub with the cast, before the visit."""
    made = set_stage(settings)
    yield made
    for database in (made.owner, made.rows, made.app.database):
        database.dispose()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Yield a mail server."""
    with running(Sink()) as made:
        yield made


@dataclasses.dataclass
class Work:
    """What the workers do between two scenes."""

    stage: Stage
    database: Database
    settings: Settings
    sink: Sink

    def go_on(self) -> None:
        """React to what is due and send what is to be sent."""
        drain(self.database, LANES)
        while deliver_due(self.database, self.settings):
            pass

    def letters(self, address: str, words: str) -> list[str]:
        """Return the texts of the mails to an address that have these words in their subject."""
        return [
            message.get_body(("plain",)).get_content()  # type: ignore[union-attr] # every mail has one
            for message in self.sink.messages
            if message["X-To"] == address and words in str(message["Subject"])
        ]


@pytest.fixture
def work(stage: Stage, settings: Settings, sink: Sink) -> Iterator[Work]:
    """Yield the workers."""
    database = Database.connect(settings, "worker", pool_size=2)
    yield Work(stage, database, dataclasses.replace(settings, smtp_url=sink.url), sink)
    database.dispose()


def owe(stage: Stage) -> dict[str, Any]:
    """Let the host's head owe all there is to owe: a task, an answer and an agreed visit."""
    cast = stage.cast
    visit = stage.held()
    guest, host = stage.client(cast.guest_head), stage.client(cast.host_head)
    outcome = stage.outcome()
    outcome["themes"][0]["commitments"][1]["owner_post_id"] = cast.host_head.post_id
    written = guest.put(f"visits/{visit['id']}/outcome", outcome, version=visit["version"])
    assert written.status_code == 200, written.json
    assert guest.post(f"visits/{visit['id']}/outcome/publish").status_code == 200
    times = {"starts_at": "2024-12-19T09:00", "ends_at": "2024-12-19T12:00"}
    asked = stage.submit(title="Studi tiru kedua", **times)
    agreed = stage.submit(title="Studi tiru ketiga", **times)
    answer = host.post(f"invitations/{agreed['invitation_id']}/answer", {"number": 1, "verdict": "accepted"})
    assert answer.status_code == 200, answer.json
    return {"invitation_id": asked["invitation_id"], "link": stage.path(asked["invitation_id"])}


def reminders(stage: Stage, task_id: int) -> list[Any]:
    """Return what is planned for a task."""
    with stage.owner.transaction() as session:
        rows = text("SELECT kind, due_at, state FROM reminders WHERE task_id = :id ORDER BY due_at")
        return list(session.execute(rows, {"id": task_id}).all())


def sign_in_anew(stage: Stage) -> HubClient:
    """Return a client of the successor, who has set a password."""
    with stage.owner.transaction() as session:
        session.execute(
            text(
                "UPDATE people SET password_hash = (SELECT password_hash FROM people WHERE id = :id)"
                " WHERE email = :email"
            ),
            {"id": stage.cast.host_head.id, "email": SUCCESSOR},
        )
    return HubClient(stage.app).signed_in(SUCCESSOR)


def test_on_monday_the_successor_finds_every_promise(stage: Stage, work: Work) -> None:
    cast = stage.cast
    owed = owe(stage)
    work.go_on()
    former = stage.client(cast.host_head)
    (task,) = [one for one in former.get("tasks").json["items"] if one["title"] == PROMISE]
    planned = reminders(stage, task["id"])
    assert {state for _, _, state in planned} == {"planned"}
    stage.travel(FRIDAY)
    form = {"email": SUCCESSOR, "name": "Tari Lestari", "starts_on": "2024-12-02", "letter_no": "WP.9-1"}
    handed = stage.client(cast.overseer).post_form(f"/posts/{cast.host_head.post_id}/hand-over", form)
    assert handed.status_code == 303, handed.get_data(as_text=True)

    # The successor and the head of the day have it in writing: from when, and how much there is.
    work.go_on()
    (letter,) = work.letters(SUCCESSOR, "Kalapas")
    for words in ("Senin, 2 Desember 2024", "1 tugas", "1 undangan", "2 kunjungan"):
        assert words in letter, words
    takeover = f"/posts/{cast.host_head.post_id}/takeover"
    assert takeover in letter
    assert len(work.letters(cast.host_head.email, "Kalapas")) == 1
    # Once: a reaction that is done again tells nobody twice.
    with stage.owner.transaction() as session:
        session.execute(
            text(
                "UPDATE reactions SET state = 'due', done_at = NULL, attempts = 0, due_at = hub_now()"
                " WHERE event_id IN (SELECT id FROM events WHERE type = 'post.handed_over')"
            )
        )
    work.go_on()
    assert len(work.letters(SUCCESSOR, "Kalapas")) == 1
    told = "event_id IN (SELECT id FROM events WHERE type = 'post.handed_over')"
    assert stage.count("notifications", told) == 2

    # Until Sunday night nothing of it is the successor's.
    stage.travel(SUNDAY)
    assert PROMISE not in sign_in_anew(stage).get(takeover).get_data(as_text=True)

    stage.travel(MONDAY)
    successor, before = sign_in_anew(stage), stage.client(cast.host_head)
    inbox = successor.get("/inbox").get_data(as_text=True)
    assert f'href="{takeover}"' in inbox
    page = successor.get(takeover).get_data(as_text=True)
    for words in (PROMISE, "Studi tiru kedua", "Studi tiru ketiga"):
        assert words in page, words
    assert PROMISE in successor.get("/tasks?scope=mine").get_data(as_text=True)
    assert [one["id"] for one in successor.get("tasks").json["items"]] == [task["id"]]  # type: ignore[index]
    assert reminders(stage, task["id"]) == planned
    assert before.get("tasks").json["items"] == []
    assert before.get(f"tasks/{task['id']}").status_code == 404

    # Both doors are the post's: the link in the unit's mailbox, and the page of who holds the post.
    assert HubClient(stage.app).get(owed["link"]).status_code == 200
    answered = successor.post(
        f"invitations/{owed['invitation_id']}/answer", {"number": 1, "verdict": "accepted"}
    )
    assert answered.status_code == 200, answered.get_data(as_text=True)
    closed = successor.post(f"tasks/{task['id']}/close", {"note": "Modul dikirim."}, version=task["version"])
    assert closed.status_code == 200, closed.get_data(as_text=True)
    # What was done before keeps the name of who did it.
    thread = successor.get(f"/collaborations/{task['collaboration_id']}").get_data(as_text=True)
    assert str(accepting()["name"]) in thread
    actors = "type = 'invitation.accepted' AND actor_id = :id"
    assert stage.count("events", actors, id=cast.host_head.id) == 1


def test_both_sides_of_a_loan_have_it_in_writing(stage: Stage, work: Work) -> None:
    cast = stage.cast
    head = stage.client(cast.host_head)
    form = {"person_id": cast.host_work.id, "starts_on": "2024-11-11", "ends_on": "2024-11-30"}
    assert head.post_form(f"/facilities/{cast.host.id}/delegations", form).status_code == 303
    work.go_on()
    for member in (cast.host_work, cast.host_head):
        (letter,) = work.letters(member.email, "Hak menjawab")
        assert "Sabtu, 30 November 2024" in letter
        assert "Kalapas" in letter
    with stage.owner.transaction() as session:
        lent = session.scalar(text("SELECT id FROM delegations"))
    assert head.post_form(f"/delegations/{lent}/take-back", {}).status_code == 303
    work.go_on()
    assert len(work.letters(cast.host_work.email, "Hak menjawab")) == 2
    assert sorted({str(one["X-To"]) for one in work.sink.messages}) == sorted(
        (cast.host_head.email, cast.host_work.email)
    )
