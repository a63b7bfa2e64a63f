"""The receipt as a page: pending with its counts, settled, troubled, for those it concerns alone."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from hub.accounts.models import Person, Post
from hub.facilities.models import Facility
from tests.support import world
from tests.support.client import HubClient
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast, Member


@pytest.fixture
def published(as_app: Database, cast: Cast) -> uuid.UUID:
    """Publish the outcome of the cast's visit with a promise of each; nothing is answered yet."""
    with as_app.transaction() as session:
        guest, host = (session.get_one(Facility, unit.id) for unit in (cast.guest, cast.host))
        head = session.get_one(Person, cast.guest_head.id)
        story = world.story(session, guest, host, opened_by=head)
        owners = [
            (guest, session.get_one(Post, cast.guest_staff.post_id)),
            (host, session.get_one(Post, cast.host_training.post_id)),
        ]
        world.commit_to(session, story, owners)
        return world.published(session, story, by=head, commitments=2)


def player(app: HubFlask, member: Member) -> HubClient:
    return HubClient(app).signed_in(member)


def shown(client: HubClient, event_id: uuid.UUID) -> str:
    response = client.get(f"/events/{event_id}")
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_data(as_text=True)


def progress(client: HubClient, event_id: uuid.UUID) -> Any:
    response = client.get(f"/events/{event_id}/progress")
    assert response.status_code == 200
    return response.get_json()


def test_pending_receipt_counts_and_looks_again_without_scripts(
    app: HubFlask, cast: Cast, published: uuid.UUID
) -> None:
    client = player(app, cast.guest_head)
    page = shown(client, published)
    assert "Sedang berjalan" in page
    assert '<progress max="3" value="0"' in page
    assert f'<a href="/events/{published}">Lihat lagi</a>' in page
    assert "js/receipt.js" in page
    assert progress(client, published) == {
        "done": 0,
        "total": 3,
        "mails_done": 0,
        "mails": 0,
        "is_pending": True,
    }


def test_settled_receipt_names_who_is_told_which_tasks_and_records(
    app: HubFlask, as_worker: Database, as_owner: Database, cast: Cast, published: uuid.UUID
) -> None:
    drain(as_worker, LANES)
    with as_owner.transaction() as session:
        session.execute(text("UPDATE deliveries SET state = 'sent', settled_at = hub_now()"))
    client = player(app, cast.host_training)
    page = shown(client, published)
    for words in (
        "Semua sudah selesai",
        "Hasil diterbitkan",
        "surel terkirim",
        "Staf Pelayanan (penanggung jawab: Kasubsi Pelayanan Tahanan)",
        f"{cast.host.name}: catatannya tentang {cast.guest.name}",
        "Berapa lama",
        "2 tugas",
    ):
        assert words in page, words
    assert f'href="/partners/{cast.host.id}/{cast.guest.id}"' in page
    assert f'href="/partners/{cast.guest.id}/{cast.host.id}"' not in page, "the other side's record"
    assert page.count('class="task ') == 2
    assert "js/receipt.js" not in page
    assert "Lihat lagi" not in page
    assert not progress(client, published)["is_pending"]
    # Whoever is told appears by post and unit, never by name or address.
    assert cast.host_head.name not in page
    assert "@" not in page


def test_what_failed_says_why_and_when_it_is_tried_again(
    app: HubFlask, as_owner: Database, cast: Cast, published: uuid.UUID
) -> None:
    with as_owner.transaction() as session:
        session.execute(
            text(
                "UPDATE reactions SET state = 'parked', attempts = 5, reason = 'RuntimeError: broken <b>'"
                " WHERE event_id = :id AND consumer = 'notify'"
            ),
            {"id": published},
        )
        session.execute(
            text(
                "UPDATE reactions SET attempts = 2, reason = 'TimeoutError',"
                " due_at = hub_now() + interval '2 minutes'"
                " WHERE event_id = :id AND consumer = 'open-tasks'"
            ),
            {"id": published},
        )
    page = shown(player(app, cast.guest_head), published)
    assert "Ada yang terhenti" in page
    assert "RuntimeError: broken &lt;b&gt;" in page
    assert "tidak dengan sendirinya" in page
    assert "TimeoutError" in page
    assert "dalam 2 menit" in page


def test_receipt_is_for_those_it_concerns(app: HubFlask, cast: Cast, published: uuid.UUID) -> None:
    assert "Hasil diterbitkan" in shown(player(app, cast.overseer), published)
    stranger = player(app, cast.stranger)
    for path in (f"/events/{published}", f"/events/{published}/progress", f"/events/{uuid.uuid4()}"):
        assert stranger.get(path).status_code == 404
    assert stranger.get("/events/not-an-id").status_code == 404
