"""The outcome is written on a page, by rows and in drafts, previewed and published once by a head."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from tests.hub.visits.stage import Player, Stage


def form(stage: Stage, version: int, **changes: object) -> dict[str, object]:
    """Return the page's form with two themes and three promises."""
    fields: dict[str, object] = {
        "_version": version,
        "themes-0-theme": "rehabilitasi",
        "themes-0-seen": "Tahapan program yang terstruktur.",
        "themes-0-will_try": "Kelompok pemulihan mingguan.",
        "themes-0-commitments-0-text": "Menyusun jadwal",
        "themes-0-commitments-0-owner_post_id": stage.cast.guest_service.post_id,
        "themes-0-commitments-0-working_days": "10",
        "themes-0-commitments-1-text": "Mengirim modul",
        "themes-0-commitments-1-owner_post_id": stage.cast.host_training.post_id,
        "themes-0-commitments-1-working_days": "5",
        "themes-1-theme": "ketahanan_pangan",
        "themes-1-seen": "Kolam dan kebun di lahan sempit.",
        "themes-1-will_try": "Dua kolam terpal.",
        "themes-1-commitments-0-text": "Menyiapkan lahan",
        "themes-1-commitments-0-owner_post_id": stage.cast.guest_assets.post_id,
        "themes-1-commitments-0-working_days": "15",
    }
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def body(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.get_data(as_text=True)
    text: str = response.get_data(as_text=True)
    return text


def saved(stage: Stage) -> tuple[Player, str, int]:
    """Write the draft of a held visit; return who did, its page's path and the visit's version."""
    visit = stage.held()
    player = stage.client(stage.cast.guest_service)
    path = f"/visits/{visit['id']}/outcome"
    response = player.post_form(path, form(stage, visit["version"]))
    assert response.status_code == 303, response.get_data(as_text=True)
    return player, path, stage.visit(visit["id"])["version"]


def test_first_look_offers_the_agreed_themes_and_each_units_posts(stage: Stage) -> None:
    visit = stage.held()
    staff = stage.client(stage.cast.host_training)
    page = body(staff.get(f"/visits/{visit['id']}/outcome"))
    assert '<option value="rehabilitasi" selected>' in page
    assert '<option value="ketahanan_pangan" selected>' in page
    assert f'<optgroup label="{stage.cast.guest.name}">' in page
    assert "Staf Pelayanan (penanggung jawab: Kasubsi Pelayanan Tahanan)" in page
    assert "Tulis angka, bukan nama" in page
    assert 'name="_then"' not in page, "only a head may publish"
    assert 'name="_then"' in body(stage.client(stage.cast.guest_head).get(f"/visits/{visit['id']}/outcome"))


def test_rows_come_and_go_and_nothing_is_kept_by_that(stage: Stage) -> None:
    visit = stage.held()
    staff = stage.client(stage.cast.guest_service)
    path = f"/visits/{visit['id']}/outcome"
    filled = {**form(stage, visit["version"]), "_key": "the-same-key-again"}
    page = body(staff.post_form(path, {**filled, "_add": "themes-0-commitments"}))
    assert "themes-0-commitments-2-text" in page
    assert "Kelompok pemulihan mingguan." in page
    # Back in the browser, and another button under the key of the same page.
    page = body(staff.post_form(path, {**filled, "_add": "themes"}))
    assert "themes-2-seen" in page
    page = body(staff.post_form(path, {**filled, "_remove": "themes-0-commitments-0"}))
    assert "Menyusun jadwal" not in page
    assert 'id="themes-0-commitments-0-text"' in page
    page = body(staff.post_form(path, {**filled, "_remove": "themes-0"}))
    assert "Kelompok pemulihan mingguan." not in page
    assert 'id="themes-1-seen"' not in page
    assert stage.count("outcomes") == 0
    assert staff.post_form(path, filled).status_code == 303
    assert stage.count("commitments") == 3


def test_draft_is_kept_with_its_due_days_in_words(stage: Stage) -> None:
    staff, path, version = saved(stage)
    page = body(staff.get(path))
    assert "Kelompok pemulihan mingguan." in page
    assert f'name="_version" value="{version}"' in page
    # Ten working days after Thursday 28 November 2024.
    assert "Bila diterbitkan hari ini, jatuh tempo Kamis, 12 Desember 2024." in page


def test_faults_are_named_and_what_was_typed_stays(stage: Stage) -> None:
    visit = stage.held()
    staff = stage.client(stage.cast.guest_service)
    path = f"/visits/{visit['id']}/outcome"
    wrong = {
        "themes-0-seen": "",
        "themes-0-commitments-0-working_days": "0",
        "themes-1-commitments-0-owner_post_id": None,
    }
    page = body(staff.post_form(path, form(stage, visit["version"], **wrong)), 422)
    for name in (
        "themes-0-seen",
        "themes-0-commitments-0-working_days",
        "themes-1-commitments-0-owner_post_id",
    ):
        assert f'href="#{name}"' in page
        assert f'id="{name}-error"' in page
    assert "Dua kolam terpal." in page
    foreign = {"themes-0-commitments-0-owner_post_id": stage.cast.stranger.post_id}
    page = body(staff.post_form(path, form(stage, visit["version"], **foreign)), 422)
    assert 'href="#themes-0-commitments-0-owner_post_id"' in page
    page = body(staff.post_form(path, {"_version": visit["version"]}), 422)
    assert 'href="#themes"' in page
    assert stage.count("outcomes") == 0


def test_stale_draft_shows_both_and_can_be_sent_again(stage: Stage) -> None:
    staff, path, version = saved(stage)
    later = form(stage, version - 1, **{"themes-1-will_try": "Tiga kolam terpal."})
    page = body(staff.post_form(path, later), 412)
    assert "Tiga kolam terpal.</textarea>" in page
    assert "Dua kolam terpal." in page
    assert 'id="themes-1-will_try-now"' in page
    assert f'name="_version" value="{version}"' in page
    assert staff.post_form(path, {**later, "_version": version}).status_code == 303
    assert stage.count("outcomes", "will_try = 'Tiga kolam terpal.'") == 1


def test_what_names_somebody_is_warned_of_and_kept(stage: Stage) -> None:
    visit = stage.held()
    staff = stage.client(stage.cast.guest_service)
    path = f"/visits/{visit['id']}/outcome"
    assert "Apakah ini menunjukkan siapa" not in body(staff.get(path))
    named = form(stage, visit["version"], **{"themes-0-seen": "WBP a.n. Fulan, B.I 12/2024"})
    assert staff.post_form(path, named).status_code == 303
    page = body(staff.get(path))
    assert 'id="themes-0-seen-suspected"' in page
    assert "<q>B.I 12/2024</q>" in page
    assert "_no_inmates" not in page  # nobody else reads a draft: publishing it asks


def test_draft_is_the_units_own(stage: Stage) -> None:
    visit = stage.scheduled()
    path = f"/visits/{visit['id']}/outcome"
    assert "Hasil ditulis setelah kunjungan" in body(stage.client(stage.cast.guest_head).get(path))
    assert stage.client(stage.cast.overseer).get(path).status_code == 403
    stranger = stage.client(stage.cast.stranger)
    assert stranger.get(path).status_code == 404
    assert stranger.post_form(path, form(stage, visit["version"])).status_code == 404
    early = stage.client(stage.cast.guest_head).post_form(path, form(stage, visit["version"]))
    assert early.status_code == 422
    assert stage.count("outcomes") == 0


def test_preview_says_what_the_consumers_then_do(stage: Stage) -> None:
    _, path, _ = saved(stage)
    head = stage.client(stage.cast.guest_head)
    page = body(head.get(f"{path}/publish"))
    assert "Kamis, 12 Desember 2024 (10 hari kerja)" in page
    assert "Menyiapkan lahan" in page
    sentence = re.search(r"memberi tahu (\d+) orang, membuka (\d+) tugas, dan mengubah (\d+) catatan", page)
    assert sentence is not None
    people, tasks, records = (int(number) for number in sentence.groups())
    version = re.search(r'name="_version" value="(\d+)"', page)
    assert version is not None
    published = head.post_form(f"{path}/publish", {"_version": version[1]})
    assert published.status_code == 303
    receipt = published.headers["Location"]
    event_id = receipt.removeprefix("/events/")
    drain(stage.owner, LANES)
    assert stage.count("notifications", "event_id = :id", id=event_id) == people
    assert stage.count("tasks", "event_id = :id", id=event_id) == tasks
    assert stage.count("partner_timeline", "event_id = :id", id=event_id) == records
    assert body(head.get(receipt)).count('class="task ') == tasks


def test_published_once_whoever_presses_again(stage: Stage) -> None:
    _, path, version = saved(stage)
    head, other = stage.client(stage.cast.guest_head), stage.client(stage.cast.host_head)
    published = head.post_form(f"{path}/publish", {"_version": version})
    receipt = published.headers["Location"]
    for player in (head, other):
        again = player.post_form(f"{path}/publish", {"_version": version})
        assert (again.status_code, again.headers["Location"]) == (303, receipt)
    assert head.get(f"{path}/publish").headers["Location"] == receipt
    place = path.removesuffix("/outcome")
    assert head.get(path).headers["Location"] == f"{place}#outcome"
    assert 'id="outcome"' in body(head.get(place))
    assert stage.count("events", "type = 'outcome.published'") == 1
    assert stage.client(stage.cast.overseer).get(receipt).status_code == 200
    assert stage.client(stage.cast.stranger).get(receipt).status_code == 404


def test_stale_preview_publishes_nothing_and_shows_what_would_happen_now(stage: Stage) -> None:
    staff, path, version = saved(stage)
    changed = form(stage, version, **{"themes-1-commitments-0-working_days": "20"})
    assert staff.post_form(path, changed).status_code == 303
    page = body(stage.client(stage.cast.guest_head).post_form(f"{path}/publish", {"_version": version}), 412)
    assert "belum ada yang diterbitkan" in page
    assert "(20 hari kerja)" in page
    assert f'name="_version" value="{version + 1}"' in page
    assert stage.count("events", "type = 'outcome.published'") == 0


def test_who_does_not_head_a_unit_looks_but_has_no_button(stage: Stage) -> None:
    staff, path, version = saved(stage)
    page = body(staff.get(f"{path}/publish"))
    assert "Menunggu kepala salah satu unit" in page
    assert 'action="/visits' not in page
    assert staff.post_form(f"{path}/publish", {"_version": version}).status_code == 403
    assert stage.client(stage.cast.overseer).get(f"{path}/publish").status_code == 403
    assert stage.client(stage.cast.stranger).get(f"{path}/publish").status_code == 404


def test_nothing_promised_cannot_be_published(stage: Stage) -> None:
    visit = stage.held()
    head = stage.client(stage.cast.guest_head)
    path = f"/visits/{visit['id']}/outcome/publish"
    page = body(head.get(path))
    assert "Belum ada yang dijanjikan" in page
    assert ">Terbitkan hasil</button>" not in page
    assert "Belum ada yang dijanjikan" in body(head.post_form(path, {"_version": visit["version"]}), 422)
