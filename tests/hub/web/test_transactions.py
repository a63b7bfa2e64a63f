"""One request is one transaction, judged before its view runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import exc

from tests.support.client import HubClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.web.application import HubFlask
    from tests.support.cast import Cast


def test_a_request_commits_what_its_view_wrote(
    member: HubClient, name: str, traces: Callable[[], int]
) -> None:
    answer = member.post("things", {"name": name})
    assert (answer.status_code, answer.json) == (201, {"name": name})
    assert traces() == 1


def test_a_request_that_fails_leaves_nothing(member: HubClient, name: str, traces: Callable[[], int]) -> None:
    answer = member.post("things", {"name": f"fails-{name}"})
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")  # type: ignore[index]
    assert traces() == 0


def test_a_page_answered_with_an_error_leaves_nothing(
    visitor: HubClient, name: str, traces: Callable[[], int]
) -> None:
    assert visitor.post_form("/answers/good", {"name": f"again-{name}"}).status_code == 422
    assert traces() == 0


def test_the_database_refuses_a_write_in_a_get(
    member: HubClient, toy: HubFlask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(toy.config, "PROPAGATE_EXCEPTIONS", True)
    with pytest.raises(exc.InternalError, match="read-only transaction"):
        member.get("writes")
    assert member.get("context").json["read_only"] == "on"  # type: ignore[index]


def test_the_actor_is_known_to_the_database_and_forgotten_with_the_transaction(
    member: HubClient, cast: Cast
) -> None:
    head = cast.guest_head
    known = member.get("context").json
    assert known == {
        "person": str(head.id),
        "units": "{%d}" % head.facility_id,  # noqa: UP031 -- braces
        "read_only": "on",
        "role": "hub_app",
        "address": "127.0.0.1",
    }
    after = HubClient(member.app).get("context").json
    assert (after["person"], after["units"]) in (("", ""), (None, None))  # type: ignore[index]


def test_what_may_not_be_seen_and_what_is_not_there_look_alike(member: HubClient) -> None:
    hidden = member.get("things/100")
    assert (hidden.status_code, hidden.json["code"]) == (404, "not-found")  # type: ignore[index]


@pytest.mark.parametrize(
    "number", ["9223372036854775808", "99999999999999999999", "-1", "１２", "1.0", "0x1"]
)
def test_an_odd_number_in_an_address_is_not_found(member: HubClient, number: str) -> None:
    assert member.get(f"things/{number}").status_code == 404


def test_a_stranger_is_asked_to_sign_in(visitor: HubClient) -> None:
    answer = visitor.get("things/1")
    assert (answer.status_code, answer.json["code"]) == (401, "sign-in-required")  # type: ignore[index]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_only_an_administrator_is_let_in_where_the_policy_says_so(toy: HubFlask, cast: Cast) -> None:
    assert HubClient(toy).get("admins").status_code == 401
    assert HubClient(toy).signed_in(cast.overseer).get("admins").status_code == 403
    assert HubClient(toy).signed_in(cast.admin).get("admins").status_code == 200


def test_a_link_is_not_followed_by_the_person_but_by_its_holder(member: HubClient) -> None:
    assert member.get("/answers/good").status_code == 200
    assert member.get("/answers/bad").status_code == 404


def test_an_edit_needs_the_version_it_edits(member: HubClient) -> None:
    missing = member.put("things/1", {"name": "x"})
    assert (missing.status_code, missing.json["code"]) == (428, "if-match-missing")  # type: ignore[index]
    stale = member.put("things/1", {"name": "x"}, version=2)
    assert (stale.status_code, stale.json["code"]) == (412, "stale")  # type: ignore[index]
    odd = member.put("things/1", {"name": "x"}, version="three")
    assert odd.status_code == 412
    done = member.put("things/1", {"name": "x"}, version=3)
    assert (done.status_code, done.headers["ETag"]) == (200, '"4"')


def test_a_version_read_before_is_not_sent_again(member: HubClient) -> None:
    first = member.get("things/1")
    assert first.headers["ETag"] == '"3"'
    again = member.get("things/1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_list_is_read_page_by_page(member: HubClient) -> None:
    seen: list[int] = []
    after = None
    while True:
        query: dict[str, object] = {"limit": "3"} if after is None else {"limit": "3", "after": after}
        part = member.get("posts", query=query).json
        assert part is not None
        seen += [item["id"] for item in part["items"]]
        after = part["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 8


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "101"}, {"limit": "５"}, {"after": "xyz"}, {"after": "W10"}, {"page": "2"}],
)
def test_an_odd_list_query_is_refused(member: HubClient, query: dict[str, object]) -> None:
    answer = member.get("posts", query=query)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json["errors"]] == list(query)  # type: ignore[index]
