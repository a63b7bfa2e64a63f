"""The pages of a proposal: written, edited, sent and withdrawn, with nothing typed ever lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.hub.visits.stage import AGENDA
from tests.support.client import HubClient

if TYPE_CHECKING:
    from tests.hub.visits.stage import Stage


def fields(stage: Stage, **changes: object) -> dict[str, object]:
    """Return a filled proposal as the form sends it; None leaves a field out."""
    body = stage.proposal()
    del body["agenda"]
    flat = {**body, "host_id": stage.cast.host.id}
    for number, item in enumerate(AGENDA):
        flat |= {f"agenda-{number}-{name}": value for name, value in item.items()}
    return {name: value for name, value in {**flat, **changes}.items() if value is not None}


def page_of(player: HubClient, path: str, status: int = 200) -> str:
    """Return a page's HTML."""
    response = player.get(path)
    assert response.status_code == status, response.get_data(as_text=True)[:2000]
    return response.get_data(as_text=True)


def version_in(page: str) -> str:
    """Return the version that a form carries."""
    found = re.search(r'name="_version" value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_new_proposal_is_prefilled(stage: Stage) -> None:
    page = page_of(stage.client(stage.cast.guest_head), f"/proposals/new?host={stage.cast.host.id}")
    assert "Lapas Kelas IIA Purwokerto" in page
    assert 'value="2024-11-25T09:00"' in page
    assert page.count('role="group"') == 6
    assert "Kasi Binadik, Lapas Kelas IIA Purwokerto" in page


def test_host_is_searched_for_without_scripts_and_nothing_typed_is_lost(stage: Stage) -> None:
    head = stage.client(stage.cast.guest_head)
    typed = fields(stage, host_id=None, host_name="purwok", _find="search")
    response = head.post_form("/proposals/new", typed)
    page = response.get_data(as_text=True)
    assert response.status_code == 200
    assert f'name="host_id" value="{stage.cast.host.id}"' in page
    assert "Program rehabilitasi di rutan kami baru dimulai." in page
    nobody = head.post_form("/proposals/new", {**typed, "host_name": "zzzzzz"}).get_data(as_text=True)
    assert "Tidak ada unit yang cocok" in nobody
    other = head.post_form("/proposals/new", fields(stage, _find="change")).get_data(as_text=True)
    assert 'name="host_name"' in other
    assert stage.count("collaborations") == 0
    # Back to the page before, whose key is as fresh as it was.
    kept = {"_key": "the-key-of-one-page"}
    assert head.post_form("/proposals/new", {**typed, **kept}).status_code == 200
    assert head.post_form("/proposals/new", {**fields(stage), **kept}).status_code == 303


def test_rows_of_the_agenda_come_and_go(stage: Stage) -> None:
    head = stage.client(stage.cast.guest_head)
    more = head.post_form("/proposals/new", fields(stage, _add="agenda")).get_data(as_text=True)
    assert 'name="agenda-6-title"' in more
    fewer = head.post_form("/proposals/new", fields(stage, _remove="agenda-0")).get_data(as_text=True)
    assert 'name="agenda-5-title"' not in fewer
    assert 'value="Paparan program rehabilitasi"' in fewer
    assert stage.count("collaborations") == 0


def test_draft_is_kept_and_only_its_unit_sees_it(stage: Stage) -> None:
    head = stage.client(stage.cast.guest_head)
    response = head.post_form("/proposals/new", fields(stage))
    assert response.status_code == 303
    path = response.headers["Location"]
    page = page_of(head, path)
    assert "Draf" in page
    assert "Draf disimpan" in page
    assert page_of(stage.client(stage.cast.guest_staff), path)
    for who in (stage.cast.host_head, stage.cast.stranger, stage.cast.overseer):
        page_of(stage.client(who), path, 404)


def test_empty_form_names_every_field_and_keeps_what_was_typed(stage: Stage) -> None:
    form = {"guest_id": stage.cast.guest.id, "title": "Hanya judul", "kind": "studi_tiru"}
    response = stage.client(stage.cast.guest_head).post_form("/proposals/new", form)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert 'value="Hanya judul"' in page
    for name in ("host_name", "themes", "urgency", "starts_at", "place", "agenda"):
        assert f'href="#{name}"' in page
    assert stage.count("collaborations") == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"host_id": None, "host_name": "Lapas Entah"}, "host_name"),
        ({"starts_at": "2024-11-01T09:00", "ends_at": "2024-11-01T12:00"}, "starts_at"),
        ({"ends_at": "2024-11-28T08:00"}, "ends_at"),
        ({"title": "x" * 151}, "title"),
        ({"agenda-0-minutes": "１５"}, "agenda-0-minutes"),
        ({"weekday": "Kemarin"}, "weekday"),
        ({"host_id": "9" * 5000}, "host_name"),
        ({"guest_id": "9" * 5000, "title": "\x00"}, "title"),
        ({"starts_at": "0001-01-01T09:00"}, "starts_at"),
    ],
)
def test_bad_input_is_refused_at_its_field(stage: Stage, change: dict[str, object], field: str) -> None:
    response = stage.client(stage.cast.guest_head).post_form("/proposals/new", fields(stage, **change))
    assert response.status_code == 422
    assert f'href="#{field}"' in response.get_data(as_text=True)
    assert stage.count("collaborations") == 0


def test_weekday_that_disagrees_leads_back_to_the_form(stage: Stage) -> None:
    head = stage.client(stage.cast.guest_head)
    response = head.post_form("/proposals/new", fields(stage, weekday="Jumat", _then="submit"))
    assert response.headers["Location"].endswith("/edit")
    page = page_of(head, response.headers["Location"])
    assert "Anda menulis Jumat" in page


def test_day_that_is_not_worked_is_pointed_out_and_stops_nobody(stage: Stage) -> None:
    head = stage.client(stage.cast.guest_head)
    saturday = fields(stage, starts_at="2024-11-30T09:00", ends_at="2024-11-30T12:00")
    shown = head.post_form("/proposals/new", {**saturday, "_add": "agenda"}).get_data(as_text=True)
    assert "bukan hari kerja (Sabtu)" in shown
    response = head.post_form("/proposals/new", {**saturday, "_then": "submit"})
    assert response.status_code == 303
    page = page_of(head, response.headers["Location"])
    assert "Hari yang diusulkan bukan hari kerja (Sabtu)" in page
    assert "Kirim usulan sekarang" in page


def test_form_sent_twice_is_one_draft(stage: Stage) -> None:
    head = stage.client(stage.cast.guest_head)
    form = {**fields(stage), "_key": "twice-the-same-key"}
    first, second = head.post_form("/proposals/new", form), head.post_form("/proposals/new", form)
    assert first.headers["Location"] == second.headers["Location"]
    assert stage.count("collaborations") == 1


@pytest.mark.parametrize("host", ["999999", "x", "-1", "9" * 5000, "%D9%A3", "%00"])
def test_host_in_the_address_that_is_none_leaves_the_search(stage: Stage, host: str) -> None:
    page = page_of(stage.client(stage.cast.guest_head), f"/proposals/new?host={host}")
    assert 'name="host_name"' in page


def test_endless_search_finds_nothing_quickly(stage: Stage) -> None:
    typed = fields(stage, host_id=None, host_name="a b c d e f " * 500, _find="search")
    response = stage.client(stage.cast.guest_head).post_form("/proposals/new", typed)
    assert response.status_code == 200


def test_who_serves_nowhere_may_not_propose(stage: Stage) -> None:
    for who in (stage.cast.overseer, stage.cast.admin):
        page_of(stage.client(who), "/proposals/new", 403)
    assert HubClient(stage.app).get("/proposals/new").status_code in (302, 303, 401)


def test_stale_edit_shows_both_and_can_be_sent_again(stage: Stage) -> None:
    draft = stage.propose()
    head, service = stage.client(stage.cast.guest_head), stage.client(stage.cast.guest_service)
    path = f"/proposals/{draft['id']}/edit"
    old = version_in(page_of(service, path))
    mine = edit_fields(stage, title="Judul dari kepala")
    assert head.post_form(path, {**mine, "_version": old}).status_code == 303
    late = service.post_form(path, {**edit_fields(stage, title="Judul dari Kasubsi"), "_version": old})
    page = late.get_data(as_text=True)
    assert late.status_code == 412
    assert 'value="Judul dari Kasubsi"' in page
    assert "Judul dari kepala" in page
    again = {**edit_fields(stage, title="Judul dari Kasubsi"), "_version": version_in(page)}
    assert service.post_form(path, again).status_code == 303
    assert "Judul dari Kasubsi" in page_of(head, f"/collaborations/{draft['collaboration_id']}")


def test_words_alone_need_no_new_arrangement(stage: Stage) -> None:
    draft = stage.propose()
    head = stage.client(stage.cast.guest_head)
    path = f"/proposals/{draft['id']}/edit"
    version = version_in(page_of(head, path))
    assert (
        head.post_form(path, {**edit_fields(stage, duration="Dua hari"), "_version": version}).status_code
        == 303
    )
    assert stage.count("arrangements") == 1
    version = version_in(page_of(head, path))
    moved = edit_fields(stage, starts_at="2024-11-29T09:00", ends_at="2024-11-29T12:00")
    assert head.post_form(path, {**moved, "_version": version}).status_code == 303
    assert stage.count("arrangements") == 2


def test_submitting_says_whom_it_mails_and_until_when(stage: Stage) -> None:
    draft = stage.propose()
    head = stage.client(stage.cast.guest_head)
    path = f"/proposals/{draft['id']}/submit"
    page = page_of(head, path)
    assert "lapas.purwokerto@example.id" in page
    assert "Rabu, 20 November 2024" in page
    staff = page_of(stage.client(stage.cast.guest_staff), path)
    assert "Hanya kepala" in staff
    sent = head.post_form(path, {"_version": version_in(page)})
    assert sent.status_code == 303
    shown = page_of(head, sent.headers["Location"])
    assert "3 reaksi" in shown
    assert "/events/" in shown
    assert stage.count("invitations") == 1
    assert head.get(path).status_code == 303


def test_only_the_head_submits(stage: Stage) -> None:
    draft = stage.propose()
    staff = stage.client(stage.cast.guest_staff)
    response = staff.post_form(f"/proposals/{draft['id']}/submit", {"_version": "1"})
    assert response.status_code == 422
    assert stage.count("invitations") == 0
    assert stage.client(stage.cast.stranger).get(f"/proposals/{draft['id']}/submit").status_code == 404


def test_withdrawing_asks_for_a_reason(stage: Stage) -> None:
    submitted = stage.submit()
    head = stage.client(stage.cast.guest_head)
    path = f"/proposals/{submitted['proposal']['id']}/withdraw"
    page_of(head, path)
    assert head.post_form(path, {"reason": " "}).status_code == 422
    done = head.post_form(path, {"reason": "Anggaran dipindahkan."})
    assert done.status_code == 303
    assert "Ditarik" in page_of(head, done.headers["Location"])


def edit_fields(stage: Stage, **changes: object) -> dict[str, object]:
    """Return the form of a draft as it is sent."""
    form = fields(stage, **changes)
    return {name: value for name, value in form.items() if name not in ("guest_id", "host_id")}
