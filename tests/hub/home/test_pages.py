"""Home, units and collaborations: each reader sees what is theirs, and the next thing to do."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from tests.hub.visits.stage import VISIT_AT
from tests.hub.visits.test_proposal_pages import page_of
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hub.visits.stage import Stage


def concluded(stage: Stage) -> int:
    """Play a visit to its published outcome, effects included; return the collaboration."""
    visit = stage.held()
    head = stage.client(stage.cast.guest_head)
    version = head.get(f"visits/{visit['id']}").json["version"]
    put = head.put(f"visits/{visit['id']}/outcome", stage.outcome(), version=version)
    assert put.status_code == 200, put.get_data(as_text=True)
    assert head.post(f"visits/{visit['id']}/outcome/publish").status_code == 200
    drain(stage.owner, LANES)
    return int(visit["collaboration_id"])


def test_home_of_a_head_begins_with_what_waits_for_a_decision(stage: Stage) -> None:
    stage.propose(title="Masih draf")
    stage.submit(title="Sudah dikirim")
    guest = page_of(stage.client(stage.cast.guest_head), "/home")
    assert guest.index("Masih draf") < guest.index("Sudah dikirim")
    assert "Giliran Anda: kirim usulan" in guest
    assert "Menunggu jawaban Lapas Kelas IIA Purwokerto" in guest
    host = page_of(stage.client(stage.cast.host_head), "/home")
    assert "Giliran Anda: jawab paling lambat" in host
    assert "Masih draf" not in host


def test_empty_home_says_what_will_appear_and_how_to_start(stage: Stage) -> None:
    page = page_of(stage.client(stage.cast.stranger), "/home")
    assert "Tidak ada yang menunggu keputusan Anda" in page
    assert "Belum ada yang berjalan" in page
    assert 'href="/proposals/new"' in page


def test_staff_overseer_and_admin_each_have_their_own_home(stage: Stage) -> None:
    concluded(stage)
    service = page_of(stage.client(stage.cast.guest_service), "/home")
    assert "Menyusun jadwal" in service
    assert "Tindak lanjut saya" in service
    stage.travel(VISIT_AT + dt.timedelta(days=60))
    overseer = page_of(stage.client(stage.cast.overseer), "/home")
    assert "Unit yang Anda awasi" in overseer
    assert "Menyiapkan lahan" in overseer
    assert "tindak lanjut terlambat" in overseer
    assert "Ajukan kerja sama" not in overseer
    admin = page_of(stage.client(stage.cast.admin), "/home")
    assert 'href="/operations"' in admin
    head = page_of(stage.client(stage.cast.host_head), "/home")
    assert "Terlambat di unit Anda" in head


def test_collaboration_is_followed_to_its_follow_ups(stage: Stage) -> None:
    thread = concluded(stage)
    page = page_of(stage.client(stage.cast.overseer), f"/collaborations/{thread}")
    for text in (
        "3 tindak lanjut masih terbuka",
        "Menyusun jadwal",
        "Dua kolam terpal.",
        "Undangan diterima",
    ):
        assert text in page
    assert page.count("/events/") >= 5
    assert "reaksi sedang berjalan" not in page
    assert "btn-primary" not in page
    page_of(stage.client(stage.cast.stranger), f"/collaborations/{thread}", 404)


def test_guest_alone_reads_the_invitation_s_address(stage: Stage) -> None:
    submitted = stage.submit()
    path = f"/collaborations/{submitted['proposal']['collaboration_id']}"
    assert "lapas.purwokerto@example.id" in page_of(stage.client(stage.cast.guest_head), path)
    for who in (stage.cast.host_head, stage.cast.overseer, stage.cast.admin):
        assert "lapas.purwokerto@example.id" not in page_of(stage.client(who), path)


def test_list_is_filtered_and_paged(stage: Stage) -> None:
    for number in range(21):
        stage.propose(title=f"Usulan {number:02}")
    stage.submit(title="Yang dikirim")
    head = stage.client(stage.cast.guest_head)
    first = page_of(head, "/collaborations")
    assert "Yang dikirim" in first
    assert "Usulan 00" not in first
    following = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    assert "Usulan 00" in page_of(head, following.replace("&amp;", "&"))
    asked = page_of(head, "/collaborations?state=asked&role=guest")
    assert "Yang dikirim" in asked
    assert "Usulan 20" not in asked
    assert "Yang dikirim" not in page_of(head, "/collaborations?role=host")
    assert "Yang dikirim" in page_of(stage.client(stage.cast.host_head), "/collaborations?role=host")


@pytest.mark.parametrize("query", ["state=nonsense", "after=nonsense", "role=x", "limit=0"])
def test_list_refuses_a_query_it_does_not_know(stage: Stage, query: str) -> None:
    page_of(stage.client(stage.cast.guest_head), f"/collaborations?{query}", 422)


def test_units_are_found_by_name_kind_and_region(stage: Stage) -> None:
    reader = stage.client(stage.cast.guest_head)
    page = page_of(reader, f"/facilities?q=purwok&kind=lapas&region_id={stage.cast.region.id}")
    assert "Lapas Kelas IIA Purwokerto" in page
    assert "Wamena" not in page
    assert "Tidak ada unit yang cocok" in page_of(reader, "/facilities?q=zzzzzz&kind=&region_id=")


def test_profile_shows_what_a_unit_hosted_and_partners_to_those_who_may(stage: Stage) -> None:
    concluded(stage)
    host = f"/facilities/{stage.cast.host.id}"
    page = page_of(stage.client(stage.cast.guest_head), host)
    assert "Unit ini sudah menerima 1 kunjungan." in page
    assert f'href="/proposals/new?host={stage.cast.host.id}"' in page
    assert stage.cast.host_head.name not in page
    partner = f"/partners/{stage.cast.host.id}/{stage.cast.guest.id}"
    assert partner not in page
    assert partner in page_of(stage.client(stage.cast.host_head), host)
    assert partner in page_of(stage.client(stage.cast.overseer), host)
    own = page_of(stage.client(stage.cast.host_head), host)
    assert "/proposals/new?host=" not in own
    page_of(stage.client(stage.cast.guest_head), "/facilities/999999", 404)


def test_pages_ask_for_a_sign_in(stage: Stage) -> None:
    nobody = stage.app.test_client()
    for path in ("/home", "/collaborations", "/facilities", "/proposals/new"):
        assert nobody.get(path).status_code in (302, 303, 401)


def test_statements_do_not_grow_with_the_rows(stage: Stage) -> None:
    first = stage.submit(title="Yang pertama")
    head, overseer = stage.client(stage.cast.guest_head), stage.client(stage.cast.overseer)
    thread = f"/collaborations/{first['proposal']['collaboration_id']}"
    pages = ("/home", "/collaborations", f"/facilities/{stage.cast.host.id}", thread)

    def count() -> list[int]:
        counted = []
        for reader in (head, overseer):
            for path in pages:
                with statements(stage) as sent:
                    page_of(reader, path)
                counted.append(len(sent))
        return counted

    page_of(head, "/home")
    before = count()
    for number in range(6):
        stage.submit(title=f"Lagi {number}")
        stage.propose(title=f"Draf {number}")
    assert count() == before


@contextmanager
def statements(stage: Stage) -> Iterator[list[str]]:
    """Yield the list of statements that the web process sends meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(stage.app.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(stage.app.database.engine, "before_cursor_execute", note)
