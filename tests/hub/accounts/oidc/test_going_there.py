"""Sign-in by an identity provider: the honest way, and a provider that is ill or away."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

import pytest
from flask import Response
from joserfc.jwk import ECKey
from sqlalchemy import text

from hub.accounts.provider import wire
from hub.web.application import ANSWER_SECONDS
from tests.hub.accounts.oidc.way import BACK, NOT_VOUCHED, STALE, come_back, link, refused, said
from tests.hub.accounts.test_second_factor import set_up
from tests.support.client import HubClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast
    from tests.support.issuer import Realm


def test_a_linked_account_signs_in_and_is_listed(app: HubFlask, cast: Cast, realm: Realm) -> None:
    link(app, realm, cast.guest_head)
    client = HubClient(app)
    done = come_back(client, realm)
    assert (done.status_code, done.headers["Location"]) == (303, "/tasks")
    assert client.get("me").get_json()["person"]["id"] == cast.guest_head.id
    assert client.get("/me").get_data(as_text=True).count("/end") == 2
    assert "belum pernah" not in client.get("/me/provider").get_data(as_text=True)


def test_nobody_is_found_by_an_address(app: HubFlask, cast: Cast, realm: Realm) -> None:
    realm.claims = {"email": cast.guest_head.email, "email_verified": True}
    client = HubClient(app)
    refused(client, come_back(client, realm), "belum ditautkan")


def test_an_account_belongs_to_one_person(app: HubFlask, cast: Cast, realm: Realm) -> None:
    link(app, realm, cast.guest_head)
    client = link(app, realm, cast.host_head)
    assert "sudah ditautkan dengan orang lain" in client.get("/me/provider").get_data(as_text=True)
    assert "/me/provider/begin" in client.get("/me/provider").get_data(as_text=True)


def test_unlinked_it_opens_nothing_and_the_audit_log_tells(
    app: HubFlask, cast: Cast, realm: Realm, as_owner: Database
) -> None:
    owner = link(app, realm, cast.guest_head)
    assert "/me/provider/unlink" in owner.get("/me/provider/unlink").get_data(as_text=True)
    assert owner.post_form("/me/provider/unlink", {}).status_code == 303
    assert owner.get("/me/provider/unlink").headers["Location"] == "/me/provider"
    assert owner.post_form("/me/provider/unlink", {}).status_code == 404
    client = HubClient(app)
    refused(client, come_back(client, realm), "belum ditautkan")
    with as_owner.transaction() as session:
        acts = session.scalars(text("SELECT action FROM audit ORDER BY id")).all()
    assert [act for act in acts if act.startswith("identity")] == ["identity.linked", "identity.unlinked"]


def test_a_closed_account_stays_closed(app: HubFlask, cast: Cast, realm: Realm, as_owner: Database) -> None:
    link(app, realm, cast.guest_head)
    with as_owner.transaction() as session:
        session.execute(
            text("UPDATE people SET is_active = false WHERE id = :id"), {"id": cast.guest_head.id}
        )
    client = HubClient(app)
    refused(client, come_back(client, realm), "belum ditautkan")


def test_the_second_factor_is_asked_for_whatever_the_provider_says(
    app: HubFlask, cast: Cast, realm: Realm
) -> None:
    phone, _ = set_up(link(app, realm, cast.guest_head))
    realm.claims = {"amr": ["pwd", "otp", "mfa"], "acr": "2"}
    client = HubClient(app)
    done = come_back(client, realm)
    assert done.headers["Location"] == "/sign-in/code?next=%2Ftasks"
    assert client.get("me").status_code == 401
    assert 'action="/sign-in/code"' in client.get(done.headers["Location"]).get_data(as_text=True)
    finished = client.post_form("/sign-in/code", {"code": phone.code(), "next": "/tasks"})
    assert (finished.status_code, finished.headers["Location"]) == (303, "/tasks")


def test_a_link_is_made_in_the_sign_in_that_began_it(app: HubFlask, cast: Cast, realm: Realm) -> None:
    client = HubClient(app).signed_in(cast.guest_head)
    brought = realm.sign_in(client.get("/me/provider/begin").headers["Location"])
    client.signed_in(cast.host_head)
    assert STALE in said(client, client.get(BACK, query=brought))
    assert HubClient(app).get("/me/provider/begin").headers["Location"].startswith("/sign-in?")
    for sealed in ("", "spoiled", "€"):
        answer = client.post_form("/me/provider", {"account": sealed})
        assert STALE in said(client, answer)


def test_who_gives_up_at_the_provider_is_asked_for_the_password(app: HubFlask, realm: Realm) -> None:
    client = HubClient(app)
    refused(client, come_back(client, realm, error="access_denied"), NOT_VOUCHED)


@pytest.mark.usefixtures("head")
def test_keys_that_changed_are_asked_for_once(app: HubFlask, realm: Realm) -> None:
    assert come_back(HubClient(app), realm).headers["Location"] == "/tasks"
    assert realm.asked.count("keys") == 1
    realm.rotate()
    assert come_back(HubClient(app), realm).headers["Location"] == "/tasks"
    assert realm.asked.count("keys") == 2
    assert come_back(HubClient(app), realm).headers["Location"] == "/tasks"
    assert (realm.asked.count("keys"), realm.asked.count("description")) == (2, 1)
    realm.key = ECKey.generate_key("P-256", {"kid": "never shown"})
    client = HubClient(app)
    refused(client, come_back(client, realm), NOT_VOUCHED)
    assert realm.asked.count("keys") == 3


def drip() -> Response:
    """Answer a bit at a time, for ever."""

    def bits() -> Iterator[bytes]:
        while True:
            yield b" "
            time.sleep(0.05)

    return Response(bits(), mimetype="application/json")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (drip, "tidak dapat dijangkau"),
        (lambda: Response("no", 503), "tidak dapat dijangkau"),
        (lambda: Response(" " * (wire.LARGEST + 1)), NOT_VOUCHED),
        (lambda: Response("", 302, {"Location": "/elsewhere"}), NOT_VOUCHED),
        (lambda: Response("[]"), NOT_VOUCHED),
        (lambda: Response("<html>"), NOT_VOUCHED),
        (lambda: Response("{}"), NOT_VOUCHED),
    ],
)
@pytest.mark.usefixtures("head")
def test_a_provider_that_fails_is_not_waited_for(
    app: HubFlask, realm: Realm, fault: Any, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    realm.fault = fault
    if fault is drip:
        monkeypatch.setattr(wire.by_now, "__defaults__", (1.0,))
    client = HubClient(app)
    refused(client, come_back(client, realm), words)


def test_a_provider_that_is_not_there_is_said_so(app: HubFlask, realm: Realm, cast: Cast) -> None:
    app.settings = dataclasses.replace(app.settings, oidc_issuer="http://127.0.0.1:9")
    client = HubClient(app)
    refused(client, client.get("/sign-in/provider"), "tidak dapat dijangkau")
    client.signed_in(cast.guest_head)
    assert "tidak dapat dijangkau" in said(client, client.get("/me/provider/begin"))
    del realm


def test_a_request_waits_for_the_provider_for_less_than_it_may_last() -> None:
    assert wire.SECONDS < ANSWER_SECONDS
    assert wire.CONNECT_SECONDS < wire.SECONDS


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "ftp://elsewhere.example/token"},
        {"jwks_uri": None},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
    ],
)
def test_a_description_that_does_not_fit_leads_nowhere(
    app: HubFlask, realm: Realm, described: dict[str, Any]
) -> None:
    realm.described = described
    client = HubClient(app)
    refused(client, client.get("/sign-in/provider"), NOT_VOUCHED)


def test_tries_are_counted_by_address(app: HubFlask, realm: Realm) -> None:
    client = HubClient(app)
    answers = [said(client, come_back(client, realm)) for _ in range(52)]
    assert "belum ditautkan" in answers[0]
    assert "Terlalu banyak percobaan" in answers[-1]


@pytest.mark.usefixtures("head")
def test_where_it_leads_is_a_page_of_the_hub(app: HubFlask, realm: Realm) -> None:
    client = HubClient(app)
    begun = client.get(
        "/sign-in/provider", query={"next": "//elsewhere.example"}, headers={"Host": "localhost"}
    )
    assert (
        "redirect_uri=http%3A%2F%2Flocalhost%3A8000%2Fsign-in%2Fprovider%2Fback" in begun.headers["Location"]
    )
    done = client.get(BACK, query=realm.sign_in(begun.headers["Location"]))
    assert done.headers["Location"] == "/home"


def test_without_a_provider_there_is_nothing(app: HubFlask, cast: Cast, realm: Realm) -> None:
    assert "/sign-in/provider" in HubClient(app).get("/sign-in").get_data(as_text=True)
    app.settings = dataclasses.replace(app.settings, oidc_issuer="", oidc_name="")
    client = HubClient(app).signed_in(cast.guest_head)
    for path in ("/sign-in/provider", BACK, "/me/provider", "/me/provider/begin", "/me/provider/unlink"):
        assert client.get(path).status_code == 404, path
    for path in ("/me/provider", "/me/provider/unlink"):
        assert client.post_form(path, {}).status_code == 404, path
    assert "provider" not in client.get("/me").get_data(as_text=True)
    assert "/sign-in/provider" not in HubClient(app).get("/sign-in").get_data(as_text=True)
    del realm
