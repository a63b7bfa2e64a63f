"""The invitation's page: it shows, takes one answer, keeps what was typed, and ends politely."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest

from tests.hub.visits.stage import VISIT_AT, accepting, countering, declining
from tests.support.client import HubClient

if TYPE_CHECKING:
    from tests.hub.visits.stage import Stage


def test_page_shows_the_decision_card_in_indonesian(still_stage: Stage, still_path: str) -> None:
    response = HubClient(still_stage.app).get(still_path, headers={"Accept-Language": "en"})
    page = response.get_data(as_text=True)
    assert response.status_code == 200
    assert '<html lang="id">' in page
    assert "Rutan Kelas IIB Purbalingga ingin berkunjung ke Lapas Kelas IIA Purwokerto" in page
    assert "Kamis, 28 November 2024 pukul 09.00–12.00 WIB" in page
    assert "8 orang" in page
    assert "09.15–09.55" in page
    assert "Rabu, 20 November 2024 pukul 23.59 WIB" in page
    assert page.count("<form") == 3
    for button in ("Terima undangan", "Usulkan waktu lain", "Tolak dengan alasan"):
        assert f">{button}</button>" in page
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"


def test_page_shows_nothing_of_people_or_addresses(still_stage: Stage, still_path: str) -> None:
    page = HubClient(still_stage.app).get(still_path).get_data(as_text=True)
    for member in still_stage.cast.everybody():
        assert member.name not in page
        assert member.email not in page
    assert "@" not in page


def test_english_is_one_click_away_and_stays_through_the_form(stage: Stage) -> None:
    path = stage.path(stage.submit()["invitation_id"])
    anybody = HubClient(stage.app)
    assert f'href="{path}?lang=en"' in anybody.get(path).get_data(as_text=True)
    page = anybody.get(f"{path}?lang=en").get_data(as_text=True)
    assert '<html lang="en">' in page
    assert ">Accept the invitation</button>" in page
    assert '<input type="hidden" name="lang" value="en">' in page
    faulty = anybody.post_form(path, accepting(name="", lang="en"))
    assert '<html lang="en">' in faulty.get_data(as_text=True)
    done = anybody.post_form(path, accepting(lang="en"))
    assert done.headers["Location"] == f"{path}?lang=en"
    assert "You have accepted this invitation" in anybody.get(f"{path}?lang=en").get_data(as_text=True)


def test_twenty_scanners_that_only_look_change_nothing(still_stage: Stage, still_path: str) -> None:
    before = still_stage.count("events")
    for number in range(20):
        response = HubClient(still_stage.app).send("HEAD" if number % 4 == 0 else "GET", still_path)
        assert response.status_code == 200
    assert still_stage.count("events") == before
    assert still_stage.count("answers") == 0
    assert still_stage.count("invitations", "opened_at IS NOT NULL") == 0


def test_missing_name_is_said_beside_its_field_and_nothing_typed_is_lost(
    still_stage: Stage, still_path: str
) -> None:
    response = HubClient(still_stage.app).post_form(still_path, declining(name=" "))
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert 'href="#declined-name"' in page
    assert 'id="declined-name-error"' in page
    assert 'aria-describedby="declined-name-error"' in page
    assert "Nama Anda: Ini belum diisi." in page
    assert "Ada kunjungan pimpinan pada hari itu." in page
    assert 'value="Kalapas"' in page
    assert re.search(r'<details class="card answer declined" name="answer" open>', page)
    assert still_stage.count("answers") == 0
    assert still_stage.count("invitations", "opened_at IS NOT NULL") == 0


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (declining(reason=""), "declined-reason"),
        (countering(reason=""), "countered-reason"),
        (countering(day=""), "countered-day"),
        (countering(day="28/11/2024"), "countered-day"),
        (countering(day="2024-11-01"), "countered-day"),
        (countering(day="2029-11-01"), "countered-day"),
        (countering(day="2024-11-28", starts="09:00", ends="12:00"), "countered-day"),
        (countering(starts="０９.００"), "countered-starts"),
        (countering(ends="25:00"), "countered-ends"),
        (countering(ends="09:00"), "countered-ends"),
        (accepting(name="Bayu=?UTF-8?Q?=0A?=Bcc: x@example.id"), "accepted-name"),
        (accepting(post="Kalapas\nBcc: x@example.id"), "accepted-post"),
        (accepting(name="Bayu\x00"), "accepted-name"),
        (accepting(name="B" * 101), "accepted-name"),
        (declining(reason="a" * 1001), "declined-reason"),
    ],
)
def test_bad_answer_is_refused_at_its_field(
    still_stage: Stage, still_path: str, form: dict[str, object], field: str
) -> None:
    response = HubClient(still_stage.app).post_form(still_path, form)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert f'href="#{field}"' in page
    assert f'id="{field}-error"' in page
    assert still_stage.count("answers") == 0


def test_everything_that_is_missing_is_said_at_once(still_stage: Stage, still_path: str) -> None:
    form = countering(name="", post="", reason="", starts="")
    page = HubClient(still_stage.app).post_form(still_path, form).get_data(as_text=True)
    for field in ("name", "post", "reason", "starts"):
        assert f'href="#countered-{field}"' in page


def test_unknown_verdict_and_number_are_refused(still_stage: Stage, still_path: str) -> None:
    anybody = HubClient(still_stage.app)
    assert anybody.post_form(still_path, accepting(verdict="maybe")).status_code == 422
    assert anybody.post_form(still_path, accepting(number="１")).status_code == 422
    assert anybody.post_form(still_path, accepting(extra="1")).status_code == 422
    assert anybody.post_form(still_path, {}).status_code == 422
    assert still_stage.count("answers") == 0


def test_two_megabytes_are_refused_before_anything_is_read(still_stage: Stage, still_path: str) -> None:
    response = HubClient(still_stage.app).post_form(still_path, declining(reason="a" * 2_000_000))
    assert response.status_code == 413
    assert still_stage.count("answers") == 0


def test_same_answer_again_shows_the_same_and_another_one_is_a_conflict(stage: Stage) -> None:
    path = stage.path(stage.submit()["invitation_id"])
    anybody = HubClient(stage.app)
    assert anybody.post_form(path, accepting()).status_code == 303
    assert anybody.post_form(path, accepting(name="Orang Lain")).status_code == 303
    assert stage.count("answers") == 1
    other = anybody.post_form(path, declining())
    page = other.get_data(as_text=True)
    assert other.status_code == 409
    assert "jawaban baru Anda tidak dicatat" in page
    assert "Anda telah menerima undangan ini" in page
    assert "Bayu Kertanegara, Kalapas" in page
    assert "<form" not in page
    assert stage.count("events", "type LIKE 'invitation.%'") == 1


def test_answer_to_an_older_arrangement_shows_the_newer_one(stage: Stage) -> None:
    submitted = stage.submit()
    path = stage.path(submitted["invitation_id"])
    guest = stage.client(stage.cast.guest_head)
    visit = f"visits/{submitted['proposal']['visit_id']}"
    assert guest.post(f"{visit}/arrangements", {"starts_at": "2024-12-03T09:00"}).status_code == 201
    response = HubClient(stage.app).post_form(path, declining(number=1))
    page = response.get_data(as_text=True)
    assert response.status_code == 409
    assert "jawaban Anda belum terkirim" in page
    assert "Selasa, 3 Desember 2024" in page
    assert "Ada kunjungan pimpinan pada hari itu." in page
    assert '<input type="hidden" name="number" value="2">' in page
    assert stage.count("answers") == 0


def test_declined_answer_is_shown_with_its_reason(stage: Stage) -> None:
    path = stage.path(stage.submit()["invitation_id"])
    assert HubClient(stage.app).post_form(path, declining()).status_code == 303
    page = HubClient(stage.app).get(path).get_data(as_text=True)
    assert "Anda telah menolak undangan ini" in page
    assert "Ada kunjungan pimpinan pada hari itu." in page


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "1",
        "1.1.",
        "1.1." + "A" * 31,
        "１.1." + "A" * 32,
        "1.1." + "A" * 32,
        "9.1." + "A" * 32,
        "%00",
        "1.1.%0a",
    ],
)
def test_token_that_was_never_ours_finds_nothing(still_stage: Stage, token: str) -> None:
    anybody = HubClient(still_stage.app)
    assert anybody.get(f"/invitations/{token}").status_code == 404
    assert anybody.post_form(f"/invitations/{token}", accepting()).status_code == 404
    assert still_stage.count("answers") == 0


def test_unknown_link_says_what_to_do_in_the_page_s_language(stage: Stage) -> None:
    page = HubClient(stage.app).get("/invitations/1.1.nope", headers={"Accept-Language": "en"})
    assert "Tautan ini tidak dikenal" in page.get_data(as_text=True)
    english = HubClient(stage.app).get("/invitations/1.1.nope?lang=en")
    assert "newest mail" in english.get_data(as_text=True)


def test_expired_link_has_ended_but_an_answer_given_stays_readable(stage: Stage) -> None:
    expiring, answered = stage.submit(), stage.submit(title="Yang lain")
    late = VISIT_AT - dt.timedelta(days=7)
    anybody = HubClient(stage.app)
    assert anybody.post_form(stage.path(answered["invitation_id"]), accepting()).status_code == 303
    stage.travel(late)
    path = stage.path(expiring["invitation_id"])
    response = anybody.get(path)
    assert response.status_code == 410
    assert "Batas waktu menjawab sudah lewat" in response.get_data(as_text=True)
    assert "Purbalingga" not in response.get_data(as_text=True)
    assert anybody.post_form(path, accepting()).status_code == 410
    assert anybody.get(stage.path(answered["invitation_id"])).status_code == 200
    assert stage.count("answers") == 1
    assert (
        stage.client(stage.cast.guest_head).post(f"invitations/{expiring['invitation_id']}/renew").status_code
        == 200
    )
    assert anybody.get(stage.path(expiring["invitation_id"])).status_code == 200


def test_day_that_is_not_worked_is_pointed_out(stage: Stage) -> None:
    submitted = stage.submit(starts_at="2024-11-30T09:00", ends_at="2024-11-30T12:00")
    page = HubClient(stage.app).get(stage.path(submitted["invitation_id"])).get_data(as_text=True)
    assert "hari itu bukan hari kerja (Sabtu)" in page


def test_cookie_is_not_believed_on_the_page_of_a_link(stage: Stage) -> None:
    path = stage.path(stage.submit()["invitation_id"])
    signed_in = stage.client(stage.cast.stranger)
    page = signed_in.get(path).get_data(as_text=True)
    assert stage.cast.stranger.name not in page
    assert signed_in.post_form(path, accepting()).status_code == 303
    assert stage.count("events", "actor_kind = 'link' AND actor_id IS NULL") == 2
