"""Merging is a redirect: all leads to the survivor, nobody loses sight of a thing, undoing leaves nothing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from hub.actor import system_actor
from hub.errors import Conflict, Forbidden, HubError, NotFound
from hub.facilities.commands.importing import import_units
from hub.facilities.finding import search
from hub.facilities.lists import read_lists
from hub.facilities.merging import merge, undo_merge
from hub.facilities.models import Facility
from hub.facilities.queries import find_by_name
from hub.partners.rebuilding import rebuild
from tests.hub.home.test_pages import concluded
from tests.hub.visits.stage import PROPOSED_AT
from tests.support.cast import add_member, add_unit
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hub.actor import Actor
    from tests.hub.visits.stage import Stage
    from tests.support.cast import Member, Unit

    ListWriter = Callable[..., Path]

OPERATOR = system_actor("test")
DOUBLE = "Rutan Negara Purbalingga"


@pytest.fixture
def double(stage: Stage) -> Unit:
    """Return the guest as somebody entered it a second time, with a head of its own."""
    with stage.owner.transaction() as session:
        return add_unit(session, DOUBLE, "rutan", region=stage.cast.region, mailbox="dobel@example.id")


def do(stage: Stage, command: Callable[..., Any], actor: Actor = OPERATOR, **arguments: Any) -> Any:
    with stage.transaction() as session:
        return command(session, actor=actor, **arguments)


def merged(stage: Stage, one: Unit, into: Unit, actor: Actor = OPERATOR) -> None:
    do(stage, merge, actor, facility_id=one.id, into_id=into.id)


def registry(stage: Stage) -> list[Any]:
    """Return every facility and name as it stands, but for the counters of changes."""
    with stage.owner.transaction() as session:
        facilities = session.execute(
            text("SELECT to_jsonb(f) - 'version' FROM facilities f ORDER BY id")
        ).scalars()
        names = session.execute(text("SELECT to_jsonb(n) FROM facility_names n ORDER BY id")).scalars()
        return [*facilities, *names]


def head_of(stage: Stage, unit: Unit) -> Member:
    with stage.owner.transaction() as session:
        return add_member(session, "Anjar Nugroho", unit, "Karutan", "head")


def test_search_and_names_lead_to_the_survivor_and_undoing_leaves_no_trace(
    stage: Stage, double: Unit
) -> None:
    before = registry(stage)
    guest = stage.cast.guest
    merged(stage, double, guest)
    with stage.transaction() as session:
        assert [found.facility.id for found in search(session, text=DOUBLE)] == [guest.id]
        assert find_by_name(session, DOUBLE) == [(guest.id, guest.name)]
    client = stage.client(stage.cast.stranger)
    moved = client.get(f"/facilities/{double.id}")
    assert (moved.status_code, moved.location) == (303, f"/facilities/{guest.id}")
    assert DOUBLE in client.get(f"/facilities/{guest.id}").text
    assert client.get(f"facilities/{double.id}").json["merged_into_id"] == guest.id
    do(stage, undo_merge, facility_id=double.id)
    assert registry(stage) == before
    assert client.get(f"/facilities/{double.id}").status_code == 200
    actions = "action IN ('facility.merged', 'facility.merge_undone') AND subject = :subject"
    assert stage.count("audit", actions, subject=f"facilities/{double.id}") == 2


def test_proposals_go_to_the_survivor_even_those_drafted_before(stage: Stage) -> None:
    with stage.owner.transaction() as session:
        double = add_unit(session, "Lapas Purwokerto Lama", "lapas", region=stage.cast.region)
    draft = stage.propose(host_id=double.id)
    merged(stage, double, stage.cast.host)
    sent = stage.client(stage.cast.guest_head).post(f"proposals/{draft['id']}/submit")
    assert sent.status_code == 200, sent.text
    later = stage.submit(host_id=double.id, title="Sesudah digabung")
    for collaboration in (draft["collaboration_id"], later["proposal"]["collaboration_id"]):
        assert stage.count(
            "parties",
            "collaboration_id = :id AND facility_id = :host",
            id=collaboration,
            host=stage.cast.host.id,
        )
    page = stage.client(stage.cast.guest_head).get(f"/proposals/new?host={double.id}").text
    assert stage.cast.host.name in page
    assert "Lapas Purwokerto Lama" not in page


def test_who_serves_in_either_sees_what_the_merged_unit_saw(stage: Stage, double: Unit) -> None:
    """The survivor's people see both, the merged unit's what they saw, and nobody keeps it after undoing."""
    head = head_of(stage, double)
    body = stage.proposal(guest_id=double.id, title="Kunjungan unit ganda")
    made = stage.client(head).post("proposals", body)
    assert made.status_code == 201, made.text
    thread = made.json["collaboration_id"]
    other = stage.submit(title="Kunjungan unit asli")["proposal"]["collaboration_id"]

    def status(who: Member, collaboration: int) -> int:
        return stage.client(who).get(f"collaborations/{collaboration}").status_code

    survivor_head = stage.cast.guest_head
    assert (status(survivor_head, thread), status(head, thread)) == (404, 200)
    merged(stage, double, stage.cast.guest)
    assert (status(survivor_head, thread), status(head, thread)) == (200, 200)
    assert (status(survivor_head, other), status(head, other)) == (200, 404)
    sent = stage.client(survivor_head).post(f"proposals/{made.json['id']}/submit")
    assert sent.status_code == 200, sent.text
    drain(stage.owner, LANES)
    asked = "recipient_id = :id AND event_id IN (SELECT id FROM events WHERE type = 'proposal.submitted')"
    answered = stage.client(stage.cast.host_head).post(
        f"invitations/{sent.json['invitation_id']}/answer", {"number": 1, "verdict": "accepted"}
    )
    assert answered.status_code == 200, answered.text
    drain(stage.owner, LANES)
    accepted = asked.replace("proposal.submitted", "invitation.accepted")
    assert [stage.count("notifications", accepted, id=who.id) for who in (survivor_head, head)] == [1, 1]
    again = stage.client(head).post("proposals", stage.proposal(guest_id=double.id))
    assert again.status_code == 422
    do(stage, undo_merge, facility_id=double.id)
    assert (status(survivor_head, thread), status(head, thread)) == (404, 200)
    assert stage.client(head).post("proposals", stage.proposal(guest_id=double.id)).status_code == 201


def test_partner_records_are_read_as_one_and_a_rebuilt_one_equals_the_running_one(stage: Stage) -> None:
    concluded(stage)
    with stage.owner.transaction() as session:
        double = add_unit(
            session, "Lapas Purwokerto Lama", "lapas", region=stage.cast.region, mailbox="x@example.id"
        )
    host, guest = stage.cast.host, stage.cast.guest
    stage.travel(PROPOSED_AT)
    stage.submit(host_id=double.id, title="Kepada unit ganda")
    drain(stage.owner, LANES)
    client = stage.client(stage.cast.guest_head)

    def partners() -> dict[int, Any]:
        rows = client.get("partners", query={"facility_id": guest.id}).json["items"]
        return {row["partner_id"]: row for row in rows}

    apart = partners()
    assert set(apart) == {host.id, double.id}
    merged(stage, double, host)
    (one,) = partners().values()
    assert (one["partner_id"], one["collaborations"], one["visits_made"]) == (host.id, 2, 1)
    assert one["first_contact_on"] == min(row["first_contact_on"] for row in apart.values())
    assert one["open_follow_ups"] == apart[host.id]["open_follow_ups"] == 3
    assert one["themes"] == apart[host.id]["themes"]
    shown = client.get(f"partners/{guest.id}/{double.id}").json
    assert (shown["partner_id"], shown["collaborations"]) == (host.id, 2)
    assert len({entry["collaboration_id"] for entry in shown["timeline"]["items"]}) == 2
    page = client.get(f"/partners/{guest.id}/{double.id}")
    assert (page.status_code, page.location) == (303, f"/partners/{guest.id}/{host.id}")
    # The survivor's people read its records and the merged unit's as one, by either number.
    theirs = stage.client(stage.cast.host_head).get("partners", query={"facility_id": host.id}).json["items"]
    assert [(row["partner_id"], row["collaborations"]) for row in theirs] == [(guest.id, 2)]
    moved = stage.client(stage.cast.host_head).get(f"/partners/{double.id}/{guest.id}")
    assert moved.location == f"/partners/{host.id}/{guest.id}"
    with stage.owner.transaction() as session:
        assert rebuild(session, dry_run=True).is_clean
    do(stage, undo_merge, facility_id=double.id)
    assert partners() == apart


def test_what_two_units_did_with_one_another_is_no_partnership_while_they_are_one(stage: Stage) -> None:
    concluded(stage)
    merged(stage, stage.cast.guest, stage.cast.host)
    asked = stage.client(stage.cast.host_head).get("partners", query={"facility_id": stage.cast.host.id})
    assert asked.json["items"] == []


@pytest.mark.parametrize(
    ("who", "verdict"),
    [("admin", "may"), ("overseer", "may"), ("guest_head", "may not"), ("stranger", "may not")],
)
def test_only_administrators_and_the_region_of_both_may_merge(
    stage: Stage, double: Unit, who: str, verdict: str
) -> None:
    actor = getattr(stage.cast, who).actor()
    if verdict == "may":
        merged(stage, double, stage.cast.guest, actor)
        do(stage, undo_merge, actor, facility_id=double.id)
        return
    with pytest.raises(Forbidden):
        merged(stage, double, stage.cast.guest, actor)
    merged(stage, double, stage.cast.guest)
    with pytest.raises(Forbidden):
        do(stage, undo_merge, actor, facility_id=double.id)


def test_an_overseer_merges_nothing_across_regions(stage: Stage, double: Unit) -> None:
    for one, into in ((double, stage.cast.elsewhere), (stage.cast.elsewhere, double)):
        with pytest.raises(Forbidden):
            merged(stage, one, into, stage.cast.overseer.actor())


def test_what_cannot_be_merged_is_a_clear_conflict(stage: Stage, double: Unit) -> None:
    cast = stage.cast
    with stage.owner.transaction() as session:
        partner = add_unit(session, "Dinas Sosial Purbalingga", "dinas", region=cast.region)
        third = add_unit(session, "Rutan Ketiga", "rutan", region=cast.region)
    merged(stage, double, cast.guest)
    for one, into, code in (
        (cast.guest, cast.guest, "merge-into-itself"),
        (double, cast.host, "already-merged"),
        (double, cast.guest, "already-merged"),
        (third, double, "target-merged"),
        (cast.guest, double, "target-merged"),  # a circle
        (cast.guest, third, "bears-others"),
        (partner, third, "unlike-kinds"),
        (third, partner, "unlike-kinds"),
        (cast.region, cast.other_region, "office-not-mergeable"),
    ):
        with pytest.raises(Conflict) as refused:
            merged(stage, one, into)
        assert refused.value.code == code, (one.name, into.name)
    with pytest.raises(Conflict):
        do(stage, undo_merge, facility_id=third.id)
    with pytest.raises(NotFound):
        do(stage, merge, facility_id=third.id, into_id=10**9)


def test_undoing_waits_until_the_name_is_free_again(stage: Stage, double: Unit) -> None:
    merged(stage, double, stage.cast.guest)
    with stage.owner.transaction() as session:
        newcomer = add_unit(session, DOUBLE, "rutan", region=stage.cast.region)
    with pytest.raises(Conflict) as refused:
        do(stage, undo_merge, facility_id=double.id)
    assert refused.value.code == "name-taken"
    merged(stage, newcomer, stage.cast.guest)
    do(stage, undo_merge, facility_id=double.id)


def test_two_who_merge_at_once_come_one_after_the_other(stage: Stage, double: Unit) -> None:
    """A into B and B into A at the same moment: one is done, the other is told why not."""
    barrier = threading.Barrier(2)
    came: list[str] = []

    def attempt(one: Unit, into: Unit) -> None:
        barrier.wait()
        try:
            merged(stage, one, into)
            came.append("merged")
        except HubError as error:
            came.append(error.code)

    pairs = ((double, stage.cast.guest), (stage.cast.guest, double))
    threads = [threading.Thread(target=attempt, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(came) == ["merged", "target-merged"]
    assert stage.count("facilities", "merged_into_id IS NOT NULL") == 1


def test_an_import_neither_brings_a_merged_unit_back_nor_renames_the_survivor(
    stage: Stage, double: Unit, write_list: ListWriter
) -> None:
    merged(stage, double, stage.cast.guest)
    path = write_list(
        f"{DOUBLE.upper()},rutan,Kanwil Ditjenpas Jawa Tengah,Asia/Jakarta,",
        f"Rutan Baru,rutan,Kanwil Ditjenpas Jawa Tengah,Asia/Jakarta,{DOUBLE}",
        header="name,kind,kanwil,iana_timezone,former_name",
    )
    plan = do(stage, import_units, listed=read_lists([path]))
    assert [(one.line, stage.cast.guest.name in one.reason) for one in plan.rejected] == [
        (2, True),
        (3, True),
    ]
    assert not plan.new
    assert not plan.changed
    with stage.transaction() as session:
        assert session.scalars(select(Facility.name).where(Facility.id == stage.cast.guest.id)).one() == (
            stage.cast.guest.name
        )


def test_the_pages_lead_from_the_search_to_the_merge_and_back(stage: Stage, double: Unit) -> None:
    guest = stage.cast.guest
    client = stage.client(stage.cast.overseer)
    found = client.get(f"/facilities/{double.id}/merge", query={"q": "purbalingga"}).text
    assert f"/facilities/{double.id}/merge?into={guest.id}" in found
    both = client.get(f"/facilities/{double.id}/merge", query={"into": guest.id}).text
    for words in ("dobel@example.id", "rutan.purbalingga@example.id", "Kasubsi Pengelolaan"):
        assert words in both
    form = {"into_id": guest.id, "sure": "false"}
    assert client.post_form(f"/facilities/{double.id}/merge", form).status_code == 422
    done = client.post_form(f"/facilities/{double.id}/merge", form | {"sure": "true"})
    assert (done.status_code, done.location) == (303, f"/facilities/{guest.id}")
    again = client.post_form(f"/facilities/{double.id}/merge", form | {"sure": "true"})
    assert again.status_code == 409
    assert f"/facilities/{double.id}/unmerge" in client.get(f"/facilities/{guest.id}").text
    assert client.get(f"/facilities/{double.id}/unmerge").status_code == 200
    back = client.post_form(f"/facilities/{double.id}/unmerge", {"sure": "true"})
    assert (back.status_code, back.location) == (303, f"/facilities/{double.id}")
    refused = stage.client(stage.cast.guest_head)
    assert refused.get(f"/facilities/{double.id}/merge").status_code == 403
    assert refused.post_form(f"/facilities/{double.id}/merge", form | {"sure": "true"}).status_code == 403
