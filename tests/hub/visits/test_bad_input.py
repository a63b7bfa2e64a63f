"""What cannot be is refused with the field named, and leaves nothing half-written."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from hub.facilities.models import FacilityName
from tests.hub.visits.stage import AGENDA
from tests.support.cast import add_unit

if TYPE_CHECKING:
    from tests.hub.visits.stage import Player, Stage

TABLES = ("collaborations", "proposals", "parties", "visits", "arrangements", "agenda_items", "events")


def faults(body: dict[str, Any]) -> dict[str, str]:
    return {fault["field"]: fault["message"] for fault in body["errors"]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"host_id": 999_999}, "host_id"),
        ({"host_id": None}, "host_id"),
        ({"host_id": None, "host_name": "Lapas yang tidak ada"}, "host_name"),
        ({"host_id": "２"}, "host_id"),
        ({"host_id": 2.0}, "host_id"),
        ({"starts_at": "2024-11-01T09:00"}, "starts_at"),
        ({"starts_at": "2034-11-01T09:00", "ends_at": "2034-11-01T10:00"}, "starts_at"),
        ({"ends_at": "2024-11-28T09:00"}, "ends_at"),
        ({"ends_at": "2025-11-28T09:00"}, "ends_at"),
        ({"starts_at": "2024-11-28T09:00+07:00"}, "starts_at"),
        ({"starts_at": "２０２４-11-28T09:00"}, "starts_at"),
        ({"weekday": "Kemis Legi"}, "weekday"),
        ({"title": "Studi\x00tiru"}, "title"),
        ({"title": "Studi tiru\x1b[31m"}, "title"),
        ({"title": "Studi tiru =?UTF-8?Q?=0A?=Bcc: x@example.id"}, "title"),
        ({"title": "Studi tiru\nBcc: x@example.id"}, "title"),
        ({"title": "\u202etiru"}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"urgency": "a" * 900_000}, "urgency"),
        ({"themes": ["rehabilitasi", "rehabilitasi"]}, "themes"),
        ({"themes": ["sihir"]}, "themes.0"),
        ({"themes": []}, "themes"),
        ({"kind": "piknik"}, "kind"),
        ({"agenda": []}, "agenda"),
        ({"agenda": [AGENDA[0]] * 31}, "agenda"),
        ({"agenda": [{"title": "Sambutan", "minutes": 0}]}, "agenda.0.minutes"),
        (
            {"agenda": [AGENDA[0], {"title": "x", "minutes": 5, "owner_post_id": 999_999}]},
            "agenda.1.owner_post_id",
        ),
        ({"head_count": 0}, "head_count"),
        ({"head_count": True}, "head_count"),
        ({"inmates": ["x"]}, "inmates"),
    ],
)
def test_bad_proposal_is_refused_and_nothing_is_written(
    still_stage: Stage, proposer: Player, changes: dict[str, object], field: str
) -> None:
    before = {table: still_stage.count(table) for table in TABLES}
    response = proposer.post("proposals", still_stage.proposal(**changes))
    assert response.status_code == 422, response.get_data(as_text=True)
    assert field in faults(response.json)
    assert {table: still_stage.count(table) for table in TABLES} == before


def test_two_megabytes_are_too_large(still_stage: Stage, proposer: Player) -> None:
    body = still_stage.proposal(urgency="a" * 2_000_000)
    response = proposer.post("proposals", body)
    assert response.status_code == 413
    assert response.json["code"] == "too-large"


def test_host_and_guest_the_same_is_refused_by_id_and_by_name(still_stage: Stage, proposer: Player) -> None:
    by_id = proposer.post("proposals", still_stage.proposal(host_id=still_stage.cast.guest.id))
    assert by_id.json["code"] == "host-is-guest"
    same = still_stage.proposal(host_id=None, host_name="rutan kelas iib purbalingga")
    by_name = proposer.post("proposals", same)
    assert by_name.json["code"] == "host-is-guest"
    assert "host_name" in faults(by_name.json)


def test_host_is_found_by_its_name_whatever_its_case(stage: Stage) -> None:
    response = stage.client(stage.cast.guest_head).post(
        "proposals", stage.proposal(host_id=None, host_name="LAPAS kelas iia PURWOKERTO")
    )
    assert response.status_code == 201
    assert response.json["visit"]["parties"][1]["facility_id"] == stage.cast.host.id


def test_name_that_fits_two_units_lists_both(stage: Stage) -> None:
    with stage.owner.transaction() as session:
        twin = add_unit(session, "Lapas Perempuan Kerobokan", "lapas")
        for facility_id in (twin.id, stage.cast.host.id):
            session.execute(
                insert(FacilityName).values(
                    facility_id=facility_id, name="Lapas Kita", search_key="lapas kita", kind="alias"
                )
            )
    response = stage.client(stage.cast.guest_head).post(
        "proposals", stage.proposal(host_id=None, host_name="Lapas Kita")
    )
    assert (response.status_code, response.json["code"]) == (422, "several-units")
    message = faults(response.json)["host_name"]
    assert "Lapas Kelas IIA Purwokerto" in message
    assert "Lapas Perempuan Kerobokan" in message
    assert stage.count("collaborations") == 0


def test_weekday_that_disagrees_is_a_warning_that_shows_both(stage: Stage) -> None:
    response = stage.client(stage.cast.guest_head).post("proposals", stage.proposal(weekday="Jum'at"))
    assert response.status_code == 201
    (warning,) = response.json["warnings"]
    assert warning["code"] == "weekday-disagrees"
    assert "Jumat" in warning["message"]
    assert "Kamis, 28 November 2024" in warning["message"]


def test_day_that_is_not_worked_is_a_warning(stage: Stage) -> None:
    changes = {"starts_at": "2024-12-25T09:00", "ends_at": "2024-12-25T12:00"}
    response = stage.client(stage.cast.guest_head).post("proposals", stage.proposal(**changes))
    (warning,) = response.json["warnings"]
    assert warning["code"] == "not-a-working-day"
    assert "Natal" in warning["message"]


def test_only_people_of_the_guest_may_propose_for_it(stage: Stage) -> None:
    for member in (stage.cast.host_head, stage.cast.stranger, stage.cast.overseer, stage.cast.admin):
        response = stage.client(member).post("proposals", stage.proposal())
        assert (response.status_code, response.json["code"]) == (403, "not-in-guest")
    assert stage.count("collaborations") == 0


def test_double_submit_gives_one_draft_for_one_key(stage: Stage) -> None:
    guest = stage.client(stage.cast.guest_head)
    first = guest.post("proposals", stage.proposal(), key="kunci-yang-sama")
    second = guest.post("proposals", stage.proposal(), key="kunci-yang-sama")
    assert first.json == second.json
    assert second.headers["Idempotency-Replayed"] == "true"
    assert stage.count("collaborations") == 1
    path = f"proposals/{first.json['id']}/submit"
    assert guest.post(path).status_code == 200
    assert guest.post(path).json["code"] == "proposal-submitted"
    assert stage.count("events") == 1
    assert stage.count("invitations") == 1


def test_draft_whose_date_has_passed_is_not_submitted(stage: Stage) -> None:
    draft = stage.propose(starts_at="2024-11-12T09:00", ends_at="2024-11-12T10:00")
    stage.travel(dt.datetime.fromisoformat("2024-11-13T09:00+07:00"))
    response = stage.client(stage.cast.guest_head).post(f"proposals/{draft['id']}/submit")
    assert (response.status_code, list(faults(response.json))) == (422, ["starts_at"])
    assert stage.count("events") == 0
    assert stage.count("proposals", "state = 'draft'") == 1


def test_host_without_mailbox_needs_an_address(stage: Stage) -> None:
    draft = stage.propose(host_id=stage.cast.elsewhere.id)
    assert draft["visit"]["arrangement"]["starts_at"] == "2024-11-28T09:00:00+09:00"
    guest = stage.client(stage.cast.guest_head)
    path = f"proposals/{draft['id']}/submit"
    refused = guest.post(path)
    assert refused.json["code"] == "no-mailbox"
    bad = guest.post(path, {"invitation_address": "x@example.id\r\nBcc: y@example.id"})
    assert list(faults(bad.json)) == ["invitation_address"]
    assert guest.post(path, {"invitation_address": "lapas.wamena@example.id"}).status_code == 200
