"""Bad input is answered with a problem in the reader's words, and leaves nothing behind."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from hub.db.transaction import Database
    from tests.support.client import HubClient

PROBLEM = "application/problem+json"


def send(client: HubClient, body: bytes, content_type: str = "application/json") -> TestResponse:
    return client.send("POST", "things", key="a-key-of-its-own", data=body, content_type=content_type)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"name": "x"', 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b'{"name": NaN}', 400, "malformed"),
        (b'{"name": "\\ud800"}', 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b"[" * 1000 + b"]" * 1000, 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"", 422, "invalid"),
        (b"{}", 422, "invalid"),
    ],
)
def test_a_body_that_is_no_object_is_refused(member: HubClient, body: bytes, status: int, code: str) -> None:
    answer = send(member, body)
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (status, PROBLEM, code)  # type: ignore[index]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_another_kind_of_content_is_refused(member: HubClient, content_type: str) -> None:
    answer = send(member, b'{"name": "x"}', content_type)
    assert (answer.status_code, answer.json["code"]) == (415, "media-type")  # type: ignore[index]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a\x00b"),
        ("name", "a\x1bb"),
        ("name", "Kepala\nBcc: x@example.id"),
        ("name", "x" * 41),
        ("count", "５"),
        ("count", 5.0),
        ("count", True),
        ("count", 10**30),
        ("is_open", "yes"),
        ("at", "2024-11-28T09:00"),
        ("kind", "hotel"),
        ("themes", ["farming", "farming"]),
        ("address", "a@example.id\r\nBcc: b@example.id"),
        ("items", [{"title": "x", "unit_id": 1}]),
        ("items", [{"title": "x"}] * 4),
        ("unit_id", 7),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_written(
    member: HubClient, web_database: Database, name: str, field: str, value: Any
) -> None:
    answer = member.send(
        "POST",
        "things",
        key=name,
        data=json.dumps({"name": name, field: value}),
        content_type="application/json",
    )
    assert (answer.status_code, answer.mimetype) == (422, PROBLEM)
    assert answer.json is not None
    assert answer.json["code"] == "invalid"
    (fault,) = answer.json["errors"]
    assert fault["field"].split(".")[0] == field
    with web_database.transaction() as session:
        kept = session.scalar(text("SELECT count(*) FROM request_keys WHERE key = :key"), {"key": name})
        written = session.scalar(text("SELECT count(*) FROM heartbeats WHERE process = :key"), {"key": name})
    assert (kept, written) == (0, 0)


def test_two_megabytes_are_too_large(member: HubClient) -> None:
    answer = member.post("things", {"name": "x" * 2_000_000})
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (413, PROBLEM, "too-large")  # type: ignore[index]


def test_two_megabytes_are_too_large_for_a_page(visitor: HubClient) -> None:
    answer = visitor.post_form("/answers/good", {"name": "x" * 2_000_000})
    assert (answer.status_code, answer.mimetype) == (413, "text/html")


@pytest.mark.parametrize("name", ["a\x00b", "a\x1bb", "", "x" * 41])
def test_a_bad_form_is_refused(visitor: HubClient, name: str) -> None:
    answer = visitor.post_form("/answers/good", {"name": name})
    assert (answer.status_code, answer.mimetype) == (422, "text/html")


def test_a_form_is_read_as_text(visitor: HubClient, web_database: Database, name: str) -> None:
    form = {"name": name, "count": "7", "is_open": "on", "themes": ["farming", "rehabilitation"]}
    assert visitor.post_form("/answers/good", form).status_code == 303
    with web_database.transaction() as session:
        (read,) = session.scalars(
            text("SELECT process FROM heartbeats WHERE position(:name IN process) > 0"), {"name": name}
        )
    assert ast.literal_eval(read) == {
        "name": name,
        "count": 7,
        "is_open": True,
        "themes": ["farming", "rehabilitation"],
    }


def test_full_width_digits_in_a_form_are_refused(visitor: HubClient) -> None:
    assert visitor.post_form("/answers/good", {"name": "x", "count": "７"}).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not-found"),
        ("GET", "/api/v1/%00", 404, "not-found"),
        ("GET", "/api/", 404, "not-found"),
        ("PUT", "/api/v1/things", 405, "method-not-allowed"),
        ("TRACE", "/api/v1/me", 405, "method-not-allowed"),
    ],
)
def test_an_address_that_is_not_there_is_a_problem(
    member: HubClient, method: str, path: str, status: int, code: str
) -> None:
    answer = member.send(method, path)
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (status, PROBLEM, code)  # type: ignore[index]


def test_what_is_allowed_is_said(member: HubClient) -> None:
    assert set(member.send("PUT", "things").headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert member.send("OPTIONS", "things").status_code == 200


def test_a_problem_is_in_indonesian_unless_english_is_asked_for(visitor: HubClient) -> None:
    mine = visitor.post("sign-ins", {"email": "x"}).json
    theirs = visitor.post("sign-ins", {"email": "x"}, headers={"Accept-Language": "en-GB,en;q=0.8"}).json
    assert mine is not None
    assert theirs is not None
    assert theirs["title"] == "Some of the input cannot be accepted"
    assert mine["title"] == "Sebagian isian tidak dapat diterima"
    assert {fault["field"]: fault["message"] for fault in theirs["errors"]} == {
        "email": "This is not an e-mail address.",
        "password": "This is missing.",
    }
    assert {fault["field"]: fault["message"] for fault in mine["errors"]} == {
        "email": "Ini bukan alamat surel.",
        "password": "Ini belum diisi.",
    }


def test_an_error_nobody_expected_says_nothing_of_its_cause(visitor: HubClient) -> None:
    answer = visitor.get("crash")
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (500, PROBLEM, "internal")  # type: ignore[index]
    assert b"secret" not in answer.data
