"""What every page carries: its files and their weight, masked tokens, compression, where it leads."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest

from hub.web.csrf import csrf_token, masked, unmasked
from hub.web.notices import COOKIE, go, read_notice
from hub.web.paths import path_of_form, path_of_page

if TYPE_CHECKING:
    from hub.web.application import HubFlask
    from tests.support.client import HubClient

NOTICE = f"__Host-{COOKIE}"
FIRST_VISIT = 80 * 1024
NEXT_VISIT = 15 * 1024


def test_first_visit_is_light_and_the_next_lighter(visitor: HubClient) -> None:
    page = visitor.get("/", headers={"Accept-Encoding": "br"})
    assert page.headers["Content-Encoding"] == "br"
    html = visitor.get("/").get_data(as_text=True)
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', html)
    assert len(files) >= 4
    weights = []
    for file in files:
        answer = visitor.get(file.replace("&amp;", "&"), headers={"Accept-Encoding": "br"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        weights.append(len(answer.get_data()))
    assert len(page.get_data()) + sum(weights) < FIRST_VISIT
    assert len(page.get_data()) < NEXT_VISIT


@pytest.mark.parametrize(
    "name", ["nothing.css", "../pages.py", "..%2fpages.py", "js", "js/", "%00", "hub.css/x"]
)
def test_no_other_file_is_served(visitor: HubClient, name: str) -> None:
    assert visitor.get(f"/static/{name}").status_code == 404


def test_masked_token_is_another_each_time_and_the_same_beneath() -> None:
    token = csrf_token("cookie")
    first, second = masked(token), masked(token)
    assert first != second
    assert unmasked(first) == unmasked(second) == token
    assert unmasked(token) == token
    for odd in ("", "x", "=" * 88, "é" * 88, "A" * 88, first[:-1]):
        assert unmasked(odd) != token


def test_version_read_compressed_is_sent_back(member: HubClient) -> None:
    shown = member.get("things/3", headers={"Accept-Encoding": "br"})
    assert shown.headers["ETag"].startswith('"3')
    for tag in ('"3:br"', '"3"', '"2", "3:gzip"', "*"):
        assert member.put("things/3", {"name": "a", "count": 1}, version=tag).status_code == 200, tag
    for tag in ('"4:br"', '"33"', '":3"'):
        assert member.put("things/3", {"name": "a", "count": 1}, version=tag).status_code == 412, tag


@pytest.mark.parametrize(
    "elsewhere",
    [
        None,
        "",
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "/nothing",
        "/api/v1/me",
        "/static/hub.css",
        "/healthz",
        "me",
        " /me",
        "/me\r\nSet-Cookie: a=b",
        "/me" + "x" * 600,
        "/mé",
        "///me",
        "/language",
    ],
)
def test_only_a_page_of_ours_is_led_to(toy: HubFlask, elsewhere: str | None) -> None:
    with toy.test_request_context("/"):
        assert path_of_page(elsewhere) is None


def test_pages_of_ours_are_led_to(toy: HubFlask) -> None:
    with toy.test_request_context("/"):
        for path in ("/", "/me", "/sign-in?next=%2Fme", "/me?a=%2F%2Fevil.example"):
            assert path_of_page(path) == path
        assert path_of_page("/forms") is None
        assert path_of_form("/forms") == "/forms"
        assert path_of_form("/api/v1/things") is None


def test_notice_is_said_once_by_the_next_page(visitor: HubClient) -> None:
    answer = visitor.post_form("/sign-out", {})
    assert answer.status_code == 303
    assert "Hub-Notice" not in answer.headers
    assert "Anda sudah keluar." in visitor.get("/").get_data(as_text=True)
    assert "Anda sudah keluar." not in visitor.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    "odd",
    [
        "x",
        "%%%",
        base64.urlsafe_b64encode(b"[1,2,3,4]").decode(),
        base64.urlsafe_b64encode(b'["done","%(a)s",{},null]').decode(),
        base64.urlsafe_b64encode(b'["done","%(a)s",{"b":1},null]').decode(),
        base64.urlsafe_b64encode(b'{"a":1}').decode(),
        "A" * 4000,
    ],
)
def test_odd_notice_is_no_error(toy: HubFlask, odd: str) -> None:
    client = toy.test_client()
    client.set_cookie(NOTICE, odd)
    assert client.get("/").status_code == 200


def test_notice_leads_nowhere_else(toy: HubFlask) -> None:
    with toy.test_request_context("/"):
        kept = go("/", "Done.", undo="//evil.example").headers["Hub-Notice"]
    with toy.test_request_context("/", headers={"Cookie": f"{NOTICE}={kept}"}):
        notice = read_notice()
    assert notice is not None
    assert (notice.text, notice.undo) == ("Done.", None)


def test_repeated_form_says_the_same_again(member: HubClient) -> None:
    form: dict[str, object] = {
        "_key": "the-same-key",
        "locale": "id",
        "zone": "Asia/Jakarta",
        "wants_mail": "true",
    }
    for _ in range(2):
        answer = member.post_form("/me", form)
        assert answer.status_code == 303
        assert any(NOTICE in cookie for cookie in answer.headers.getlist("Set-Cookie"))
