"""The pages of follow-ups: what is due and what is done, and a task closed by a form, once."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.accounts.models import Person, Post
from hub.facilities.models import Facility
from hub.followups.opening import open_tasks
from hub.followups.wording import due_words
from tests.support import world
from tests.support.client import HubClient
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast, Member

DUE = dt.date(2024, 12, 12)


@pytest.fixture
def opened(as_app: Database, as_worker: Database, as_owner: Database, cast: Cast) -> list[int]:
    """Three tasks on the day of the visit: two of sections of the guest, and one of the host."""
    with as_owner.transaction() as session:
        world.travel(session, dt.datetime(2024, 11, 28, 5, tzinfo=dt.UTC))
    with as_app.transaction() as session:
        guest, host = (session.get_one(Facility, unit.id) for unit in (cast.guest, cast.host))
        head = session.get_one(Person, cast.guest_head.id)
        story = world.story(session, guest, host, opened_by=head, themes=("rehabilitasi",))
        owners = [
            (guest, session.get_one(Post, cast.guest_service.post_id)),
            (guest, session.get_one(Post, cast.guest_assets.post_id)),
            (host, session.get_one(Post, cast.host_training.post_id)),
        ]
        world.commit_to(session, story, owners, due_on=DUE)
        event_id = world.published(session, story, by=head, commitments=3)
    with as_worker.transaction() as session:
        open_tasks(session, [event_id])
        return list(session.execute(text("SELECT id FROM tasks ORDER BY commitment_id")).scalars())


def player(app: HubFlask, member: Member) -> HubClient:
    return HubClient(app).signed_in(member)


def shown(client: HubClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_data(as_text=True)


def test_own_tasks_and_those_of_the_unit(app: HubFlask, cast: Cast, opened: list[int]) -> None:
    own, other, host = opened
    staff = player(app, cast.guest_service)
    mine = shown(staff, "/tasks")
    assert f'href="/tasks/{own}"' in mine
    assert f'href="/tasks/{other}"' not in mine
    assert "Kamis, 12 Desember 2024 (10 hari kerja lagi)" in mine
    unit = shown(staff, "/tasks?scope=unit")
    assert f'href="/tasks/{other}"' in unit
    assert f'href="/tasks/{host}"' not in unit
    assert f'href="/tasks/{host}"' in shown(player(app, cast.overseer), "/tasks")
    assert "Belum ada yang perlu dikerjakan" in shown(player(app, cast.stranger), "/tasks")


def test_late_task_says_so_in_a_word(app: HubFlask, as_app: Database, cast: Cast, opened: list[int]) -> None:
    with as_app.transaction() as session:
        session.execute(text("UPDATE tasks SET due_on = '2024-11-26' WHERE id = :id"), {"id": opened[0]})
    page = shown(player(app, cast.guest_service), "/tasks")
    assert "<h2>Terlambat</h2>" in page
    assert "task-late" in page
    # Wednesday was the day of the regional elections.
    assert "terlambat 1 hari kerja" in page


def test_pages_of_the_list_follow_each_other(
    app: HubFlask, as_app: Database, cast: Cast, opened: list[int]
) -> None:
    with as_app.transaction() as session:
        session.execute(text("UPDATE tasks SET due_on = due_on - 3 WHERE id = :id"), {"id": opened[1]})
    staff = player(app, cast.guest_service)
    first = shown(staff, "/tasks?scope=unit&limit=1")
    assert f'href="/tasks/{opened[1]}"' in first
    after = first.split("after=")[1].split('"')[0]
    second = shown(staff, f"/tasks?scope=unit&limit=1&after={after}")
    assert f'href="/tasks/{opened[0]}"' in second
    assert 'rel="next"' not in second
    assert staff.get("/tasks?after=nonsense").status_code == 422
    assert staff.get(f"/tasks?state=closed&after={after}").status_code == 422
    assert staff.get("/tasks?scope=everything").status_code == 422


def test_task_shows_what_was_promised_and_is_closed_once(
    app: HubFlask, as_app: Database, cast: Cast, opened: list[int]
) -> None:
    staff = player(app, cast.guest_service)
    path = f"/tasks/{opened[0]}"
    page = shown(staff, path)
    for words in (cast.guest.name, cast.host.name, "Kasubsi Pelayanan Tahanan", "Tutup tugas"):
        assert words in page
    empty = staff.post_form(f"{path}/close", {"note": " ", "_version": "1"})
    assert empty.status_code == 422
    assert 'href="#note"' in empty.get_data(as_text=True)
    kept = staff.post_form(f"{path}/close", {"note": "ok", "_version": "1"})
    assert (kept.status_code, ">\nok</textarea>" in kept.get_data(as_text=True)) == (422, True)
    done = staff.post_form(f"{path}/close", {"note": "Dua kolam berdiri 👍", "_version": "1"})
    assert (done.status_code, done.headers["Location"]) == (303, path)
    page = shown(staff, path)
    assert "Tugas sudah ditutup" in page
    assert "Dua kolam berdiri 👍" in page
    assert f"Ditutup oleh {cast.guest_service.name}" in page
    assert "/events/" in page
    assert "<textarea" not in page
    again = staff.post_form(f"{path}/close", {"note": "Sekali lagi", "_version": "1"})
    assert again.status_code == 303
    with as_app.transaction() as session:
        closed = session.execute(text("SELECT count(*) FROM events WHERE type = 'task.closed'")).scalar_one()
    assert closed == 1
    listed = shown(staff, "/tasks?state=closed")
    assert f'href="{path}"' in listed
    assert "task-done" in listed


def test_closing_is_taken_back_at_once_by_who_did_it(
    app: HubFlask, as_app: Database, as_worker: Database, as_owner: Database, cast: Cast, opened: list[int]
) -> None:
    staff, head = player(app, cast.guest_service), player(app, cast.guest_head)
    path = f"/tasks/{opened[0]}"
    before = reminders(as_app, opened[0])
    assert staff.post_form(f"{path}/reopen", {}).status_code == 303, "an open task stays as it is"
    assert staff.post_form(f"{path}/close", {"note": "Dua kolam", "_version": "1"}).status_code == 303
    assert f'action="{path}/reopen"' in shown(staff, path)
    assert head.post_form(f"{path}/reopen", {}).status_code == 303
    assert "Hanya yang menutup tugas" in shown(head, path)
    assert "Tugas ini sudah selesai" in shown(head, path)
    assert staff.post_form(f"{path}/reopen", {}).status_code == 303
    page = shown(staff, path)
    assert "Tugas dibuka lagi" in page
    assert "Dua kolam</textarea>" in page
    assert reminders(as_app, opened[0]) == before
    drain(as_worker, LANES)
    assert "Tindak lanjut dibuka lagi" in shown(head, f"/partners/{cast.guest.id}/{cast.host.id}")
    # Closed anew, and then too late.
    assert staff.post_form(f"{path}/close", {"note": "Dua kolam", "_version": "3"}).status_code == 303
    with as_owner.transaction() as session:
        session.execute(text("UPDATE tasks SET closed_at = closed_at - interval '6 minutes'"))
    assert staff.post_form(f"{path}/reopen", {}).status_code == 303
    page = shown(staff, path)
    assert "Sudah terlambat untuk membatalkan" in page
    assert "Tugas ini sudah selesai" in page
    assert player(app, cast.stranger).post_form(f"{path}/reopen", {}).status_code == 404


def reminders(database: Database, task_id: int) -> list[tuple[object, ...]]:
    with database.transaction() as session:
        rows = session.execute(
            text("SELECT kind, state, reason FROM reminders WHERE task_id = :id ORDER BY due_at"),
            {"id": task_id},
        )
        return [tuple(row) for row in rows]


def test_note_that_names_somebody_in_custody_closes_no_task_before_it_is_confirmed(
    app: HubFlask, cast: Cast, opened: list[int]
) -> None:
    staff, path = player(app, cast.guest_service), f"/tasks/{opened[0]}"
    named = {"note": "WBP a.n. Fulan ikut membantu", "_version": "1"}
    refused = staff.post_form(f"{path}/close", named)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Apakah ini menunjukkan siapa" in page
    assert "WBP a.n. Fulan ikut membantu</textarea>" in page
    (mark,) = re.findall(r'name="_no_inmates" value="(\w+)"', page)
    confirmed = {**named, "_no_inmates": mark}
    assert staff.post_form(f"{path}/close", {**confirmed, "note": "WBP a.n. Fulana"}).status_code == 422
    assert staff.post_form(f"{path}/close", confirmed).status_code == 303


def test_stale_page_keeps_what_was_typed(
    app: HubFlask, as_app: Database, cast: Cast, opened: list[int]
) -> None:
    with as_app.transaction() as session:
        session.execute(text("UPDATE tasks SET version = 2 WHERE id = :id"), {"id": opened[0]})
    staff = player(app, cast.guest_service)
    path = f"/tasks/{opened[0]}/close"
    stale = staff.post_form(path, {"note": "Sudah dikerjakan", "_version": "1"})
    page = stale.get_data(as_text=True)
    assert stale.status_code == 412
    assert "Sudah dikerjakan</textarea>" in page
    assert 'name="_version" value="2"' in page
    assert staff.post_form(path, {"note": "Sudah dikerjakan", "_version": "2"}).status_code == 303


def test_others_look_or_see_nothing(app: HubFlask, cast: Cast, opened: list[int]) -> None:
    path = f"/tasks/{opened[0]}"
    other = player(app, cast.guest_assets)
    page = shown(other, path)
    assert "<textarea" not in page
    assert other.post_form(f"{path}/close", {"note": "Bukan tugas saya", "_version": "1"}).status_code == 403
    stranger = player(app, cast.stranger)
    assert stranger.get(path).status_code == 404
    assert stranger.post_form(f"{path}/close", {"note": "Siapa saya", "_version": "1"}).status_code == 404
    assert HubClient(app).get("/tasks").status_code in (302, 303, 401)


@pytest.mark.parametrize(
    ("due", "today", "words"),
    [
        ("2024-12-12", "2024-12-12", "due today"),
        ("2024-12-13", "2024-12-12", "1 working day left"),
        ("2024-12-16", "2024-12-12", "2 working days left"),
        ("2024-12-12", "2024-12-13", "1 working day late"),
        ("2024-12-13", "2024-12-14", "late"),
        ("2024-12-15", "2024-12-14", "due before the next working day"),
    ],
)
def test_days_are_counted_as_offices_work(due: str, today: str, words: str) -> None:
    assert due_words(dt.date.fromisoformat(due), dt.date.fromisoformat(today), "en") == words
