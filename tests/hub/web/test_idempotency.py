"""A request repeated under its key is carried out once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.support.client import HubClient
from tests.support.unhurried import unhurried

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast


def test_the_same_request_gets_the_same_answer(
    member: HubClient, name: str, traces: Callable[[], int]
) -> None:
    first = member.post("things", {"name": name}, key=name)
    again = member.post("things", {"name": name}, key=name)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data == again.data
    assert again.mimetype == first.mimetype
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert traces() == 1


def test_another_request_under_the_same_key_is_refused(
    member: HubClient, name: str, traces: Callable[[], int]
) -> None:
    member.post("things", {"name": name}, key=name)
    other = member.post("things", {"name": f"other-{name}"}, key=name)
    assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")  # type: ignore[index]
    assert traces() == 1


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        (None, 400, "idempotency-key-missing"),
        ("short", 422, "idempotency-key-malformed"),
        ("x" * 201, 422, "idempotency-key-malformed"),
        ("with a space", 422, "idempotency-key-malformed"),
        ("kunci-é-kunci", 422, "idempotency-key-malformed"),
    ],
)
def test_a_key_of_another_shape_is_refused(
    member: HubClient, name: str, traces: Callable[[], int], key: str | None, status: int, code: str
) -> None:
    answer = member.post("things", {"name": name}, key=key)
    assert (answer.status_code, answer.json["code"]) == (status, code)  # type: ignore[index]
    assert traces() == 0


def test_a_failure_is_not_kept(member: HubClient, name: str, traces: Callable[[], int]) -> None:
    assert member.post("things", {"name": f"fails-{name}"}, key=name).status_code == 409
    assert member.post("things", {"name": f"works-{name}"}, key=name).status_code == 201
    assert traces() == 1


def test_two_people_may_choose_the_same_key(
    member: HubClient, name: str, toy: HubFlask, cast: Cast, traces: Callable[[], int]
) -> None:
    other = HubClient(toy).signed_in(cast.host_head)
    assert member.post("things", {"name": f"mine-{name}"}, key=name).status_code == 201
    assert other.post("things", {"name": f"theirs-{name}"}, key=name).status_code == 201
    assert traces() == 2


def test_ten_at_once_have_one_effect(
    member: HubClient, name: str, toy: HubFlask, traces: Callable[[], int]
) -> None:
    def send(_number: int) -> tuple[int, str | None]:
        client = HubClient(toy)
        client.inner.set_cookie("__Host-hub", member.cookie or "")
        client.csrf = member.csrf
        answer = client.post("things", {"name": name}, key=name)
        return answer.status_code, answer.headers.get("Idempotency-Replayed")

    with unhurried(toy), ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(10)))
    assert sorted(answers, key=str) == [(201, "true")] * 9 + [(201, None)]
    assert traces() == 1


def test_a_form_carries_its_key(visitor: HubClient, name: str, traces: Callable[[], int]) -> None:
    form: dict[str, object] = {"name": name, "_key": name}
    first = visitor.post_form("/answers/good", form)
    again = visitor.post_form("/answers/good", form)
    assert (
        (first.status_code, first.location) == (again.status_code, again.location) == (303, "/answers/good")
    )
    assert again.headers["Idempotency-Replayed"] == "true"
    assert traces() == 1


def test_a_form_without_a_key_is_refused(visitor: HubClient) -> None:
    assert visitor.post_form("/answers/good", {"name": "x", "_key": ""}).status_code == 400


def test_the_key_of_a_token_keeps_no_secret(member: HubClient, name: str, web_database: Database) -> None:
    first = member.post("tokens", {"label": name}, key=name)
    again = member.post("tokens", {"label": name}, key=name)
    assert (first.status_code, again.status_code) == (201, 409)
    assert again.json["code"] == "answer-not-kept"  # type: ignore[index]
    assert first.json is not None
    with web_database.transaction() as session:
        made = session.scalar(text("SELECT count(*) FROM api_tokens WHERE label = :label"), {"label": name})
        kept = session.scalars(
            text("SELECT request_keys::text FROM request_keys WHERE key = :key"), {"key": name}
        ).one()
    assert made == 1
    assert first.json["token"] not in kept
