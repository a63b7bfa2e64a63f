"""The page of a visit and of its invitation for people with an account: answer, rearrange, note as held."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from tests.hub.visits.stage import VISIT_AT
from tests.hub.visits.test_proposal_pages import page_of

if TYPE_CHECKING:
    from tests.hub.visits.stage import Stage


def test_visit_shows_agenda_with_clock_times_and_a_sign_in_sheet(stage: Stage) -> None:
    visit = stage.scheduled()
    page = page_of(stage.client(stage.cast.guest_head), f"/visits/{visit['id']}")
    assert "Kamis, 28 November 2024 pukul 09.00–12.00 WIB" in page
    assert "09.15–09.55" in page
    assert "Daftar hadir" in page
    assert page.count("<tr><td>") == 13
    assert "/arrangements/new" in page


def test_reader_elsewhere_sees_both_times(stage: Stage) -> None:
    visit = stage.scheduled()
    head = stage.client(stage.cast.guest_head)
    assert head.patch("me", {"zone": "Asia/Jayapura"}).status_code == 200
    assert "(11.00–14.00 WIT)" in page_of(head, f"/visits/{visit['id']}")


def test_strangers_find_no_visit(stage: Stage) -> None:
    submitted = stage.submit()
    visit, invitation = submitted["proposal"]["visit_id"], submitted["invitation_id"]
    stranger = stage.client(stage.cast.stranger)
    for path in (
        f"/visits/{visit}",
        f"/visits/{visit}/arrangements/new",
        f"/invitations/{invitation}/answer",
        f"/invitations/{invitation}/renew",
    ):
        page_of(stranger, path, 404)
    assert stranger.post_form(f"/visits/{visit}/hold", {}).status_code == 404
    assert stranger.post_form(f"/invitations/{invitation}/revoke", {}).status_code == 404


def test_only_the_head_of_the_guest_opens_its_forms(stage: Stage) -> None:
    submitted = stage.submit()
    visit, invitation = submitted["proposal"]["visit_id"], submitted["invitation_id"]
    for who in (stage.cast.host_head, stage.cast.overseer, stage.cast.guest_staff):
        reader = stage.client(who)
        page_of(reader, f"/visits/{visit}/arrangements/new", 403)
        page_of(reader, f"/invitations/{invitation}/renew", 403)
        page_of(reader, f"/proposals/{submitted['proposal']['id']}/withdraw", 403)


def test_host_head_accepts_in_one_click(stage: Stage) -> None:
    submitted = stage.submit()
    head = stage.client(stage.cast.host_head)
    path = f"/invitations/{submitted['invitation_id']}/answer"
    done = head.post_form(path, {"verdict": "accepted", "number": 1})
    assert done.status_code == 303
    page = page_of(head, done.headers["Location"])
    assert "Undangan diterima" in page
    assert "Waktu disepakati" in page
    again = head.post_form(path, {"verdict": "accepted", "number": 1})
    assert again.status_code == 303
    assert stage.count("answers") == 1


def test_host_head_counters_and_the_guest_takes_that_time(stage: Stage) -> None:
    submitted = stage.submit()
    visit_id = submitted["proposal"]["visit_id"]
    host, guest = stage.client(stage.cast.host_head), stage.client(stage.cast.guest_head)
    path = f"/invitations/{submitted['invitation_id']}/answer"
    page = page_of(host, f"{path}?verdict=countered")
    assert 'value="2024-11-28T09:00"' in page
    counter = {
        "verdict": "countered",
        "number": 1,
        "starts_at": "2024-12-03T10:00",
        "ends_at": "2024-12-03T12:00",
    }
    missing = host.post_form(path, counter)
    assert missing.status_code == 422
    assert 'value="2024-12-03T10:00"' in missing.get_data(as_text=True)
    assert host.post_form(path, {**counter, "reason": "Ada apel."}).status_code == 303
    thread = f"/collaborations/{submitted['proposal']['collaboration_id']}"
    page = page_of(guest, thread)
    assert "Selasa, 3 Desember 2024 pukul 10.00–12.00 WIB" in page
    assert 'name="starts_at" value="2024-12-03T10:00"' in page
    taken = guest.post_form(
        f"/visits/{visit_id}/arrangements/new",
        {"replaces": 1, "starts_at": "2024-12-03T10:00", "ends_at": "2024-12-03T12:00"},
    )
    assert taken.status_code == 303
    assert stage.visit(visit_id)["arrangement"]["number"] == 2


def test_declining_needs_a_reason(stage: Stage) -> None:
    submitted = stage.submit()
    head = stage.client(stage.cast.host_head)
    path = f"/invitations/{submitted['invitation_id']}/answer"
    refused = head.post_form(path, {"verdict": "declined", "number": 1})
    assert refused.status_code == 422
    assert 'href="#reason"' in refused.get_data(as_text=True)
    assert (
        head.post_form(path, {"verdict": "declined", "number": 1, "reason": "Ada audit."}).status_code == 303
    )
    assert "Ada audit." in page_of(
        stage.client(stage.cast.guest_head), f"/collaborations/{submitted['proposal']['collaboration_id']}"
    )


def test_who_does_not_head_the_host_may_not_answer(stage: Stage) -> None:
    submitted = stage.submit()
    path = f"/invitations/{submitted['invitation_id']}/answer"
    for who in (stage.cast.host_work, stage.cast.guest_head, stage.cast.overseer):
        reader = stage.client(who)
        assert "hanya kepala" in page_of(reader, path)
        assert reader.post_form(path, {"verdict": "accepted", "number": 1}).status_code == 422
    assert stage.count("answers") == 0


def test_other_visits_of_the_day_are_pointed_out(stage: Stage) -> None:
    stage.submit(title="Kunjungan pertama")
    second = stage.submit(title="Kunjungan kedua")
    page = page_of(
        stage.client(stage.cast.host_head), f"/collaborations/{second['proposal']['collaboration_id']}"
    )
    assert "Kunjungan lain pada hari yang sama" in page
    assert "Kunjungan pertama" in page


def test_invitation_is_sent_again_and_taken_back(stage: Stage) -> None:
    submitted = stage.submit()
    invitation = submitted["invitation_id"]
    head = stage.client(stage.cast.guest_head)
    assert "lapas.purwokerto@example.id" in page_of(head, f"/invitations/{invitation}/renew")
    bad = head.post_form(f"/invitations/{invitation}/renew", {"address": "bukan alamat"})
    assert bad.status_code == 422
    assert "bukan alamat" in bad.get_data(as_text=True)
    assert head.post_form(f"/invitations/{invitation}/renew", {"address": "tu@example.id"}).status_code == 303
    assert stage.count("invitations", "generation = 2 AND address = 'tu@example.id'") == 1
    done = head.post_form(f"/invitations/{invitation}/revoke", {})
    assert done.status_code == 303
    page = page_of(head, done.headers["Location"])
    assert "ditarik kembali" in page


def test_rearranging_twice_from_one_page_shows_what_stands_there_now(stage: Stage) -> None:
    visit = stage.scheduled()
    head = stage.client(stage.cast.guest_head)
    path = f"/visits/{visit['id']}/arrangements/new"
    page_of(head, path)
    moved = {"replaces": 1, "starts_at": "2024-12-03T09:00", "ends_at": "2024-12-03T12:00", "place": "Aula"}
    assert head.post_form(path, moved).status_code == 303
    late = head.post_form(path, {**moved, "starts_at": "2024-12-04T09:00", "ends_at": "2024-12-04T12:00"})
    page = late.get_data(as_text=True)
    assert late.status_code == 412
    assert 'value="2024-12-04T09:00"' in page
    assert "2024-12-03T09:00" in page
    assert 'name="replaces" value="2"' in page


@pytest.mark.parametrize(
    ("change", "text"),
    [({}, "Belum ada yang berbeda"), ({"starts_at": "2024-11-01T09:00"}, "Waktu ini sudah lewat")],
)
def test_rearranging_to_nothing_or_the_past_is_refused(
    stage: Stage, change: dict[str, str], text: str
) -> None:
    submitted = stage.submit()
    path = f"/visits/{submitted['proposal']['visit_id']}/arrangements/new"
    response = stage.client(stage.cast.guest_head).post_form(path, {"replaces": 1, **change})
    assert response.status_code == 422
    assert text in response.get_data(as_text=True)


def test_visit_is_noted_as_held_after_its_start(stage: Stage) -> None:
    visit = stage.scheduled()
    work = stage.client(stage.cast.host_work)
    early = work.post_form(f"/visits/{visit['id']}/hold", {})
    assert early.status_code == 409
    assert "Tidak ada yang diubah" in early.get_data(as_text=True)
    stage.travel(VISIT_AT + dt.timedelta(hours=3))
    page = page_of(stage.client(stage.cast.host_work), f"/visits/{visit['id']}")
    assert "Kunjungan sudah terlaksana" in page
    done = stage.client(stage.cast.host_work).post_form(f"/visits/{visit['id']}/hold", {})
    assert done.status_code == 303
    assert done.headers["Location"].endswith(f"/visits/{visit['id']}/outcome")
    assert "/hold" not in page_of(stage.client(stage.cast.overseer), f"/visits/{visit['id']}")
