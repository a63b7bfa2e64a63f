"""A head rotates on a Friday: on Monday the successor finds every promise, and nothing is lost."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import text

from tests.hub.visits.stage import VISIT_AT, WIB, accepting
from tests.support.client import HubClient
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from tests.hub.visits.stage import Stage

FRIDAY = dt.datetime(2024, 11, 15, 16, 0, tzinfo=WIB)
MONDAY = dt.datetime(2024, 11, 18, 7, 30, tzinfo=WIB)


def hand_over(stage: Stage, post_id: int, **form: object) -> None:
    """Hand a post over as the regional office."""
    done = stage.client(stage.cast.overseer).post_form(f"/posts/{post_id}/hand-over", form)
    assert done.status_code == 303, done.get_data(as_text=True)


def test_on_monday_the_successor_answers_the_invitation(stage: Stage) -> None:
    asked = stage.submit()
    stage.travel(FRIDAY)
    work = stage.cast.host_work
    hand_over(
        stage, stage.cast.host_head.post_id, email=work.email, starts_on="2024-11-18", letter_no="WP.9-1"
    )
    answer = f"invitations/{asked['invitation_id']}/answer"
    reply = {"number": 1, "verdict": "accepted"}

    # Until Sunday night the head is the head.
    stage.travel(dt.datetime(2024, 11, 17, 23, 59, tzinfo=WIB))
    assert stage.client(work).post(answer, reply).status_code == 403
    thread = f"collaborations/{asked['proposal']['collaboration_id']}"
    assert stage.client(stage.cast.host_head).get(thread).status_code == 200

    stage.travel(MONDAY)
    before = stage.client(stage.cast.host_head)
    assert before.get(thread).status_code == 404
    assert before.post(answer, reply).status_code == 404
    after = stage.client(work)
    assert after.post(answer, reply).status_code == 200
    assert after.get(f"visits/{asked['proposal']['visit_id']}").json["state"] == "scheduled"


def test_the_link_in_the_mail_is_the_posts_whoever_holds_it(stage: Stage) -> None:
    asked = stage.submit()
    path = stage.path(asked["invitation_id"])
    stage.travel(FRIDAY)
    hand_over(stage, stage.cast.host_head.post_id, email=stage.cast.host_work.email, starts_on="2024-11-18")
    stage.travel(MONDAY)
    answered = HubClient(stage.app).post_form(path, accepting())
    assert answered.status_code == 303


def test_a_newcomer_finds_the_tasks_of_the_post(stage: Stage, as_worker: Database) -> None:
    visit = stage.held()
    stage.client(stage.cast.guest_head).put(
        f"visits/{visit['id']}/outcome", stage.outcome(), version=visit["version"]
    )
    published = stage.client(stage.cast.guest_head).post(f"visits/{visit['id']}/outcome/publish")
    assert published.status_code == 200, published.json
    drain(as_worker, LANES)
    service = stage.cast.guest_service
    today = VISIT_AT.date().isoformat()
    former = stage.client(service)
    (task,) = former.get("tasks").json["items"]

    hand_over(stage, service.post_id, email="tari@example.id", name="Tari Lestari", starts_on=today)
    assert former.get("tasks").json["items"] == []
    assert former.get(f"tasks/{task['id']}").status_code == 404
    with stage.owner.transaction() as session:
        session.execute(
            text(
                "UPDATE people SET password_hash = (SELECT password_hash FROM people WHERE id = :id)"
                " WHERE email = 'tari@example.id'"
            ),
            {"id": service.id},
        )
        mailed = session.scalar(
            text("SELECT count(*) FROM deliveries WHERE kind = 'password' AND address = 'tari@example.id'")
        )
    assert mailed == 1
    successor = HubClient(stage.app).signed_in("tari@example.id")
    assert successor.get("tasks").json["items"] == [task]  # type: ignore[index]
    closed = successor.post(f"tasks/{task['id']}/close", {"note": "Jadwal disusun."}, version=1)
    assert closed.status_code == 200
