"""Whose task it is not hands it back: to who answers for it, else to the head; undone at once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.followups.rules import UNDO_WITHIN
from tests.hub.followups.test_tasks_api import listed, opened, player
from tests.support import world
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast

__all__ = ["opened"]

WHY = {"reason": "Ini urusan Subseksi Pengelolaan."}


def told_of(owner: Database, event_type: str) -> set[int]:
    """Return who was told of the events of a type."""
    with owner.transaction() as session:
        return set(
            session.scalars(
                text(
                    "SELECT recipient_id FROM notifications JOIN events ON events.id = event_id"
                    " WHERE type = :type"
                ),
                {"type": event_type},
            )
        )


def test_a_section_hands_its_task_to_the_head_who_alone_is_told(
    app: HubFlask, as_owner: Database, as_worker: Database, cast: Cast, opened: list[int]
) -> None:
    _, task, _ = opened
    section, head = player(app, cast.guest_assets), player(app, cast.guest_head)
    done = section.post(f"tasks/{task}/return", WHY, version=1)
    assert done.status_code == 200, done.json
    assert done.get_json()["events"][0]["type"] == "task.returned"
    assert listed(section) == []
    assert listed(head) == [task]
    now = head.get(f"tasks/{task}").get_json()
    assert (now["owner"], now["accountable"], now["version"]) == ("Karutan", "Karutan", 2)
    assert now["due_on"] == "2024-12-12"
    assert [one["state"] for one in now["reminders"]] == ["planned"] * 3, "what was promised stays promised"
    drain(as_worker, LANES)
    assert told_of(as_owner, "task.returned") == {cast.guest_head.id}
    inbox = head.get("inbox").get_json()["items"][0]
    assert WHY["reason"] in inbox["sentence"]
    assert inbox["action"]["href"] == f"/tasks/{task}"
    page = head.get(f"/tasks/{task}").get_data(as_text=True)
    assert f"{cast.guest_assets.name} (Kasubsi Pengelolaan)" in page
    assert WHY["reason"] in page
    # The other unit sees the task, but not how this one shares its work out; nor does the overseer.
    for other in (cast.host_head, cast.overseer):
        client = player(app, other)
        assert WHY["reason"] not in client.get(f"/tasks/{task}").get_data(as_text=True)
        thread = f"/collaborations/{now['collaboration_id']}"
        assert WHY["reason"] not in client.get(thread).get_data(as_text=True)
        event = done.get_json()["events"][0]["id"]
        assert client.get(f"events/{event}").status_code == 404


def test_the_pool_hands_its_task_to_the_seat_that_answers_for_it(
    app: HubFlask, cast: Cast, opened: list[int]
) -> None:
    task = opened[0]
    assert player(app, cast.guest_staff).post(f"tasks/{task}/return", WHY, version=1).status_code == 200
    now = player(app, cast.guest_service).get(f"tasks/{task}").get_json()
    assert now["owner"] == now["accountable"] == "Kasubsi Pelayanan Tahanan"


def test_it_is_undone_at_once_by_who_did_it_and_only_then(
    app: HubFlask, as_owner: Database, cast: Cast, opened: list[int]
) -> None:
    task = opened[0]
    pool = player(app, cast.guest_staff)
    before = pool.get(f"tasks/{task}").get_json()
    assert pool.post(f"tasks/{task}/return", WHY, version=1).status_code == 200
    assert player(app, cast.guest_head).post(f"tasks/{task}/keep").status_code == 403
    kept = pool.post(f"tasks/{task}/keep")
    assert kept.status_code == 200, kept.json
    assert {**kept.get_json()["task"], "version": 1} == before
    assert pool.post(f"tasks/{task}/keep").status_code == 409
    assert pool.post(f"tasks/{task}/return", WHY, version=3).status_code == 200
    with as_owner.transaction() as session:
        session.execute(text("UPDATE sign_ins SET expires_at = 'infinity', last_seen_at = hub_now()"))
        now = session.scalar(text("SELECT hub_now()"))
        assert isinstance(now, dt.datetime)
        world.travel(session, now + UNDO_WITHIN + dt.timedelta(seconds=1))
    late = pool.post(f"tasks/{task}/keep")
    assert (late.status_code, late.get_json()["code"]) == (409, "too-late")


def test_what_cannot_be_handed_back_is_refused_with_its_reason(
    app: HubFlask, cast: Cast, opened: list[int]
) -> None:
    pool, section, _ = opened
    staff = player(app, cast.guest_staff)
    assert staff.post(f"tasks/{section}/return", WHY, version=1).status_code == 403
    assert staff.post(f"tasks/{pool}/return", {"reason": " "}, version=1).status_code == 422
    assert staff.post(f"tasks/{pool}/return", WHY).status_code == 428
    assert player(app, cast.stranger).post(f"tasks/{pool}/return", WHY, version=1).status_code == 404
    assert player(app, cast.guest_assets).post(f"tasks/{section}/return", WHY, version=1).status_code == 200
    head = player(app, cast.guest_head)
    assert head.post(f"tasks/{section}/return", WHY, version=2).status_code == 403
    assert staff.post(f"tasks/{pool}/close", {"note": "Selesai."}, version=1).status_code == 200
    assert staff.post(f"tasks/{pool}/return", WHY, version=2).get_json()["code"] == "task-closed"
    # Closed meanwhile: it does not come back to who handed it back.
    assert head.post(f"tasks/{section}/close", {"note": "Selesai."}, version=2).status_code == 200
    assert player(app, cast.guest_assets).post(f"tasks/{section}/keep").status_code == 409


def test_the_page_asks_why_and_offers_the_way_back(app: HubFlask, cast: Cast, opened: list[int]) -> None:
    task = opened[1]
    section = player(app, cast.guest_assets)
    assert f"/tasks/{task}/return" in section.get(f"/tasks/{task}").get_data(as_text=True)
    assert player(app, cast.guest_head).get(f"/tasks/{task}/return").status_code == 403
    form = {"reason": "", "_version": "1"}
    refused = section.post_form(f"/tasks/{task}/return", form)
    assert refused.status_code == 422
    done = section.post_form(f"/tasks/{task}/return", {**form, **WHY})
    assert done.status_code == 303
    page = section.get(done.headers["Location"]).get_data(as_text=True)
    assert f'action="/tasks/{task}/keep"' in page
    assert section.post_form(f"/tasks/{task}/keep", {}).status_code == 303
    assert f"/tasks/{task}/return" in section.get(f"/tasks/{task}").get_data(as_text=True)
