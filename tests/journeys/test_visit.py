"""The visit this hub was made for, from the proposal to a closed follow-up, seen from each side.

Every process is real, and nobody looks into the database: people use the API, the mail and the page
behind the link.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from hub.cli.demo.client import RefusedError
from hub.cli.demo.page import find_form
from tests.support.fleet import wait_until

if TYPE_CHECKING:
    from hub.cli.demo.client import Visitor
    from tests.journeys.conftest import Town
    from tests.support.cast import Member

WIB = ZoneInfo("Asia/Jakarta")
MONDAY = dt.datetime(2024, 11, 18, 8, 30, tzinfo=WIB)
TUESDAY = dt.datetime(2024, 11, 19, 10, 15, tzinfo=WIB)
THURSDAY = dt.datetime(2024, 11, 28, 12, 15, tzinfo=WIB)
FRIDAY = dt.datetime(2024, 11, 29, 10, 0, tzinfo=WIB)
NEXT_THURSDAY = dt.datetime(2024, 12, 5, 14, 0, tzinfo=WIB)
TITLE = "Studi tiru rehabilitasi dan ketahanan pangan"


def test_visit_from_proposal_to_closed_follow_up(town: Town) -> None:
    town.travel(MONDAY)
    thread = _propose(town)
    _settle(town, thread)
    _nobody_else_knows(town, thread)

    town.travel(TUESDAY)
    _accept_by_the_link(town)
    _settle(town, thread)

    town.travel(THURSDAY)
    head = town.visitor(town.cast.guest_head)
    visit_id = head.get(f"/collaborations/{thread['collaboration_id']}").body["visit_ids"][0]
    assert head.post(f"/visits/{visit_id}/hold").body["visit"]["state"] == "held"
    _settle(town, thread)

    town.travel(FRIDAY)
    published = _publish(town, visit_id)
    _settle(town, thread)
    _host_staff_find_their_part(town, thread)
    _overseer_sees_both_sides(town, thread)

    town.travel(NEXT_THURSDAY)
    _close_a_task(town)
    _settle(town, thread)
    _records_know_it_all(town, published)
    _nobody_else_knows(town, thread)


def _propose(town: Town) -> dict[str, Any]:
    """Let the guest's head write a draft that nobody else sees, correct it and submit it."""
    cast, head = town.cast, town.visitor(town.cast.guest_head)
    host = head.get("/facilities", q="purwokerto lapas").body["items"][0]
    assert host["name"] == cast.host.name
    draft = head.post(
        "/proposals",
        {
            "guest_id": cast.guest.id,
            "host_id": host["id"],
            "kind": "studi_tiru",
            "title": TITLE,
            "themes": ["rehabilitasi", "ketahanan_pangan"],
            "urgency": "Program serupa perlu diperkuat tahun ini.",
            "form": "Kunjungan studi tiru",
            "subject": "Program rehabilitasi dan ketahanan pangan",
            "duration": "Satu hari",
            "starts_at": "2024-11-28T09:00",
            "ends_at": "2024-11-28T12:00",
            "weekday": "Kamis",
            "place": "Aula",
            "head_count": 7,
            "agenda": [
                {"title": "Sambutan", "minutes": 15, "owner_post_id": cast.host_head.post_id},
                {"title": "Rehabilitasi", "minutes": 75, "owner_post_id": cast.host_training.post_id},
                {"title": "Ketahanan pangan", "minutes": 75, "owner_post_id": cast.host_work.post_id},
                {"title": "Diskusi penutup", "minutes": 15},
            ],
        },
    )
    assert draft.body["warnings"] == []
    path = f"/proposals/{draft.body['id']}"
    assert _is_hidden(town.visitor(cast.host_head), path)

    head.patch(path, {"head_count": 8}, etag=draft.etag)
    with pytest.raises(RefusedError) as stale:
        head.patch(path, {"head_count": 9}, etag=draft.etag)
    assert stale.value.status == 412

    submitted = head.post(f"{path}/submit", key="twice-is-once").body
    assert submitted["pending"] == 3
    assert head.post(f"{path}/submit", key="twice-is-once").body == submitted
    return dict(submitted["proposal"])


def _accept_by_the_link(town: Town) -> None:
    """Let the host read its mail, look at the page (which changes nothing) and accept by its form."""
    cast = town.cast
    (letter,) = town.letters_to(cast.host.mailbox or "")
    assert cast.guest.name in letter.subject
    assert letter.invitation
    somebody = town.visitor()
    page = somebody.page(letter.invitation).text
    for shown in (cast.guest.name, "Kamis, 28 November 2024 pukul 09.00", "Ketahanan pangan"):
        assert shown in page
    for hidden in (cast.guest_head.name, cast.guest_head.email, cast.host.mailbox):
        assert str(hidden) not in page
    assert somebody.page(letter.invitation).text.count("<form") == page.count("<form")

    form = find_form(page, verdict="accepted")
    filled = form.fields | {"name": cast.host_head.name, "post": cast.host_head.title}
    answered = somebody.fill_in(form.action or letter.invitation, filled).text
    assert cast.host_head.name in answered
    assert "<textarea" not in answered

    head = town.visitor(cast.guest_head)
    (thread,) = head.get("/collaborations").body["items"]
    assert (thread["proposal_state"], thread["step"]) == ("accepted", "wait")


def _publish(town: Town, visit_id: int) -> str:
    """Let one write the outcome down and the head publish it; return the event's id."""
    cast = town.cast
    writer, head = town.visitor(cast.guest_service), town.visitor(cast.guest_head)
    path = f"/visits/{visit_id}"
    outcome = {
        "themes": [
            {
                "theme": "rehabilitasi",
                "seen": "Terstruktur dan terapeutik.",
                "will_try": "Kelompok kecil.",
                "commitments": [
                    _promise("Menyusun jadwal.", cast.guest_service),
                    _promise("Mengirim modul.", cast.host_training),
                ],
            },
            {
                "theme": "ketahanan_pangan",
                "seen": "Pertanian dan perikanan.",
                "will_try": "Kolam lele.",
                "commitments": [
                    _promise("Menyiapkan kolam.", cast.guest_assets),
                    _promise("Menyediakan benih.", cast.host_work),
                ],
            },
        ]
    }
    version = writer.get(path).etag
    written = writer.put(f"{path}/outcome", outcome, etag=version)
    assert all(promise["due_on"] is None for promise in written.body["outcome"][0]["commitments"])
    with pytest.raises(RefusedError) as refused:
        writer.post(f"{path}/outcome/publish")
    assert refused.value.status == 403

    published = head.post(f"{path}/outcome/publish").body
    assert published["pending"] == 3
    # Ten working days after Friday, 29 November.
    assert published["visit"]["outcome"][0]["commitments"][0]["due_on"] == "2024-12-13"
    return str(published["event_id"])


def _host_staff_find_their_part(town: Town, thread: dict[str, Any]) -> None:
    """Find, as a section head of the host, what concerns this post, and nothing that does not."""
    cast = town.cast
    staff = town.visitor(cast.host_training)
    told = [item["type"] for item in staff.every("/inbox")]
    assert told == [
        "outcome.published",
        "visit.held",
        "visit.scheduled",
        "invitation.accepted",
        "proposal.submitted",
    ]
    (task,) = staff.every("/tasks")
    assert (task["title"], task["owner"]) == ("Mengirim modul.", cast.host_training.title)
    assert staff.get(f"/collaborations/{thread['collaboration_id']}").body["step"] == "follow_up"
    assert len(town.letters_to(cast.host_training.email)) == len(told)

    others = {item["owner"] for item in staff.every("/tasks", scope="unit")}
    assert others == {cast.host_training.title, cast.host_work.title}
    path = f"/tasks/{_task_of(town, cast.guest_service)['id']}"
    version = staff.get(path).etag
    with pytest.raises(RefusedError) as refused:
        staff.post(f"{path}/close", {"note": "Bukan tugas saya."}, etag=version)
    assert refused.value.status == 403


def _overseer_sees_both_sides(town: Town, thread: dict[str, Any]) -> None:
    """See the collaboration and both records as the overseer, who is told but serves in neither unit."""
    cast, overseer = town.cast, town.visitor(town.cast.overseer)
    assert overseer.get(f"/collaborations/{thread['collaboration_id']}").body["title"] == TITLE
    for own, other in ((cast.guest, cast.host), (cast.host, cast.guest)):
        record = overseer.get(f"/partners/{own.id}/{other.id}").body
        assert record["partner"] == other.name
        assert (record["open_follow_ups"], record["closed_follow_ups"]) == (4, 0)
        assert (record["first_contact_on"], record["last_contact_on"]) == ("2024-11-18", "2024-11-29")
    assert overseer.get("/inbox/unread").body["count"] == 5
    assert list(overseer.every("/tasks")) == []


def _close_a_task(town: Town) -> None:
    """Let the owner read her inbox and close her task; what is closed stays closed."""
    owner = town.visitor(town.cast.guest_service)
    (notice,) = owner.every("/inbox")
    assert notice["type"] == "outcome.published"
    assert owner.post("/inbox/read-all").body["count"] == 0
    path = f"/tasks/{_task_of(town, town.cast.guest_service)['id']}"
    task = owner.get(path)
    assert {reminder["state"] for reminder in task.body["reminders"]} == {"planned"}
    closed = owner.post(f"{path}/close", {"note": "Jadwal telah ditetapkan."}, etag=task.etag).body["task"]
    assert closed["state"] == "closed"
    assert {reminder["state"] for reminder in closed["reminders"]}.isdisjoint({"planned"})
    with pytest.raises(RefusedError) as again:
        owner.post(f"{path}/close", {"note": "Sekali lagi."}, etag=owner.get(path).etag)
    assert again.value.status == 409


def _records_know_it_all(town: Town, published: str) -> None:
    """Find in the guest's record all that happened, and in the receipt what came of the outcome."""
    cast, head = town.cast, town.visitor(town.cast.guest_head)
    record = head.get(f"/partners/{cast.guest.id}/{cast.host.id}").body
    assert (record["visits_made"], record["visits_hosted"]) == (1, 0)
    assert (record["open_follow_ups"], record["closed_follow_ups"]) == (3, 1)
    assert [entry["type"] for entry in record["timeline"]["items"]] == [
        "task.closed",
        "outcome.published",
        "visit.held",
        "visit.scheduled",
        "invitation.accepted",
        "proposal.submitted",
    ]
    receipt = head.get(f"/events/{published}/receipt").body
    assert receipt["is_settled"]
    assert {reaction["consumer"] for reaction in receipt["reactions"]} == {
        "notify",
        "open-tasks",
        "partner-record",
    }
    assert (receipt["totals"]["notices"], receipt["totals"]["tasks"], receipt["totals"]["records"]) == (
        6,
        4,
        2,
    )
    everything = [letter.message_id for letter in town.letters()]
    assert len(set(everything)) == len(everything)


def _settle(town: Town, thread: dict[str, Any]) -> None:
    """Wait until everything that happened so far has been answered and every mail has gone."""
    head = town.visitor(town.cast.guest_head)

    def is_settled() -> bool:
        events = head.every(f"/collaborations/{thread['collaboration_id']}/events")
        return all(head.get(f"/events/{event['id']}/receipt").body["is_settled"] for event in events)

    wait_until(is_settled, "every event has been answered")


def _task_of(town: Town, owner: Member) -> dict[str, Any]:
    head = town.visitor(town.cast.guest_head)
    tasks = head.every("/tasks", scope="unit", state="all")
    return next(task for task in tasks if task["owner_post_id"] == owner.post_id)


def _promise(text: str, owner: Member) -> dict[str, Any]:
    return {
        "text": text,
        "facility_id": owner.facility_id,
        "owner_post_id": owner.post_id,
        "working_days": 10,
    }


def _nobody_else_knows(town: Town, thread: dict[str, Any]) -> None:
    """Find nothing as the head of a unit that takes no part, by whatever door."""
    stranger = town.visitor(town.cast.stranger)
    paths = (
        f"/collaborations/{thread['collaboration_id']}",
        f"/collaborations/{thread['collaboration_id']}/events",
        f"/proposals/{thread['id']}",
        f"/visits/{thread['visit_id']}",
    )
    assert all(_is_hidden(stranger, path) for path in paths)
    assert _is_hidden(stranger, f"/partners/{town.cast.guest.id}/{town.cast.host.id}")
    for path in ("/collaborations", "/tasks", "/inbox"):
        assert stranger.get(path).body["items"] == []


def _is_hidden(visitor: Visitor, path: str) -> bool:
    try:
        visitor.get(path)
    except RefusedError as refused:
        return refused.status == 404
    return False
