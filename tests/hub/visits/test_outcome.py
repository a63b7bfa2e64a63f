"""An outcome is drafted by both sides, checked, and published once by a head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.hub.visits.stage import Stage


def faults(body: dict[str, Any]) -> list[str]:
    return [fault["field"] for fault in body["errors"]]


def test_draft_replaces_the_draft_before_and_needs_its_version(stage: Stage) -> None:
    visit = stage.held()
    staff = stage.client(stage.cast.host_training)
    path = f"visits/{visit['id']}/outcome"
    assert staff.put(path, stage.outcome()).status_code == 428
    first = staff.put(path, stage.outcome(), version=visit["version"])
    assert first.status_code == 200, first.get_data(as_text=True)
    assert staff.put(path, stage.outcome(), version=visit["version"]).status_code == 412
    shorter = {"themes": stage.outcome()["themes"][:1]}
    second = staff.put(path, shorter, version=first.headers["ETag"])
    assert [theme["theme"] for theme in second.json["outcome"]] == ["rehabilitasi"]
    assert stage.count("outcomes") == 1
    assert stage.count("commitments") == 2
    assert stage.count("events", "type = 'outcome.published'") == 0
    assert stage.client(stage.cast.overseer).get(f"visits/{visit['id']}").json["outcome"] == []


def test_outcome_is_not_written_before_the_visit_is_held_nor_by_others(stage: Stage) -> None:
    visit = stage.scheduled()
    path = f"visits/{visit['id']}/outcome"
    early = stage.client(stage.cast.guest_head).put(path, stage.outcome(), version=visit["version"])
    assert early.json["code"] == "visit-scheduled"
    overseer = stage.client(stage.cast.overseer).put(path, stage.outcome(), version=visit["version"])
    assert overseer.json["code"] == "not-in-party"
    stranger = stage.client(stage.cast.stranger).put(path, stage.outcome(), version=visit["version"])
    assert stranger.status_code == 404


BAD_PROMISES: Sequence[tuple[str, object]] = (
    ("owner_post_id", 999_999),
    ("owner_post_id", "host"),
    ("facility_id", "elsewhere"),
    ("working_days", 0),
    ("working_days", 261),
    ("working_days", "５"),
    ("text", "a\x00b"),
    ("text", ""),
)


def test_bad_commitment_is_named_by_its_path(stage: Stage) -> None:
    visit = stage.held()
    guest = stage.client(stage.cast.guest_head)
    meant = {"host": stage.cast.host_training.post_id, "elsewhere": stage.cast.elsewhere.id}
    for field, value in BAD_PROMISES:
        body = stage.outcome()
        body["themes"][0]["commitments"][0][field] = meant.get(str(value), value)
        response = guest.put(f"visits/{visit['id']}/outcome", body, version=visit["version"])
        assert response.status_code == 422, (field, value)
        assert faults(response.json) == [f"themes.0.commitments.0.{field}"], value
    assert stage.count("outcomes") == 0


def test_theme_stands_once(stage: Stage) -> None:
    visit = stage.held()
    body = {"themes": [stage.outcome()["themes"][0]] * 2}
    response = stage.client(stage.cast.guest_head).put(
        f"visits/{visit['id']}/outcome", body, version=visit["version"]
    )
    assert faults(response.json) == ["themes.1.theme"]


def test_pool_may_own_a_promise_only_if_it_reports_to_a_seat(stage: Stage) -> None:
    visit = stage.held()
    guest = stage.client(stage.cast.guest_head)
    body = stage.outcome()
    body["themes"][0]["commitments"][0]["owner_post_id"] = stage.cast.guest_staff.post_id
    path = f"visits/{visit['id']}/outcome"
    written = guest.put(path, body, version=visit["version"])
    assert written.status_code == 200
    with stage.owner.transaction() as session:
        statement = text("UPDATE posts SET reports_to_id = NULL WHERE id = :id")
        session.execute(statement, {"id": stage.cast.guest_staff.post_id})
    refused = guest.post(f"{path}/publish")
    assert faults(refused.json) == ["themes.0.commitments.0.owner_post_id"]
    assert stage.count("visits", "state = 'held'") == 1


def test_only_a_head_publishes_and_not_without_a_commitment(stage: Stage) -> None:
    visit = stage.held()
    path = f"visits/{visit['id']}/outcome"
    head = stage.client(stage.cast.host_head)
    assert head.post(f"{path}/publish").json["code"] == "no-commitment"
    body = stage.outcome()
    written = head.put(path, body, version=visit["version"])
    assert written.status_code == 200
    staff = stage.client(stage.cast.guest_service).post(f"{path}/publish")
    assert (staff.status_code, staff.json["code"]) == (403, "not-head-of-party")
    assert head.post(f"{path}/publish").status_code == 200
    assert head.post(f"{path}/publish").json["code"] == "visit-concluded"
    assert head.put(path, body, version=written.headers["ETag"]).status_code == 412
    assert stage.count("events", "type = 'outcome.published'") == 1
    assert len(stage.client(stage.cast.overseer).get(f"visits/{visit['id']}").json["outcome"]) == 2
