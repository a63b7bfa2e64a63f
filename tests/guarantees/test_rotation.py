"""A head rotates on a Friday; on Monday the successor finds every promise, and nothing is lost."""

from __future__ import annotations

import dataclasses
import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from hub.db.transaction import Database
from tests.hub.visits.stage import WIB, accepting, declining, set_stage
from tests.support.client import HubClient
from tests.workers.delivery.sink import Sink, running
from workers.delivery.deliver import deliver_due
from workers.drain.drain import drain
from workers.drain.lanes import LANES
from workers.upkeep.chores import pass_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from tests.hub.visits.stage import Stage

FRIDAY = dt.datetime(2024, 11, 29, 15, 0, tzinfo=WIB)
SUNDAY = dt.datetime(2024, 12, 1, 23, 59, tzinfo=WIB)
MONDAY = dt.datetime(2024, 12, 2, 7, 30, tzinfo=WIB)
SUCCESSOR = "tari@example.id"
PROMISE = "Mengirim modul"
EVE = dt.datetime(2024, 11, 24, 23, 59, tzinfo=WIB)
FIRST_DAY = dt.datetime(2024, 11, 25, 0, 0, tzinfo=WIB)
PASSED_ON = "Tautan ini ikut jabatannya"


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


def invite_the_head(stage: Stage) -> dict[str, Any]:
    """Invite the host at its head's own address instead of its mailbox; return the invitation, its link."""
    draft = stage.propose()
    guest = stage.client(stage.cast.guest_head)
    address = {"invitation_address": stage.cast.host_head.email}
    sent = guest.post(f"proposals/{draft['id']}/submit", address)
    assert sent.status_code == 200, sent.get_data(as_text=True)
    invitation_id = sent.json["invitation_id"]
    return {"invitation_id": invitation_id, "link": stage.path(invitation_id)}


def hand_over_on_monday(stage: Stage) -> None:
    """Let the regional office hand the host's post of the head to somebody new from Monday on."""
    form = {"email": SUCCESSOR, "name": "Tari Lestari", "starts_on": "2024-11-25"}
    handed = stage.client(stage.cast.overseer).post_form(
        f"/posts/{stage.cast.host_head.post_id}/hand-over", form
    )
    assert handed.status_code == 303, handed.get_data(as_text=True)


def asked_by_mail(work: Work, address: str) -> list[str]:
    """Return the invitations mailed to an address."""
    return work.letters(address, "Undangan: ")


def test_a_link_mailed_to_the_predecessor_passes_on_with_the_post(stage: Stage, work: Work) -> None:
    stage.travel(dt.datetime(2024, 11, 20, 8, 0, tzinfo=WIB))
    asked = invite_the_head(stage)
    work.go_on()
    assert len(asked_by_mail(work, stage.cast.host_head.email)) == 1
    hand_over_on_monday(stage)

    # Until its last minute the link is the head's own; nothing goes out early.
    stage.travel(EVE)
    assert HubClient(stage.app).get(asked["link"]).status_code == 200
    assert pass_on(work.database, work.settings) == 0

    # From its first moment on it is nobody's, whether or not a process was awake to notice.
    stage.travel(FIRST_DAY)
    former = HubClient(stage.app)
    page = former.get(asked["link"])
    assert page.status_code == 410
    assert PASSED_ON in page.get_data(as_text=True)
    for form in (accepting(), declining()):
        assert former.post_form(asked["link"], form).status_code == 410
    assert stage.count("answers") == 0

    # The successor gets a new one, once, however often the chore comes by.
    assert [pass_on(work.database, work.settings) for _ in range(3)] == [1, 0, 0]
    work.go_on()
    (letter,) = asked_by_mail(work, SUCCESSOR)
    link = stage.path(asked["invitation_id"])
    assert link in letter
    assert link != asked["link"]
    assert len(asked_by_mail(work, stage.cast.host_head.email)) == 1
    page = former.get(asked["link"])
    assert page.status_code == 410
    assert PASSED_ON in page.get_data(as_text=True)
    assert former.post_form(asked["link"] + "/pass-on", {}).status_code == 303
    assert HubClient(stage.app).post_form(link, accepting(name="Tari Lestari")).status_code == 303
    assert stage.count("answers", "verdict = 'accepted'") == 1
    assert former.get(asked["link"]).status_code == 410
    work.go_on()
    assert len(asked_by_mail(work, SUCCESSOR)) == 1


def test_the_old_link_offers_a_new_one_to_who_serves_there_now(stage: Stage, work: Work) -> None:
    stage.travel(dt.datetime(2024, 11, 20, 8, 0, tzinfo=WIB))
    asked = invite_the_head(stage)
    hand_over_on_monday(stage)
    stage.travel(FIRST_DAY)
    # The mail was not out yet when the post passed on: it goes to nobody who has left.
    work.go_on()
    assert asked_by_mail(work, stage.cast.host_head.email) == []
    former = HubClient(stage.app)
    for _ in range(2):
        assert former.post_form(asked["link"] + "/pass-on", {}).status_code == 303
    assert pass_on(work.database, work.settings) == 0
    work.go_on()
    assert len(asked_by_mail(work, SUCCESSOR)) == 1
    assert stage.count("events", "type = 'invitation.renewed'") == 1
    # Nobody's name or address is told to whoever holds the old link.
    page = former.get(asked["link"]).get_data(as_text=True)
    assert SUCCESSOR not in page
    assert "Tari" not in page


def test_two_who_pass_a_link_on_at_once_send_one(stage: Stage, work: Work) -> None:
    stage.travel(dt.datetime(2024, 11, 20, 8, 0, tzinfo=WIB))
    invite_the_head(stage)
    hand_over_on_monday(stage)
    stage.travel(FIRST_DAY)
    with ThreadPoolExecutor(4) as threads:
        sent = list(threads.map(lambda _: pass_on(work.database, work.settings), range(4)))
    assert sum(sent) == 1
    work.go_on()
    assert len(asked_by_mail(work, SUCCESSOR)) == 1


def test_a_chore_that_dies_half_way_sends_it_the_next_time(
    stage: Stage, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.travel(dt.datetime(2024, 11, 20, 8, 0, tzinfo=WIB))
    asked = invite_the_head(stage)
    hand_over_on_monday(stage)
    stage.travel(FIRST_DAY)
    with monkeypatch.context() as patch:
        patch.setattr("hub.visits.commands.invite.publish", _die)
        with pytest.raises(ProcessLookupError):
            pass_on(work.database, work.settings)
    assert stage.count("invitations", "former_address IS NOT NULL") == 0
    assert pass_on(work.database, work.settings) == 1
    work.go_on()
    assert stage.path(asked["invitation_id"]) in asked_by_mail(work, SUCCESSOR)[0]


def _die(*_: object, **__: object) -> None:
    raise ProcessLookupError


def test_nobody_elses_link_passes_on(stage: Stage, work: Work) -> None:
    """A mailbox, a stranger's address, and somebody who was not asked as the head and stays in the unit."""
    cast = stage.cast
    stage.travel(dt.datetime(2024, 11, 20, 8, 0, tzinfo=WIB))
    links = []
    for address in (None, "tamu@example.org", cast.host_work.email):
        draft = stage.propose()
        body = {"invitation_address": address} if address else {}
        sent = stage.client(cast.guest_head).post(f"proposals/{draft['id']}/submit", body)
        assert sent.status_code == 200, sent.get_data(as_text=True)
        links.append(stage.path(sent.json["invitation_id"]))
    hand_over_on_monday(stage)
    moved = {"email": cast.host_work.email, "starts_on": "2024-11-25"}
    head = stage.client(cast.overseer)
    training = head.post_form(f"/posts/{cast.host_training.post_id}/hand-over", moved)
    assert training.status_code == 303, training.get_data(as_text=True)
    stage.travel(FIRST_DAY)
    assert pass_on(work.database, work.settings) == 0
    assert [HubClient(stage.app).get(link).status_code for link in links] == [200, 200, 200]


def test_a_link_waits_where_nobody_is_there_to_get_a_new_one(stage: Stage, work: Work) -> None:
    cast = stage.cast
    stage.travel(dt.datetime(2024, 11, 20, 8, 0, tzinfo=WIB))
    asked = invite_the_head(stage)
    with stage.owner.transaction() as session:
        session.execute(text("UPDATE facilities SET mailbox = NULL WHERE id = :id"), {"id": cast.host.id})
        session.execute(
            text("UPDATE appointments SET during = tstzrange(lower(during), :end) WHERE person_id = :id"),
            {"id": cast.host_head.id, "end": FIRST_DAY},
        )
    stage.travel(FIRST_DAY)
    page = HubClient(stage.app).get(asked["link"])
    assert page.status_code == 410
    assert "/pass-on" not in page.get_data(as_text=True)
    assert pass_on(work.database, work.settings) == 0
    # The guest who sends it again is told that this address is nobody's there.
    guest = stage.client(cast.guest_head)
    path = f"invitations/{asked['invitation_id']}/renew"
    assert guest.post(path, {"address": cast.host_head.email}).status_code == 422
    assert guest.post(path, {"address": "kepegawaian@example.id"}).status_code == 200
    assert HubClient(stage.app).get(stage.path(asked["invitation_id"])).status_code == 200
    assert PASSED_ON in HubClient(stage.app).get(asked["link"]).get_data(as_text=True)


def test_who_stands_in_is_told_and_so_is_that_it_ends_early(stage: Stage, work: Work) -> None:
    cast = stage.cast
    head = stage.client(cast.host_head)
    form = {"email": cast.host_work.email, "starts_on": "2024-11-18", "ends_on": "2024-11-22"}
    named = head.post_form(f"/posts/{cast.host_head.post_id}/stand-in", form)
    assert named.status_code == 303, named.get_data(as_text=True)
    work.go_on()
    (letter,) = work.letters(cast.host_work.email, "menjadi Plh. Kalapas")
    for words in ("Senin, 18 November 2024", "Jumat, 22 November 2024"):
        assert words in letter, words
    assert f"/posts/{cast.host_head.post_id}/takeover" in letter
    with stage.owner.transaction() as session:
        service = session.scalar(text("SELECT id FROM appointments WHERE is_acting"))
    office = stage.client(cast.overseer)
    ended = office.post_form(f"/services/{service}/end", {"last_day": "2024-11-19"})
    assert ended.status_code == 303, ended.get_data(as_text=True)
    work.go_on()
    (letter,) = work.letters(cast.host_work.email, "tidak lagi menjadi Plh.")
    assert "20 November 2024" in letter
    # Who named them need not be told that, and is told that it ended; nobody else is.
    assert len(work.letters(cast.host_head.email, "Plh. Kalapas")) == 1
    assert {str(one["X-To"]) for one in work.sink.messages} == {cast.host_work.email, cast.host_head.email}


def test_who_has_the_right_on_loan_is_told_of_what_they_may_answer(stage: Stage, work: Work) -> None:
    cast = stage.cast
    head = stage.client(cast.host_head)
    form = {"person_id": cast.host_work.id, "starts_on": "2024-11-11", "ends_on": "2024-11-30"}
    assert head.post_form(f"/facilities/{cast.host.id}/delegations", form).status_code == 303
    asked = stage.submit()
    work.go_on()
    (letter,) = work.letters(cast.host_work.email, "Kunjungan diajukan")
    assert f"/collaborations/{asked['proposal']['collaboration_id']}" in letter
    # Without the loan it is none of their business.
    assert work.letters(cast.host_training.email, "Kunjungan diajukan") == []
    with stage.owner.transaction() as session:
        lent = session.scalar(text("SELECT id FROM delegations"))
    assert head.post_form(f"/delegations/{lent}/take-back", {}).status_code == 303
    stage.submit(title="Studi tiru kedua")
    work.go_on()
    assert len(work.letters(cast.host_work.email, "Kunjungan diajukan")) == 1
    assert len(work.letters(cast.host_head.email, "Kunjungan diajukan")) == 2
