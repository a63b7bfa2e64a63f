"""Other sites, other hosts and spoofed proxies get nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hub.web.toy import toy_app
from tests.support.client import HubClient

if TYPE_CHECKING:
    from config.settings import Settings


def test_a_change_by_cookie_needs_the_token(member: HubClient, name: str) -> None:
    token = member.csrf or ""
    for wrong in (None, "", "x" * 64, token.upper(), token[:-1], "é"):
        member.csrf = wrong
        answer = member.post("things", {"name": name})
        assert (answer.status_code, answer.json["code"]) == (403, "csrf")  # type: ignore[index]
    member.csrf = token
    assert member.post("things", {"name": name}).status_code == 201


def test_a_form_carries_the_token_in_a_field(member: HubClient, name: str) -> None:
    token = member.csrf
    member.csrf = None
    assert member.post_form("/forms", {"name": name}).status_code == 403
    assert member.post_form("/forms", {"name": "x", "_csrf": "wrong"}).status_code == 403
    assert member.post_form("/forms", {"name": "x", "_csrf": token}).status_code == 303


def test_reading_needs_no_token(member: HubClient) -> None:
    member.csrf = None
    assert member.get("things/1").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8000"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:9999"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
        ({"Origin": "http://localhost:8000"}, 201),
        ({"Origin": "http://localhost"}, 201),
        ({}, 201),
    ],
)
def test_another_site_cannot_make_a_browser_act(
    member: HubClient, name: str, headers: dict[str, str], status: int
) -> None:
    answer = member.post("things", {"name": name}, headers=headers)
    assert answer.status_code == status


def test_another_site_cannot_sign_a_browser_in(visitor: HubClient) -> None:
    answer = visitor.post(
        "sign-ins", {"email": "a@b.id", "password": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (answer.status_code, answer.json["code"]) == (403, "cross-site")  # type: ignore[index]


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "169.254.169.254", "a b", "localhost@evil"]
)
@pytest.mark.parametrize("path", ["/", "/api/v1/me", "/healthz", "/static/hub.css", "/nothing"])
def test_another_host_is_refused(visitor: HubClient, host: str, path: str) -> None:
    answer = visitor.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert host.encode() not in answer.data


def test_the_hubs_own_host_is_its_address(web_settings: Settings) -> None:
    app = toy_app(web_settings, base_url="https://hub.example.id")
    client = HubClient(app)
    assert client.get("/", headers={"Host": "hub.example.id"}).status_code == 200
    assert client.get("/", headers={"Host": "localhost"}).status_code == 400
    app.database.dispose()


@pytest.mark.parametrize(
    ("proxies", "seen"), [(0, "127.0.0.1"), (1, "2001:db8:0:7::/64"), (2, "198.51.100.7"), (5, "127.0.0.1")]
)
def test_proxies_are_believed_as_far_as_the_settings_say(
    web_settings: Settings, proxies: int, seen: str
) -> None:
    app = toy_app(web_settings, trusted_proxies=proxies)
    answer = HubClient(app).get(
        "context", headers={"X-Forwarded-For": "192.0.2.1, 198.51.100.7, 2001:db8:0:7:1:2:3:4"}
    )
    app.database.dispose()
    assert answer.json["address"] == seen  # type: ignore[index]
