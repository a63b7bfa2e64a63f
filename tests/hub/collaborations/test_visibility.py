"""A draft belongs to the guest; a submitted collaboration to its parties and their overseers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.hub.visits.stage import Stage

GUESTS = ("guest_head", "guest_service", "guest_staff")
CONCERNED = (*GUESTS, "host_head", "host_training", "overseer", "admin")


def seen_by(stage: Stage, name: str, made: dict[str, object]) -> set[int]:
    """Return the statuses that every route to the collaboration gives this member."""
    client = stage.client(getattr(stage.cast, name))
    paths = (
        f"proposals/{made['id']}",
        f"visits/{made['visit_id']}",
        f"collaborations/{made['collaboration_id']}",
        f"collaborations/{made['collaboration_id']}/events",
    )
    items = client.get("collaborations").json["items"]
    statuses = {client.get(path).status_code for path in paths}
    assert (len(items) == 1) == (statuses == {200})
    return statuses


def test_draft_is_seen_in_the_guest_unit_only(stage: Stage) -> None:
    made = stage.propose()
    for name in (*CONCERNED, "stranger"):
        assert seen_by(stage, name, made) == ({200} if name in GUESTS else {404}), name


def test_submitted_collaboration_is_seen_by_those_concerned(stage: Stage) -> None:
    made = stage.submit()["proposal"]
    for name in (*CONCERNED, "stranger"):
        assert seen_by(stage, name, made) == ({200} if name in CONCERNED else {404}), name


def test_nobody_sees_anything_without_signing_in(stage: Stage) -> None:
    from tests.support.client import HubClient  # noqa: PLC0415 -- only here

    made = stage.submit()["proposal"]
    anybody = HubClient(stage.app)
    for path in ("collaborations", "themes", f"proposals/{made['id']}", f"visits/{made['visit_id']}"):
        assert anybody.get(path).status_code == 401


def test_list_is_paged_newest_first_without_gap_or_double(stage: Stage) -> None:
    ids = [stage.propose(title=f"Usulan {number}")["collaboration_id"] for number in range(5)]
    client = stage.client(stage.cast.guest_head)
    seen: list[int] = []
    query: dict[str, object] = {"limit": 2}
    while True:
        body = client.get("collaborations", query=query).json
        seen += [item["id"] for item in body["items"]]
        if body["next"] is None:
            break
        query["after"] = body["next"]
    assert seen == sorted(ids, reverse=True)
    assert client.get("collaborations", query={"after": "x"}).status_code == 422


def test_themes_are_named_in_the_reader_s_language(stage: Stage) -> None:
    themes = stage.client(stage.cast.guest_head).get("themes").json["items"]
    assert {"code": "rehabilitasi", "name": "Rehabilitasi"} in themes
