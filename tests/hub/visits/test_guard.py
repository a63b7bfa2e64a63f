"""Nothing about somebody in custody is shared before a person has looked, whichever way it comes in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from tests.support.client import HubClient

if TYPE_CHECKING:
    from tests.hub.visits.stage import Player, Stage

NAMED = "WBP a.n. Fulan, NIK 3303121204850001"
CONFIRMS = {"Confirms-No-Inmate-Data": "true"}
ACTION = "inmate_data.ruled_out"


def entries(stage: Stage) -> list[tuple[str, str, Any]]:
    with stage.owner.transaction() as session:
        rows = session.execute(
            text("SELECT actor_label, subject, detail FROM audit WHERE action = :action ORDER BY id"),
            {"action": ACTION},
        )
        return [tuple(row) for row in rows]


def kinds(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 422, answer.get_data(as_text=True)
    assert answer.json["code"] == "inmate-data-suspected"
    return {fault["field"]: fault["kinds"] for fault in answer.json["errors"]}


def marks(page: str) -> str:
    found = re.findall(r'name="_no_inmates" value="([0-9a-f,]+)"', page)
    assert found, page
    return ",".join(found)


def head(stage: Stage) -> Player:
    return stage.client(stage.cast.guest_head)


def test_proposal_is_kept_with_a_warning_and_sent_only_when_confirmed(stage: Stage) -> None:
    draft = stage.propose(urgency=NAMED, agenda=[{"title": "Bertemu napi Budi Santoso", "minutes": 30}])
    assert [one["code"] for one in draft["warnings"]] == ["inmate-data-suspected"]
    assert "urgency, agenda.0.title" in draft["warnings"][0]["message"]
    send = f"proposals/{draft['id']}/submit"
    assert kinds(head(stage).post(send)) == {
        "urgency": ["name", "identity-number"],
        "agenda.0.title": ["name"],
    }
    assert stage.count("events") == stage.count("invitations") == 0
    assert entries(stage) == []
    assert head(stage).post(send, headers=CONFIRMS).status_code == 200
    (entry,) = entries(stage)
    assert entry[1:] == (
        f"proposals/{draft['id']}",
        {"fields": {"urgency": ["name", "identity-number"], "agenda.0.title": ["name"]}},
    )
    assert "Fulan" not in str(entry)


def test_page_that_sends_a_proposal_shows_what_it_is_and_asks(stage: Stage) -> None:
    draft = stage.propose(urgency=NAMED)
    path = f"/proposals/{draft['id']}/submit"
    browser = head(stage)
    assert "<q>WBP a.n. Fulan</q>" in browser.get(path).get_data(as_text=True)
    refused = browser.post_form(path, {"_version": draft["visit"]["version"]})
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert stage.count("events") == 0
    seen = {"_version": draft["visit"]["version"], "_no_inmates": marks(page)}
    # Meanwhile something else was written into the draft: what was confirmed is not that.
    edited = browser.patch(
        f"proposals/{draft['id']}",
        {"urgency": "WBP a.n. Fulana"},
        version=browser.get(f"proposals/{draft['id']}").headers["ETag"],
    )
    assert edited.status_code == 200
    again = browser.post_form(path, {**seen, "_version": edited.json["visit"]["version"]})
    assert again.status_code in (412, 422)
    assert stage.count("events") == 0
    newer = browser.get(path).get_data(as_text=True)
    (version,) = re.findall(r'name="_version" value="(\d+)"', newer)
    assert browser.post_form(path, {"_version": version, "_no_inmates": marks(newer)}).status_code == 303
    assert stage.count("events", "type = 'proposal.submitted'") == 1
    assert len(entries(stage)) == 1


def test_draft_with_a_name_leads_back_to_its_form_with_the_warning_beside_the_field(stage: Stage) -> None:
    draft = stage.propose()
    browser = head(stage)
    path = f"/proposals/{draft['id']}/edit"
    page = browser.get(path).get_data(as_text=True)
    assert "suspected" not in page
    (version,) = re.findall(r'name="_version" value="(\d+)"', page)
    form = {
        "kind": "studi_tiru",
        "title": "Studi tiru",
        "themes": "rehabilitasi",
        "urgency": NAMED,
        "form": "Kunjungan",
        "subject": "Rehabilitasi",
        "duration": "Satu hari",
        "starts_at": "2024-11-28T09:00",
        "ends_at": "2024-11-28T12:00",
        "place": "Aula",
        "agenda-0-title": "Paparan",
        "agenda-0-minutes": "30",
        "_version": version,
    }
    kept = browser.post_form(path, form)
    assert kept.status_code == 303
    assert kept.headers["Location"] == path
    page = browser.get(path).get_data(as_text=True)
    assert 'id="urgency-suspected"' in page
    assert 'aria-describedby="urgency-hint urgency-suspected"' in page
    assert "nomor induk kependudukan" in page


def test_answer_of_a_link_asks_and_keeps_what_was_typed(stage: Stage) -> None:
    submitted = stage.submit()
    path = stage.path(submitted["invitation_id"])
    form = {
        "verdict": "declined",
        "number": "1",
        "name": "Suharyanto",
        "post": "Kalapas",
        "reason": f"Tidak bisa, {NAMED}.",
    }
    somebody = HubClient(stage.app)
    refused = somebody.post_form(path, form)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert f"Tidak bisa, {NAMED}.</textarea>" in page
    assert 'value="Suharyanto"' in page
    assert 'aria-describedby="declined-reason-hint declined-reason-error declined-reason-suspected"' in page
    assert stage.count("answers") == 0
    assert somebody.post_form(path, {**form, "_no_inmates": marks(page)}).status_code == 303
    assert stage.count("answers") == 1
    (entry,) = entries(stage)
    assert entry[1] == f"invitations/{submitted['invitation_id']}"
    assert stage.token(submitted["invitation_id"]) not in str(entry)


@pytest.mark.parametrize("field", ["name", "post"])
def test_fields_of_who_answers_are_watched_too(stage: Stage, field: str) -> None:
    path = stage.path(stage.submit()["invitation_id"])
    form = {"verdict": "accepted", "number": "1", "name": "Suharyanto", "post": "Kalapas", field: NAMED}
    assert HubClient(stage.app).post_form(path, form).status_code == 422
    assert stage.count("answers") == 0


def test_answer_by_the_api_and_a_withdrawal_ask(stage: Stage) -> None:
    submitted = stage.submit()
    host = stage.client(stage.cast.host_head)
    answer = f"invitations/{submitted['invitation_id']}/answer"
    no = {"verdict": "declined", "reason": NAMED}
    assert kinds(host.post(answer, no)) == {"reason": ["name", "identity-number"]}
    withdraw = f"proposals/{submitted['proposal']['id']}/withdraw"
    assert kinds(head(stage).post(withdraw, {"reason": "BI.12/2024"})) == {"reason": ["register-number"]}
    assert stage.count("answers") == 0
    assert host.post(answer, no, headers=CONFIRMS).status_code == 200
    assert [entry[1] for entry in entries(stage)] == [f"invitations/{submitted['invitation_id']}"]


def test_new_date_or_agenda_asks(stage: Stage) -> None:
    submitted = stage.submit()
    visit_id = submitted["proposal"]["visit_id"]
    change = {"place": "Kamar tahanan Joko Susilo"}
    assert kinds(head(stage).post(f"visits/{visit_id}/arrangements", change)) == {"place": ["name"]}
    path = f"/visits/{visit_id}/arrangements/new"
    form = {**change, "starts_at": "2024-11-28T09:00", "agenda-0-title": "Paparan", "agenda-0-minutes": "30"}
    page = head(stage).post_form(path, form)
    assert page.status_code == 422
    assert 'id="place-suspected"' in page.get_data(as_text=True)
    assert stage.count("arrangements") == 1
    ticked = {**form, "_no_inmates": marks(page.get_data(as_text=True))}
    assert head(stage).post_form(path, ticked).status_code == 303
    assert [entry[1] for entry in entries(stage)] == [f"visits/{visit_id}"]


def written(stage: Stage) -> tuple[Player, dict[str, Any]]:
    visit = stage.held()
    outcome = stage.outcome()
    outcome["themes"][1]["seen"] = NAMED
    outcome["themes"][0]["commitments"][1]["text"] = "Mengirim modul kepada napi Joko Susilo"
    client = head(stage)
    answer = client.put(f"visits/{visit['id']}/outcome", outcome, version=visit["version"])
    assert answer.status_code == 200
    assert [one["code"] for one in answer.json["warnings"]] == ["inmate-data-suspected"]
    return client, dict(answer.json)


def test_outcome_is_published_only_when_confirmed(stage: Stage) -> None:
    client, visit = written(stage)
    publish = f"visits/{visit['id']}/outcome/publish"
    assert kinds(client.post(publish)) == {
        "themes.1.seen": ["name", "identity-number"],
        "themes.0.commitments.1.text": ["name"],
    }
    assert stage.count("events", "type = 'outcome.published'") == 0
    assert client.post(publish, headers=CONFIRMS).status_code == 200
    ((label, subject, _),) = entries(stage)
    assert label == stage.cast.guest_head.actor().label
    assert subject == f"visits/{visit['id']}"


def test_preview_of_publishing_lists_what_was_suspected_and_asks(stage: Stage) -> None:
    client, visit = written(stage)
    path = f"/visits/{visit['id']}/outcome/publish"
    page = client.get(path).get_data(as_text=True)
    assert "<q>WBP a.n. Fulan</q>" in page
    assert "<q>napi Joko Susilo</q>" in page
    refused = client.post_form(path, {"_version": visit["version"]})
    assert refused.status_code == 422
    assert "tidak ada yang dikirim" in refused.get_data(as_text=True)
    assert stage.count("events", "type = 'outcome.published'") == 0
    ticked = {"_version": visit["version"], "_no_inmates": marks(page)}
    assert client.post_form(path, ticked).status_code == 303
    assert len(entries(stage)) == 1


def test_who_may_only_look_sees_the_list_without_the_box(stage: Stage) -> None:
    _, visit = written(stage)
    page = stage.client(stage.cast.guest_service).get(f"/visits/{visit['id']}/outcome/publish")
    assert "<q>WBP a.n. Fulan</q>" in page.get_data(as_text=True)
    assert "_no_inmates" not in page.get_data(as_text=True)


def test_refused_confirmation_leaves_no_entry(stage: Stage) -> None:
    submitted = stage.submit()
    answer = f"invitations/{submitted['invitation_id']}/answer"
    wrong = {"verdict": "countered", "reason": NAMED}  # and no time
    assert stage.client(stage.cast.host_head).post(answer, wrong, headers=CONFIRMS).status_code == 422
    assert entries(stage) == []


@pytest.mark.parametrize("header", ["false", "", "1", "yes"])
def test_only_true_confirms(stage: Stage, header: str) -> None:
    draft = stage.propose(urgency=NAMED)
    answer = head(stage).post(f"proposals/{draft['id']}/submit", headers={"Confirms-No-Inmate-Data": header})
    assert answer.status_code == 422
