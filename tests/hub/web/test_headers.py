"""Every answer carries the headers that keep browsers and caches from doing harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hub.web.toy import toy_app
from tests.support.client import HubClient

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.web.application import HubFlask


def test_every_route_answers_with_the_headers(toy: HubFlask, member: HubClient) -> None:
    for rule in toy.url_map.iter_rules():
        address = rule.rule
        for argument in rule.arguments:
            converter = next(part for part in address.split("/") if argument in part)
            address = address.replace(converter, {"token": "good", "filename": "hub.css"}.get(argument, "1"))
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            answer = member.send(method, address)
            headers = answer.headers
            assert headers["X-Content-Type-Options"] == "nosniff", address
            assert headers["Referrer-Policy"] == "no-referrer", address
            assert headers["Content-Security-Policy"].startswith("default-src 'none'; frame-ancestors 'none'")
            assert "base-uri 'none'; object-src 'none'" in headers["Content-Security-Policy"]
            assert headers["Cache-Control"] == "no-store", address
            assert {"Cookie", "Authorization"} <= set(answer.vary), address
            assert "Strict-Transport-Security" not in headers
            assert "unsafe-inline" not in headers["Content-Security-Policy"]


def test_a_file_whose_address_names_its_content_is_kept(visitor: HubClient) -> None:
    answer = visitor.get("/static/hub.css", query={"v": "0123"})
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.mimetype == "text/css"


@pytest.mark.parametrize(
    "path", ["/static/../api.py", "/static/%2e%2e/api.py", "/static/..%2fapi.py", "/static/no"]
)
def test_nothing_outside_the_static_folder_is_served(visitor: HubClient, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_over_https_browsers_are_told_to_stay_there(web_settings: Settings) -> None:
    app = toy_app(web_settings, base_url="https://localhost")
    answer = HubClient(app).get("/")
    app.database.dispose()
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_the_cookie_belongs_to_this_host_and_no_script_reads_it(toy: HubFlask, member: HubClient) -> None:
    assert member.cookie
    assert len(member.cookie) >= 43
    sent = member.post(
        "sign-ins", {"email": "sekar.wijayanti@example.id", "password": "telaga-biru-pagi-ini"}
    )
    (cookie,) = sent.headers.getlist("Set-Cookie")
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-hub=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=43200"} <= parts
    assert not any(part.startswith("Domain") for part in parts)
    assert toy.config["MAX_CONTENT_LENGTH"] == 2**20


def test_a_page_speaks_the_readers_language(visitor: HubClient) -> None:
    assert b'<html lang="id">' in visitor.get("/").data
    assert b'<html lang="en">' in visitor.get("/", headers={"Accept-Language": "en"}).data
    assert b"/api/openapi.json" in visitor.get("/").data


def test_a_page_that_is_not_there_says_so_in_html(visitor: HubClient) -> None:
    answer = visitor.get("/nothing<script>alert(1)</script>")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert b"<script>" not in answer.data


def test_a_page_shows_text_as_text(visitor: HubClient, member: HubClient) -> None:
    assert visitor.get("/answers/good").status_code == 200
    assert b"Sekar Wijayanti (Karutan)" in member.get("/").data
