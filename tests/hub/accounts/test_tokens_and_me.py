"""API tokens, and what a person learns and decides about themselves."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.accounts.identity import load_actor
from hub.clock import now, travel
from hub.web.scopes import SCOPES
from tests.support.client import HubClient

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast


def make_token(client: HubClient, **options: object) -> str:
    made = client.post("tokens", {"label": "laporan bulanan", **options})
    assert made.status_code == 201, made.get_data(as_text=True)
    token = made.json["token"]  # type: ignore[index]
    assert isinstance(token, str)
    return token


def program(app: HubFlask, token: str) -> HubClient:
    client = HubClient(app)
    client.bearer = token
    return client


def test_a_program_acts_by_its_token_without_csrf(client: HubClient, app: HubFlask, cast: Cast) -> None:
    script = program(app, make_token(client.signed_in(cast.guest_head), scopes=["read", "account:write"]))
    assert script.get("me").json["person"]["id"] == cast.guest_head.id  # type: ignore[index]
    assert script.patch("me", {"wants_mail": False}).status_code == 200


def test_a_token_is_stored_as_its_hash_and_its_use_noted(
    client: HubClient, app: HubFlask, cast: Cast, as_app: Database
) -> None:
    token = make_token(client.signed_in(cast.guest_head))
    script = program(app, token)
    with as_app.transaction() as session:
        stored = session.execute(text("SELECT api_tokens::text, last_used_at FROM api_tokens")).one()
        entries = session.scalars(text("SELECT action || detail::text FROM audit")).all()
    assert token not in stored[0]
    assert stored.last_used_at is None
    assert token not in "".join(entries)
    assert script.get("me").status_code == 200
    (listed,) = client.get("tokens").json["items"]  # type: ignore[index]
    assert listed["last_used_at"] is not None, "reading is a use, too"
    assert listed["prefix"] == token[:12]
    assert "token" not in listed


def test_use_is_noted_once_a_minute_at_most(
    client: HubClient, app: HubFlask, cast: Cast, as_owner: Database, settings: Settings
) -> None:
    script = program(app, make_token(client.signed_in(cast.guest_head), scopes=["read", "account:write"]))

    def used() -> object:
        with as_owner.transaction() as session:
            return session.scalar(text("SELECT last_used_at FROM api_tokens"))

    script.get("me")
    first = used()
    script.get("me")
    script.patch("me", {"wants_mail": True})
    assert used() == first is not None
    with as_owner.transaction() as session:
        travel(session, settings, to=now(session) + dt.timedelta(minutes=2))
    script.patch("me", {"wants_mail": False})
    second = used()
    assert second != first
    with as_owner.transaction() as session:
        travel(session, settings, to=now(session) + dt.timedelta(minutes=2))
    script.get("me")
    assert used() != second


def test_use_that_cannot_be_noted_fails_no_reading(
    client: HubClient, app: HubFlask, cast: Cast, as_owner: Database
) -> None:
    script = program(app, make_token(client.signed_in(cast.guest_head)))
    with as_owner.transaction() as session:
        session.execute(text("REVOKE UPDATE ON api_tokens FROM hub_app"))
    assert script.get("me").status_code == 200
    with as_owner.transaction() as session:
        session.execute(text("GRANT UPDATE ON api_tokens TO hub_app"))
        assert session.scalar(text("SELECT last_used_at FROM api_tokens")) is None


def test_token_has_the_least_unless_more_is_asked_for(client: HubClient, app: HubFlask, cast: Cast) -> None:
    made = client.signed_in(cast.guest_head).post("tokens", {"label": "laporan"}).json
    assert made is not None
    assert made["scopes"] == ["read"]
    script = program(app, made["token"])
    refused = script.patch("me", {"wants_mail": False})
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    assert refused.json is not None
    assert (refused.json["code"], refused.json["scope"]) == ("insufficient-scope", "account:write")
    assert "account:write" in refused.json["detail"]
    assert refused.headers["WWW-Authenticate"] == (
        'Bearer realm="hub", error="insufficient_scope", scope="account:write"'
    )
    more = client.post("tokens", {"label": "more", "scopes": ["account:write", "read"]}).json
    assert more is not None
    assert more["scopes"] == ["read", "account:write"], "in one order, however they were asked for"
    assert [one["scopes"] for one in client.get("tokens").json["items"]] == [more["scopes"], ["read"]]  # type: ignore[index]


@pytest.mark.parametrize("scopes", [[], ["all"], ["browser"], ["read", "read"], "read", None, [1]])
def test_no_other_scope_can_be_asked_for(client: HubClient, cast: Cast, scopes: object) -> None:
    refused = client.signed_in(cast.guest_head).post("tokens", {"label": "x", "scopes": scopes})
    assert refused.status_code == 422
    assert client.get("tokens").json == {"items": []}


def test_token_without_reading_reads_nothing(client: HubClient, app: HubFlask, cast: Cast) -> None:
    script = program(app, make_token(client.signed_in(cast.guest_head), scopes=["inbox:write"]))
    assert script.get("me").json["scope"] == "read"  # type: ignore[index]
    assert script.get("/inbox/stream").status_code == 403
    assert script.post("inbox/read", {}).status_code != 403


def test_token_opens_no_page(client: HubClient, app: HubFlask, cast: Cast) -> None:
    script = program(app, make_token(client.signed_in(cast.guest_head), scopes=list(SCOPES)))
    for path in ("/home", "/me", "/me/tokens", "/me/second-factor", "/me/data"):
        assert script.get(path).status_code == 403, path
    for path in ("/me", "/me/password", "/me/tokens"):
        assert script.post_form(path, {}).status_code == 403, path


def test_page_makes_a_token_shows_it_once_and_revokes_it(
    client: HubClient, app: HubFlask, cast: Cast, as_owner: Database
) -> None:
    client.signed_in(cast.guest_head)
    page = client.get("/me/tokens").get_data(as_text=True)
    assert re.search(r'value="read"\s+checked', page)
    assert page.count(" checked") == 2, "the least, and the usual time"
    assert "operations:write" not in page, "for administrators"
    refused = client.post_form("/me/tokens", {"label": "laporan", "scopes": "", "days": "90"})
    assert refused.status_code == 422
    assert 'value="laporan"' in refused.get_data(as_text=True)
    made = client.post_form(
        "/me/tokens", {"label": "laporan", "scopes": ["read", "inbox:write"], "days": "30"}
    )
    found = re.search(r"hub_[\w-]{43}", made.get_data(as_text=True))
    assert found
    assert program(app, found[0]).get("me").status_code == 200
    listed = client.get("/me/tokens").get_data(as_text=True)
    assert found[0] not in listed
    assert found[0][:12] in listed
    with as_owner.transaction() as session:
        noted = session.scalar(text("SELECT detail FROM audit WHERE action = 'token.created'"))
    assert noted == {"days": 30, "scopes": ["read", "inbox:write"]}
    path = f"/me/tokens/{found[0][:12]}"
    assert HubClient(app).signed_in(cast.stranger).get(path).status_code == 404
    assert HubClient(app).signed_in(cast.stranger).post_form(f"{path}/revoke", {}).status_code == 404
    assert client.get(path).status_code == 200
    assert client.post_form(f"{path}/revoke", {}).status_code == 303
    assert program(app, found[0]).get("me").status_code == 401
    assert f"{path}/revoke" not in client.get(path).get_data(as_text=True)


def test_a_revoked_token_is_refused_at_the_next_request(client: HubClient, app: HubFlask, cast: Cast) -> None:
    token = make_token(client.signed_in(cast.guest_head))
    stranger = HubClient(app).signed_in(cast.stranger)
    assert stranger.delete(f"tokens/{token[:12]}").status_code == 404, "only its owner's"
    assert client.delete(f"tokens/{token[:12]}").status_code == 204
    assert client.delete(f"tokens/{token[:12]}").status_code == 204
    refused = program(app, token).get("me")
    assert (refused.status_code, refused.json["code"]) == (401, "token-refused")  # type: ignore[index]
    assert client.get("tokens").json == {"items": []}


def test_a_token_ends_at_its_time(
    client: HubClient, app: HubFlask, cast: Cast, as_owner: Database, settings: Settings
) -> None:
    script = program(app, make_token(client.signed_in(cast.guest_head), days=1))
    with as_owner.transaction() as session:
        travel(session, settings, to=now(session) + dt.timedelta(hours=23))
    assert script.get("me").status_code == 200
    with as_owner.transaction() as session:
        travel(session, settings, to=now(session) + dt.timedelta(hours=2))
    assert script.get("me").status_code == 401


def test_a_token_makes_no_tokens_and_signs_nobody_out(client: HubClient, app: HubFlask, cast: Cast) -> None:
    script = program(app, make_token(client.signed_in(cast.guest_head), scopes=list(SCOPES)))
    for refused in (script.post("tokens", {"label": "more"}), script.delete("sign-ins/current")):
        assert refused.status_code == 403
        assert refused.json["code"] in ("browser-only", "step-up-required")  # type: ignore[index]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer hub_",
        "Bearer hub_" + "a" * 43,
        "Bearer hub_" + "a" * 5000,
        "Bearer hub_é",
        "Basic c2VrYXI6cGFzcw==",
        "Digest x",
        "hub_" + "a" * 43,
    ],
)
def test_a_malformed_token_is_refused_everywhere(client: HubClient, cast: Cast, header: str) -> None:
    client.signed_in(cast.guest_head)
    for path in ("me", "/"):
        assert client.get(path, headers={"Authorization": header}).status_code == 401


def test_a_cookie_is_no_token_and_a_token_no_cookie(client: HubClient, app: HubFlask, cast: Cast) -> None:
    token = make_token(client.signed_in(cast.guest_head))
    assert program(app, client.cookie or "").get("me").status_code == 401
    assert HubClient(app).get("me", headers={"Cookie": f"__Host-hub={token}"}).status_code == 401


@pytest.mark.parametrize("days", [0, 366, "30", 1.5, None])
def test_a_token_lives_a_year_at_most(client: HubClient, cast: Cast, days: object) -> None:
    client.signed_in(cast.guest_head)
    assert client.post("tokens", {"label": "x", "days": days}).status_code == 422


def test_me_says_who_asks_and_what_they_may_do(client: HubClient, cast: Cast) -> None:
    me = client.signed_in(cast.guest_head).get("me").json
    assert me is not None
    assert me["posts"] == [
        {
            "id": cast.guest_head.post_id,
            "title": "Karutan",
            "role": "head",
            "is_acting": False,
            "facility": {"id": cast.guest.id, "name": "Rutan Kelas IIB Purbalingga"},
        }
    ]
    assert me["may"] == {
        "unit_ids": [cast.guest.id],
        "headed_ids": [cast.guest.id],
        "region_ids": [],
        "oversees_all": False,
        "is_admin": False,
    }
    assert me["csrf_token"] == client.csrf


def test_an_overseer_and_an_administrator_have_rights_without_posts(app: HubFlask, cast: Cast) -> None:
    overseer = HubClient(app).signed_in(cast.overseer).get("me").json
    admin = HubClient(app).signed_in(cast.admin).get("me").json
    assert overseer is not None
    assert admin is not None
    assert (overseer["posts"], overseer["may"]["region_ids"]) == ([], [cast.region.id])
    assert (admin["posts"], admin["may"]["is_admin"]) == ([], True)


def test_preferences_change_the_language_at_once(client: HubClient, cast: Cast) -> None:
    client.signed_in(cast.guest_head)
    changed = client.patch("me", {"locale": "en", "zone": "Asia/Makassar", "wants_mail": False})
    assert changed.status_code == 200
    me = client.get("me").json
    assert me is not None
    assert {key: me["person"][key] for key in ("locale", "zone", "wants_mail")} == {
        "locale": "en",
        "zone": "Asia/Makassar",
        "wants_mail": False,
    }
    missing = client.get("nothing", headers={"Accept-Language": "id"})
    assert missing.status_code == 404
    assert client.get("things", headers={"Accept-Language": "id"}).status_code == 404
    refused = client.post("tokens", {}, headers={"Accept-Language": "id"}).json
    assert refused is not None
    assert refused["errors"] == [{"field": "label", "message": "This is missing."}], (
        "the person's own language"
    )


@pytest.mark.parametrize(
    "body",
    [{"locale": "fr"}, {"zone": "Europe/Paris"}, {"wants_mail": "no"}, {"name": "x"}, {"is_admin": True}],
)
def test_nothing_else_can_be_changed(client: HubClient, cast: Cast, body: dict[str, object]) -> None:
    client.signed_in(cast.guest_head)
    assert client.patch("me", body).status_code == 422


def test_an_actor_as_the_hub_finds_it_is_the_cast_member(cast: Cast, as_app: Database) -> None:
    with as_app.transaction() as session:
        for member in cast.everybody():
            found = load_actor(session, member.id)
            expected = member.actor()
            assert found is not None
            for field in (
                *("kind", "label", "person_id", "unit_ids", "headed_ids"),
                *("post_ids", "region_ids", "oversees_all", "is_admin"),
            ):
                assert getattr(found, field) == getattr(expected, field), (member.name, field)
        assert load_actor(session, 10**15) is None
