"""The visit from proposal to published outcome, through the API and the invitation's page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tests.hub.visits.stage import VISIT_AT, accepting
from tests.support.client import HubClient

if TYPE_CHECKING:
    from tests.hub.visits.stage import Stage


def test_visit_is_played_from_draft_to_published_outcome(stage: Stage) -> None:
    guest, host = stage.client(stage.cast.guest_head), stage.client(stage.cast.host_head)

    made = guest.post("proposals", stage.proposal(weekday="Kamis"))
    assert made.status_code == 201, made.get_data(as_text=True)
    draft = made.json
    assert draft["state"] == "draft"
    assert draft["warnings"] == []
    assert draft["visit"]["arrangement"]["starts_at"] == "2024-11-28T09:00:00+07:00"
    assert [item["minutes"] for item in draft["visit"]["arrangement"]["agenda"]] == [15, 40, 40, 35, 30, 20]
    assert (draft["visit"]["turn"], draft["visit"]["step"]) == ("guest", "submit")
    assert made.headers["Location"] == f"/api/v1/proposals/{draft['id']}"
    assert host.get(f"proposals/{draft['id']}").status_code == 404

    submitted = guest.post(f"proposals/{draft['id']}/submit").json
    assert submitted["events"][0]["type"] == "proposal.submitted"
    assert submitted["pending"] == 3
    assert submitted["receipt"] == f"/api/v1/events/{submitted['event_id']}/receipt"
    invitation_id = submitted["invitation_id"]
    visit_id = submitted["proposal"]["visit_id"]
    seen = host.get(f"visits/{visit_id}").json
    assert (seen["turn"], seen["step"]) == ("host", "answer")
    # Seven working days after Monday 11 November, before the visit begins.
    assert seen["invitations"][0]["respond_by"] == "2024-11-20T16:59:00+00:00"
    assert seen["invitations"][0]["address"] is None
    assert guest.get(f"visits/{visit_id}").json["invitations"][0]["address"] == "lapas.purwokerto@example.id"

    answered = HubClient(stage.app).post_form(stage.path(invitation_id), accepting())
    assert answered.status_code == 303
    scheduled = guest.get(f"visits/{visit_id}").json
    assert scheduled["state"] == "scheduled"
    assert scheduled["invitations"][0]["answer"]["answered_by"] == "Bayu Kertanegara, Kalapas"
    assert scheduled["invitations"][0]["answer"]["door"] == "link"
    assert guest.get(f"proposals/{draft['id']}").json["state"] == "accepted"

    assert guest.post(f"visits/{visit_id}/hold").status_code == 409
    stage.travel(VISIT_AT + dt.timedelta(hours=3, minutes=10))
    guest, host = stage.client(stage.cast.guest_head), stage.client(stage.cast.host_head)
    held = host.post(f"visits/{visit_id}/hold").json
    assert held["events"][0]["type"] == "visit.held"
    assert held["visit"]["step"] == "publish"
    assert guest.post(f"visits/{visit_id}/hold").json["code"] == "visit-held"

    version = held["visit"]["version"]
    written = guest.put(f"visits/{visit_id}/outcome", stage.outcome(), version=version)
    assert written.status_code == 200, written.get_data(as_text=True)
    published = guest.post(f"visits/{visit_id}/outcome/publish").json
    assert published["events"][0]["type"] == "outcome.published"
    assert published["pending"] == 3
    visit = published["visit"]
    assert visit["state"] == "concluded"
    days = [one["due_on"] for theme in visit["outcome"] for one in theme["commitments"]]
    # Ten, five and fifteen working days after Thursday 28 November; nothing falls on a holiday.
    assert days == ["2024-12-12", "2024-12-05", "2024-12-19"]

    _demand_one_thread(stage, visit["collaboration_id"])


def _demand_one_thread(stage: Stage, collaboration_id: int) -> None:
    """Assert that each side lists the collaboration and reads the same story."""
    guest, host = stage.client(stage.cast.guest_head), stage.client(stage.cast.host_head)
    listed = host.get("collaborations").json
    assert [item["step"] for item in listed["items"]] == ["follow_up"]
    assert listed["next"] is None
    events = guest.get(f"collaborations/{collaboration_id}/events").json["items"]
    assert [event["type"] for event in events] == [
        "proposal.submitted.v1",
        "invitation.accepted.v1",
        "visit.scheduled.v1",
        "visit.held.v1",
        "outcome.published.v1",
    ]
    assert events[2]["causationid"] == events[1]["id"]
    assert events[1]["actor"] == "Bayu Kertanegara, Kalapas"


def test_countered_time_leads_to_next_arrangement_and_new_consent(stage: Stage) -> None:
    submitted = stage.submit()
    visit_id, path = submitted["proposal"]["visit_id"], stage.path(submitted["invitation_id"])
    form = accepting(
        verdict="countered", reason="Hari itu ada apel.", day="2024-12-03", starts="10.00", ends="13:00"
    )
    assert HubClient(stage.app).post_form(path, form).status_code == 303
    guest = stage.client(stage.cast.guest_head)
    visit = guest.get(f"visits/{visit_id}").json
    assert (visit["turn"], visit["step"]) == ("guest", "rearrange")
    assert visit["invitations"][0]["answer"]["starts_at"] == "2024-12-03T03:00:00+00:00"

    times = {"starts_at": "2024-12-03T10:00", "ends_at": "2024-12-03T13:00", "replaces": 1}
    made = guest.post(f"visits/{visit_id}/arrangements", {**times, "weekday": "Rabu"})
    assert made.status_code == 201, made.get_data(as_text=True)
    assert [one["code"] for one in made.json["warnings"]] == ["weekday-disagrees"]
    assert made.json["visit"]["arrangement"]["number"] == 2
    assert len(made.json["visit"]["arrangement"]["agenda"]) == 6
    assert made.json["visit"]["step"] == "answer"
    assert guest.post(f"visits/{visit_id}/arrangements", times).json["code"] == "arrangement-changed"

    page = HubClient(stage.app).get(path).get_data(as_text=True)
    assert "Selasa, 3 Desember 2024 pukul 10.00–13.00 WIB" in page
    assert "jawaban Anda yang terakhir" in page
    assert HubClient(stage.app).post_form(path, accepting(number=2)).status_code == 303
    assert guest.get(f"visits/{visit_id}").json["state"] == "scheduled"


def test_scheduled_visit_that_is_rearranged_is_asked_again_and_can_be_declined(stage: Stage) -> None:
    visit = stage.scheduled()
    guest = stage.client(stage.cast.guest_head)
    moved = guest.post(f"visits/{visit['id']}/arrangements", {"starts_at": "2024-12-04T09:00"}).json
    assert moved["visit"]["state"] == "proposed"
    assert moved["visit"]["arrangement"]["ends_at"] == "2024-12-04T12:00:00+07:00"
    assert guest.get(f"proposals/{visit['proposal_id']}").json["state"] == "submitted"
    path = stage.path(visit["invitations"][0]["id"])
    no = accepting(number=2, verdict="declined", reason="Tanggal itu ada kunjungan lain.")
    assert HubClient(stage.app).post_form(path, no).status_code == 303
    ended = guest.get(f"visits/{visit['id']}").json
    assert (ended["state"], ended["step"]) == ("cancelled", "ended")
    assert guest.get(f"proposals/{visit['proposal_id']}").json["state"] == "declined"
    assert guest.post(f"visits/{visit['id']}/arrangements", {"head_count": 4}).status_code == 409


def test_signed_in_head_of_host_answers_once(stage: Stage) -> None:
    submitted = stage.submit()
    path = f"invitations/{submitted['invitation_id']}/answer"
    assert stage.client(stage.cast.guest_head).post(path, {"verdict": "accepted"}).status_code == 403
    assert stage.client(stage.cast.host_training).post(path, {"verdict": "accepted"}).status_code == 403
    host = stage.client(stage.cast.host_head)
    first = host.post(path, {"verdict": "accepted"}).json
    assert [event["type"] for event in first["events"]] == ["invitation.accepted", "visit.scheduled"]
    again = host.post(path, {"verdict": "accepted"}).json
    assert (again["event_id"], again["events"], again["pending"]) == (None, [], 0)
    other = host.post(path, {"verdict": "declined", "reason": "Berubah."})
    assert (other.status_code, other.json["code"]) == (409, "answered-otherwise")
    page = HubClient(stage.app).get(stage.path(submitted["invitation_id"])).get_data(as_text=True)
    assert "Anda telah menerima undangan ini" in page


def test_withdrawn_proposal_cancels_the_visit_and_ends_its_links(stage: Stage) -> None:
    visit = stage.scheduled()
    guest = stage.client(stage.cast.guest_head)
    path = f"proposals/{visit['proposal_id']}/withdraw"
    assert guest.post(path, {}).status_code == 422
    gone = guest.post(path, {"reason": "Tugas mendadak."}).json
    assert gone["events"][0]["type"] == "proposal.withdrawn"
    assert gone["proposal"]["visit"]["state"] == "cancelled"
    assert guest.post(path, {"reason": "Lagi."}).json["code"] == "proposal-withdrawn"
    page = HubClient(stage.app).get(stage.path(visit["invitations"][0]["id"]))
    assert page.status_code == 410


def test_draft_cannot_be_withdrawn_nor_its_visit_rearranged_or_held(stage: Stage) -> None:
    draft = stage.propose()
    guest = stage.client(stage.cast.guest_head)
    assert guest.post(f"proposals/{draft['id']}/withdraw", {"reason": "x"}).json["code"] == "proposal-draft"
    path = f"visits/{draft['visit_id']}"
    assert guest.post(f"{path}/arrangements", {"head_count": 3}).json["code"] == "proposal-draft"
    assert guest.post(f"{path}/hold").json["code"] == "visit-proposed"
    assert stage.count("events") == 0


def test_draft_is_edited_with_its_version_and_keeps_what_is_left_out(stage: Stage) -> None:
    draft = stage.propose()
    staff = stage.client(stage.cast.guest_service)
    path = f"proposals/{draft['id']}"
    etag = staff.get(path).headers["ETag"]
    assert staff.patch(path, {"title": "Judul baru"}).status_code == 428
    edited = staff.patch(path, {"title": "Judul baru", "starts_at": "2024-11-29T08:00"}, version=etag)
    assert edited.status_code == 200, edited.get_data(as_text=True)
    assert edited.json["title"] == "Judul baru"
    assert edited.json["urgency"] == draft["urgency"]
    assert edited.json["visit"]["arrangement"]["number"] == 2
    assert edited.json["visit"]["arrangement"]["ends_at"] == "2024-11-29T11:00:00+07:00"
    assert staff.patch(path, {"title": "Judul lain"}, version=etag).status_code == 412
    assert stage.client(stage.cast.host_head).patch(path, {"title": "x"}, version=etag).status_code == 404
    submit = f"{path}/submit"
    assert staff.post(submit).json["code"] == "not-head-of-guest"
    assert stage.client(stage.cast.guest_head).post(submit).status_code == 200
    newest = edited.headers["ETag"]
    assert staff.patch(path, {"title": "x"}, version=newest).status_code == 412
    current = staff.get(path).headers["ETag"]
    assert staff.patch(path, {"title": "x"}, version=current).json["code"] == "proposal-submitted"


def test_renewed_invitation_ends_the_links_before(stage: Stage) -> None:
    submitted = stage.submit()
    invitation_id = submitted["invitation_id"]
    old = stage.path(invitation_id)
    guest = stage.client(stage.cast.guest_head)
    renewed = guest.post(f"invitations/{invitation_id}/renew")
    assert renewed.json["events"][0]["type"] == "invitation.renewed"
    assert renewed.json["visit"]["invitations"][0]["generation"] == 2
    new = stage.path(invitation_id)
    anybody = HubClient(stage.app)
    assert anybody.get(old).status_code == 410
    assert anybody.post_form(old, accepting()).status_code == 410
    assert stage.count("answers") == 0
    assert anybody.get(new).status_code == 200
    assert guest.post(f"invitations/{invitation_id}/revoke").json["pending"] == 0
    assert anybody.get(new).status_code == 410
    assert guest.post(f"invitations/{invitation_id}/revoke").json["code"] == "invitation-revoked"
    assert (
        stage.client(stage.cast.host_head)
        .post(f"invitations/{invitation_id}/answer", {"verdict": "accepted"})
        .status_code
        == 410
    )


def test_invitation_renewed_to_a_better_address_ends_the_old_link(stage: Stage) -> None:
    submitted = stage.submit()
    invitation_id = submitted["invitation_id"]
    old = stage.path(invitation_id)
    guest = stage.client(stage.cast.guest_head)
    better = {"address": "kalapas.purwokerto@example.id"}
    renewed = guest.post(f"invitations/{invitation_id}/renew", better).json
    assert renewed["visit"]["invitations"][0]["address"] == "kalapas.purwokerto@example.id"
    assert HubClient(stage.app).get(old).status_code == 404
    assert HubClient(stage.app).get(stage.path(invitation_id)).status_code == 200
