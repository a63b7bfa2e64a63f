"""Tasks through the API: who sees them, in which order, who may close them and what that causes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from hub.accounts.models import Person, Post
from hub.facilities.models import Facility
from hub.followups.opening import open_tasks
from tests.support import world
from tests.support.client import HubClient

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast, Member

DUE = dt.date(2024, 12, 12)


@pytest.fixture
def opened(as_app: Database, as_worker: Database, as_owner: Database, cast: Cast) -> list[int]:
    """Three tasks on the day of the visit: of the guest's pool, of a section of it, and of the host."""
    with as_owner.transaction() as session:
        world.travel(session, dt.datetime(2024, 11, 28, 5, tzinfo=dt.UTC))
    with as_app.transaction() as session:
        guest, host = (session.get_one(Facility, unit.id) for unit in (cast.guest, cast.host))
        head = session.get_one(Person, cast.guest_head.id)
        story = world.story(session, guest, host, opened_by=head)
        owners = [
            (guest, session.get_one(Post, cast.guest_staff.post_id)),
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


def listed(client: HubClient, **query: object) -> list[int]:
    return [task["id"] for task in page_of(client, **query)["items"]]


def page_of(client: HubClient, **query: object) -> Any:
    response = client.get("tasks", query=query)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()


def test_own_tasks_are_those_that_ones_posts_own_or_answer_for(
    app: HubFlask, cast: Cast, opened: list[int]
) -> None:
    pool, section, host = opened
    assert listed(player(app, cast.guest_staff)) == [pool]
    assert listed(player(app, cast.guest_service)) == [pool], "the seat the pool reports to answers for it"
    assert listed(player(app, cast.guest_assets)) == [section]
    assert listed(player(app, cast.host_training)) == [host]
    assert listed(player(app, cast.guest_head)) == []


def test_tasks_of_units_are_seen_by_the_parties_and_their_overseers_only(
    app: HubFlask, cast: Cast, opened: list[int]
) -> None:
    pool, section, host = opened
    assert listed(player(app, cast.guest_head), scope="unit") == [pool, section]
    assert listed(player(app, cast.guest_head), scope="unit", facility_id=cast.host.id) == [host]
    assert listed(player(app, cast.overseer), scope="unit", facility_id=cast.guest.id) == [pool, section]
    stranger = player(app, cast.stranger)
    assert listed(stranger, scope="unit", facility_id=cast.guest.id) == []
    assert stranger.get(f"tasks/{pool}").status_code == 404
    assert stranger.post(f"tasks/{pool}/close", {"note": "Selesai"}, version=1).status_code == 404


def test_pages_follow_the_due_day(app: HubFlask, as_app: Database, cast: Cast, opened: list[int]) -> None:
    pool, section, _ = opened
    with as_app.transaction() as session:
        session.execute(text("UPDATE tasks SET due_on = due_on - 5 WHERE id = :id"), {"id": section})
    client = player(app, cast.guest_head)
    first = page_of(client, scope="unit", limit=1)
    assert [task["id"] for task in first["items"]] == [section]
    assert listed(client, scope="unit", limit=1, after=first["next"]) == [pool]


@pytest.mark.parametrize(
    ("today", "state", "words"),
    [
        (DUE + dt.timedelta(days=1), "late", "kemarin"),
        (DUE, "today", "hari ini"),
        (DUE - dt.timedelta(days=6), "week", "dalam 6 hari"),
        (DUE - dt.timedelta(days=7), "later", "dalam 7 hari"),
    ],
)
def test_due_state_is_that_of_the_units_own_day(
    app: HubFlask, as_owner: Database, cast: Cast, opened: list[int], today: dt.date, state: str, words: str
) -> None:
    # Half past midnight in Jakarta is still the day before in UTC.
    moment = dt.datetime.combine(today, dt.time(0, 30), tzinfo=dt.timezone(dt.timedelta(hours=7)))
    client = player(app, cast.host_training)
    with as_owner.transaction() as session:
        world.travel(session, moment)
        session.execute(text("UPDATE sign_ins SET expires_at = 'infinity', last_seen_at = hub_now()"))
    task = client.get(f"tasks/{opened[2]}").get_json()
    assert (task["due_state"], task["due_text"]) == (state, words)


def test_closing_ends_the_reminders_and_causes_an_event(
    app: HubFlask, as_app: Database, cast: Cast, opened: list[int]
) -> None:
    client = player(app, cast.guest_service)
    before = client.get(f"tasks/{opened[0]}")
    assert [reminder["state"] for reminder in before.get_json()["reminders"]] == ["planned"] * 3
    answer = client.post(
        f"tasks/{opened[0]}/close", {"note": "Modul sudah disusun."}, version=before.headers["ETag"]
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body = answer.get_json()
    task = body["task"]
    assert (task["state"], task["due_state"], task["version"]) == ("closed", "closed", 2)
    assert task["closing_note"] == "Modul sudah disusun."
    assert {(one["state"], one["reason"]) for one in task["reminders"]} == {
        ("cancelled", "tugas sudah ditutup")
    }
    assert body["pending"] == 2
    with as_app.transaction() as session:
        row = session.execute(
            text("SELECT type, actor_id FROM events WHERE id = :id"), {"id": body["event_id"]}
        ).one()
        assert row == ("task.closed", cast.guest_service.id)
    assert client.post(f"tasks/{opened[0]}/close", {"note": "Lagi"}, version=2).status_code == 409


@pytest.mark.parametrize(
    ("who", "version", "note", "status"),
    [
        ("host_head", 1, "Selesai", 403),
        ("overseer", 1, "Selesai", 403),
        ("guest_assets", 1, "Selesai", 403),
        ("guest_staff", None, "Selesai", 428),
        ("guest_staff", 7, "Selesai", 412),
        ("guest_staff", 1, "ok", 422),
        ("guest_staff", 1, "x" * 2001, 422),
        ("guest_staff", 1, "a\x00b", 422),
        ("guest_staff", 1, "Selesai", 200),
        ("guest_head", 1, "Selesai", 200),
    ],
)
def test_closing_is_for_those_who_hold_the_task_and_say_what_was_done(
    app: HubFlask, cast: Cast, opened: list[int], who: str, version: int | None, note: str, status: int
) -> None:
    client = player(app, getattr(cast, who))
    answer = client.post(f"tasks/{opened[0]}/close", {"note": note}, version=version)
    assert answer.status_code == status, answer.get_data(as_text=True)
    left = listed(player(app, cast.guest_head), scope="unit")
    assert (opened[0] in left) == (status != 200)


def test_closing_is_taken_back_through_the_api(app: HubFlask, cast: Cast, opened: list[int]) -> None:
    client = player(app, cast.guest_service)
    path = f"tasks/{opened[0]}"
    assert client.post(f"{path}/reopen").get_json()["code"] == "task-open"
    assert client.post(f"{path}/close", {"note": "Selesai semua"}, version=1).status_code == 200
    other = player(app, cast.guest_staff).post(f"{path}/reopen")
    assert (other.status_code, other.get_json()["code"]) == (403, "not-closed-by-you")
    taken_back = client.post(f"{path}/reopen")
    assert taken_back.status_code == 200, taken_back.get_data(as_text=True)
    body = taken_back.get_json()
    assert body["events"][0]["type"] == "task.reopened"
    assert (body["task"]["state"], body["task"]["version"], body["task"]["closed_at"]) == ("open", 3, None)
    assert {reminder["state"] for reminder in body["task"]["reminders"]} == {"planned"}
    assert player(app, cast.stranger).post(f"{path}/reopen").status_code == 404
