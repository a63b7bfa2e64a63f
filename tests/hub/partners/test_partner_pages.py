"""The pages of partner records: one's own unit, the unit an overseer chose, nothing for a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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

pytestmark = pytest.mark.usefixtures("shared_visit")


@pytest.fixture
def shared_visit(as_app: Database, as_worker: Database, cast: Cast) -> None:
    """One visit of the guest to the host, published with a promise of each, and answered."""
    with as_app.transaction() as session:
        guest, host = (session.get_one(Facility, unit.id) for unit in (cast.guest, cast.host))
        head = session.get_one(Person, cast.guest_head.id)
        story = world.story(session, guest, host, opened_by=head, themes=("rehabilitasi",))
        world.submitted(session, story, by=head)
        world.held(session, story, by=head)
        owners = [
            (guest, session.get_one(Post, cast.guest_service.post_id)),
            (host, session.get_one(Post, cast.host_training.post_id)),
        ]
        world.commit_to(session, story, owners)
        world.published(session, story, by=head, commitments=2)
    drain(as_worker, LANES)


def player(app: HubFlask, member: Member) -> HubClient:
    return HubClient(app).signed_in(member)


def shown(client: HubClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_data(as_text=True)


def test_own_partners_and_the_record_of_one(app: HubFlask, cast: Cast) -> None:
    client = player(app, cast.guest_service)
    page = shown(client, "/partners")
    path = f"/partners/{cast.guest.id}/{cast.host.id}"
    assert f'href="{path}"' in page
    assert "2 belum selesai" in page
    record = shown(client, path)
    for words in (
        cast.host.name,
        "Kontak pertama",
        "Rehabilitasi",
        "Hasil diterbitkan",
        "Kunjungan terlaksana",
    ):
        assert words in record
    assert record.count('class="task ') == 2
    assert record.count('class="moment ') == 3


def test_timeline_goes_on_where_it_ended(app: HubFlask, cast: Cast) -> None:
    client = player(app, cast.guest_service)
    path = f"/partners/{cast.guest.id}/{cast.host.id}"
    first = shown(client, f"{path}?limit=2")
    assert "Kunjungan diusulkan" not in first
    after = first.split(f"{path}?after=")[1].split("#")[0]
    second = shown(client, f"{path}?after={after}")
    assert "Kunjungan diusulkan" in second
    assert "Hasil diterbitkan" not in second
    assert client.get(f"{path}?after=!").status_code == 422


def test_overseer_chooses_the_unit(app: HubFlask, cast: Cast) -> None:
    client = player(app, cast.overseer)
    page = shown(client, "/partners")
    for unit in (cast.guest, cast.host):
        assert f'<option value="{unit.id}"' in page
    assert 'class="table' not in page
    chosen = shown(client, f"/partners?facility_id={cast.host.id}")
    assert f'href="/partners/{cast.host.id}/{cast.guest.id}"' in chosen
    assert shown(client, f"/partners/{cast.host.id}/{cast.guest.id}").count('class="task ') == 2


def test_stranger_sees_an_empty_page_and_nothing_of_others(app: HubFlask, cast: Cast) -> None:
    client = player(app, cast.stranger)
    assert "Belum ada mitra" in shown(client, "/partners")
    assert client.get(f"/partners?facility_id={cast.guest.id}").status_code == 404
    assert client.get(f"/partners/{cast.guest.id}/{cast.host.id}").status_code == 404
    # The partner's own people may not read the other side's record either.
    assert player(app, cast.host_head).get(f"/partners/{cast.guest.id}/{cast.host.id}").status_code == 404
    assert client.get("/partners?facility_id=0").status_code == 422
