"""A receipt says whom an event told, what it made, and what waits or failed; to those it concerns."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from hub.accounts.models import Person, Post
from hub.facilities.models import Facility
from hub.notifications.inviting import invite
from tests.support import world
from tests.support.client import HubClient
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast, Member


class Concluded:
    """The cast's visit, concluded; nothing has been answered yet."""

    def __init__(self, as_app: Database, cast: Cast) -> None:
        with as_app.transaction() as session:
            guest, host = (session.get_one(Facility, unit.id) for unit in (cast.guest, cast.host))
            self.head = session.get_one(Person, cast.guest_head.id)
            self.story = world.story(session, guest, host, opened_by=self.head)
            self.invitation = world.invitation(session, self.story)
            owners = [
                (guest, session.get_one(Post, cast.guest_staff.post_id)),
                (host, session.get_one(Post, cast.host_training.post_id)),
            ]
            world.commit_to(session, self.story, owners)
            self.submitted = world.submitted(session, self.story, by=self.head)
            self.published = world.published(session, self.story, by=self.head, commitments=2)


def answer(as_worker: Database, event_id: uuid.UUID, *consumers: str) -> None:
    """Let consumers answer, as the drain does."""
    with as_worker.transaction() as session:
        for consumer in consumers:
            summary = LANES[consumer](session, [event_id])[event_id]
            session.execute(
                text(
                    "UPDATE reactions SET state = 'done', attempts = 1, done_at = hub_now(), took_ms = 3,"
                    " summary = CAST(:summary AS jsonb) WHERE event_id = :id AND consumer = :consumer"
                ),
                {"id": event_id, "consumer": consumer, "summary": str(summary).replace("'", '"')},
            )


def read(app: HubFlask, member: Member, event_id: uuid.UUID) -> Any:
    response = HubClient(app).signed_in(member).get(f"events/{event_id}/receipt")
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()


def test_receipt_of_a_published_outcome_names_posts_tasks_and_records(
    app: HubFlask, as_app: Database, as_worker: Database, cast: Cast
) -> None:
    event_id = Concluded(as_app, cast).published
    answer(as_worker, event_id, "notify", "open-tasks", "partner-record")
    shown = read(app, cast.host_training, event_id)
    assert shown["event"]["type"] == "outcome.published.v1"
    assert [(told["post"], told["unit"]) for told in shown["told"]] == [
        ("Kalapas", cast.host.name),
        ("Kasi Binadik", cast.host.name),
        ("Staf Pelayanan", cast.guest.name),
        ("overseer", cast.region.name),
    ]
    assert {told["mail"] for told in shown["told"]} == {"due"}
    assert [(task["unit"], task["owner"], task["accountable"]) for task in shown["tasks"]] == [
        (cast.guest.name, "Staf Pelayanan", "Kasubsi Pelayanan Tahanan"),
        (cast.host.name, "Kasi Binadik", "Kasi Binadik"),
    ]
    assert {(record["facility"], record["partner"]) for record in shown["records"]} == {
        (cast.guest.name, cast.host.name),
        (cast.host.name, cast.guest.name),
    }
    assert [(one["consumer"], one["state"], one["summary"]) for one in shown["reactions"]] == [
        ("notify", "done", {"notices": 4, "mails": 4}),
        ("open-tasks", "done", {"tasks": 2, "reminders": 6}),
        ("partner-record", "done", {"records": 2}),
    ]
    totals = {
        name: shown["totals"][name] for name in ("notices", "mails_due", "tasks", "reminders", "records")
    }
    assert totals == {"notices": 4, "mails_due": 4, "tasks": 2, "reminders": 6, "records": 2}
    assert shown["totals"]["last_effect_ms"] >= 0
    assert shown["waiting"] == []
    assert not shown["is_settled"]
    body = str(shown)
    assert not any(member.email in body for member in cast.everybody())
    assert not any(member.name in body for member in cast.everybody() if member != cast.guest_head)
    with as_worker.transaction() as session:
        session.execute(text("UPDATE deliveries SET state = 'sent', settled_at = hub_now()"))
    assert read(app, cast.guest_head, event_id)["is_settled"]


def test_what_waits_or_failed_is_said_in_the_readers_language(
    app: HubFlask, as_app: Database, as_worker: Database, cast: Cast
) -> None:
    event_id = Concluded(as_app, cast).published
    answer(as_worker, event_id, "notify")
    with as_worker.transaction() as session:
        session.execute(
            text(
                "UPDATE reactions SET state = 'parked', attempts = 5, reason = 'boom' WHERE consumer = :name"
            ),
            {"name": "open-tasks"},
        )
        session.execute(
            text(
                "UPDATE deliveries SET state = 'failed', settled_at = hub_now(), attempts = 6,"
                " reason = 'the worker ended during every attempt' WHERE person_id = :id"
            ),
            {"id": cast.host_head.id},
        )
    shown = read(app, cast.guest_head, event_id)
    assert [(one["what"], one["state"], one["reason"]) for one in shown["waiting"]] == [
        ("open-tasks", "parked", "boom"),
        ("mail:notification", "failed", "proses pengirim berhenti pada setiap percobaan"),
    ]


def test_receipt_of_a_submission_shows_who_was_asked_without_the_address(
    app: HubFlask, as_app: Database, as_worker: Database, cast: Cast
) -> None:
    past = Concluded(as_app, cast)
    with as_app.transaction() as session:
        session.execute(text("UPDATE visits SET state = 'proposed', held_at = NULL, published_at = NULL"))
    with as_worker.transaction() as session:
        invite(session, [past.submitted])
    shown = read(app, cast.guest_head, past.submitted)
    assert shown["invited"] == [{"unit": cast.host.name, "mail": "due", "mail_reason": None, "attempts": 0}]
    assert past.invitation.address not in str(shown)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("guest_head", 200),
        ("guest_assets", 200),
        ("host_work", 200),
        ("overseer", 200),
        ("admin", 200),
        ("stranger", 404),
    ],
)
def test_receipt_is_for_the_parties_and_their_overseers(
    app: HubFlask, as_app: Database, cast: Cast, who: str, status: int
) -> None:
    event_id = Concluded(as_app, cast).published
    client = HubClient(app).signed_in(getattr(cast, who))
    assert client.get(f"events/{event_id}/receipt").status_code == status


def test_receipt_of_nothing_is_not_found(app: HubFlask, cast: Cast) -> None:
    client = HubClient(app).signed_in(cast.admin)
    assert client.get(f"events/{uuid.uuid4()}/receipt").status_code == 404
    assert client.get("events/12/receipt").status_code == 404
