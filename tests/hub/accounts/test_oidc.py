"""Sign-in by an identity provider: the honest way, and everything that is not to be believed."""

from __future__ import annotations

import base64
import dataclasses
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from flask import Response
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import text

from hub.accounts.provider import wire
from hub.web.application import ANSWER_SECONDS
from tests.hub.accounts.test_second_factor import set_up
from tests.support.client import HubClient
from tests.support.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, Realm, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast, Member

BACK = "/sign-in/provider/back"
NOT_VOUCHED, STALE = "tidak menjamin Anda", "terlalu lama"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """Yield the provider."""
    with listening() as started:
        yield started


@pytest.fixture
def realm(issuer: Issuer) -> Realm:
    """Return this test's own realm: nothing of another's is kept."""
    return issuer.realm()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the provider more time than in earnest: a busy machine is not what is tried here."""
    monkeypatch.setattr(wire.by_now, "__defaults__", (30.0,))


@pytest.fixture
def settings(settings: Settings, realm: Realm) -> Settings:
    """Return the settings with the provider in them."""
    return dataclasses.replace(
        settings,
        oidc_issuer=realm.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_name="SSO Uji",
    )


def link(app: HubFlask, realm: Realm, who: Member, subject: str = "pegawai-1") -> HubClient:
    """Link somebody's account as the pages ask; return their browser."""
    client = HubClient(app).signed_in(who)
    sent = client.get("/me/provider/begin")
    assert sent.status_code == 303
    back = client.get(BACK, query=realm.sign_in(sent.headers["Location"], subject))
    assert back.headers["Location"] == "/me/provider/confirm"
    page = client.get("/me/provider/confirm").get_data(as_text=True)
    assert "head.guest@example.id" in page
    sealed = page.partition('name="account" value="')[2].partition('"')[0]
    done = client.post_form("/me/provider", {"account": sealed})
    assert (done.status_code, done.headers["Location"]) == (303, "/me/provider")
    return client


@pytest.fixture
def head(cast: Cast, realm: Realm, accounts_owner: Database) -> Member:
    """Return somebody whose account is linked; how is tried elsewhere."""
    with accounts_owner.transaction() as session:
        session.execute(
            text(
                "INSERT INTO identities (person_id, issuer, subject) VALUES (:person, :issuer, 'pegawai-1')"
            ),
            {"person": cast.guest_head.id, "issuer": realm.issuer},
        )
    return cast.guest_head


def come_back(client: HubClient, realm: Realm, **sent: Any) -> TestResponse:
    """Sign in at the provider and come back; ``sent`` replaces what the browser brings."""
    begun = client.get("/sign-in/provider", query={"next": "/tasks"})
    assert begun.status_code == 303
    return client.get(BACK, query={**realm.sign_in(begun.headers["Location"]), **sent})


def said(client: HubClient, answer: TestResponse) -> str:
    """Return the page that an answer leads to; who is signed in is led on from the sign-in page."""
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"])
    if page.status_code == 303:
        page = client.get(page.headers["Location"])
    return page.get_data(as_text=True)


def refused(client: HubClient, answer: TestResponse, words: str) -> None:
    """Assert that nobody is signed in, and that the page says why and offers the password."""
    page = said(client, answer)
    assert words in page, page
    assert 'name="password"' in page
    assert client.get("me").status_code == 401


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


UNBELIEVABLE: dict[str, dict[str, Any]] = {
    "wrong audience": {"aud": "another-client"},
    "among other audiences without azp": {"aud": [CLIENT_ID, "another-client"]},
    "azp of another": {"azp": "another-client"},
    "azp of another among audiences": {"aud": [CLIENT_ID, "another"], "azp": "another"},
    "wrong issuer": {"iss": "https://elsewhere.example"},
    "wrong nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "expired": {"exp": int(time.time()) - 120},
    "never ends": {"exp": None},
    "issued tomorrow": {"iat": int(time.time()) + 86_400},
    "not issued": {"iat": None},
    "not yet valid": {"nbf": int(time.time()) + 3600},
    "nobody": {"sub": None},
    "empty": {"sub": ""},
    "too long": {"sub": "s" * 256},
    "a number": {"sub": 1},
    "of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("name", UNBELIEVABLE)
@pytest.mark.usefixtures("head")
def test_a_token_that_says_the_wrong_thing_signs_nobody_in(app: HubFlask, realm: Realm, name: str) -> None:
    realm.claims = UNBELIEVABLE[name]
    client = HubClient(app)
    refused(client, come_back(client, realm), NOT_VOUCHED)


def part(said: dict[str, Any]) -> str:
    """Return a part of a token."""
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def unsigned(_realm: Realm, claims: dict[str, Any]) -> str:
    """Return a token that nobody signed."""
    return f"{part({'alg': 'none'})}.{part(claims)}."


def by_hmac(kid: str, claims: dict[str, Any], secret: bytes) -> str:
    """Return a token with HS256 under any secret; by hand, as joserfc itself refuses a public key for one."""
    signed = f"{part({'alg': 'HS256', 'kid': kid})}.{part(claims)}"
    digest = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def signed_by_the_public_key(realm: Realm, claims: dict[str, Any]) -> str:
    """Return a token with HS256, whose secret is the public key as everybody can read it."""
    return by_hmac(str(realm.key.kid), claims, realm.key.as_pem(private=False))


def signed_by_the_clients_secret(realm: Realm, claims: dict[str, Any]) -> str:
    """Return a token with HS256 under the secret that provider and client share."""
    return by_hmac(str(realm.key.kid), claims, CLIENT_SECRET.encode())


def signed_by_a_stranger(realm: Realm, claims: dict[str, Any]) -> str:
    """Return a token under another key that bears the name of the right one."""
    key = ECKey.generate_key("P-256", {"kid": str(realm.key.kid)})
    return jwt.encode({"alg": "ES256", "kid": str(realm.key.kid)}, claims, key)


def with_its_own_key(_realm: Realm, claims: dict[str, Any]) -> str:
    """Return a token that brings the key along by which it wants to be believed."""
    key = ECKey.generate_key("P-256", {"kid": "mine"})
    header = {"alg": "ES256", "kid": "mine", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key)


def spoiled(realm: Realm, claims: dict[str, Any]) -> str:
    """Return a good token with another's claims between header and signature."""
    header, _, signature = realm.signed(claims).split(".")
    return ".".join((header, part({**claims, "sub": "pegawai-1", "extra": True}), signature))


@pytest.mark.parametrize(
    "forge",
    [
        unsigned,
        signed_by_the_public_key,
        signed_by_the_clients_secret,
        signed_by_a_stranger,
        with_its_own_key,
        spoiled,
        lambda _realm, _claims: "no.token",
        lambda _realm, _claims: "",
    ],
)
@pytest.mark.usefixtures("head")
def test_a_forged_token_signs_nobody_in(app: HubFlask, realm: Realm, forge: Any) -> None:
    realm.sign = lambda claims: str(forge(realm, claims))
    client = HubClient(app)
    refused(client, come_back(client, realm), NOT_VOUCHED)


@pytest.mark.usefixtures("head")
def test_what_another_browser_began_is_not_finished_here(app: HubFlask, realm: Realm) -> None:
    thief, victim = HubClient(app), HubClient(app)
    brought = realm.sign_in(thief.get("/sign-in/provider").headers["Location"])
    refused(victim, victim.get(BACK, query=brought), STALE)
    victim.get("/sign-in/provider")
    refused(victim, victim.get(BACK, query=brought), STALE)
    refused(victim, victim.get(BACK, query={"code": "x"}), STALE)
    assert "token" not in realm.asked


@pytest.mark.usefixtures("head")
def test_a_state_is_good_once_even_with_its_cookie(app: HubFlask, realm: Realm) -> None:
    client, copy = HubClient(app), HubClient(app)
    begun = client.get("/sign-in/provider")
    errand = client.inner.get_cookie("__Host-hub-errand")
    assert errand is not None
    brought = realm.sign_in(begun.headers["Location"])
    assert client.get(BACK, query=brought).headers["Location"] == "/home"
    copy.inner.set_cookie("__Host-hub-errand", errand.value, secure=True)
    again = realm.sign_in(begun.headers["Location"])
    refused(copy, copy.get(BACK, query=again), STALE)


@pytest.mark.usefixtures("head")
def test_a_code_is_good_once(app: HubFlask, realm: Realm) -> None:
    client, other = HubClient(app), HubClient(app)
    begun = client.get("/sign-in/provider")
    brought = realm.sign_in(begun.headers["Location"])
    assert client.get(BACK, query=brought).headers["Location"] == "/home"
    refused(other, come_back(other, realm, code=brought["code"]), NOT_VOUCHED)


@pytest.mark.usefixtures("head")
def test_a_code_of_another_browser_lacks_its_verifier(app: HubFlask, realm: Realm) -> None:
    owner, thief = HubClient(app), HubClient(app)
    stolen = realm.sign_in(owner.get("/sign-in/provider").headers["Location"])["code"]
    refused(thief, come_back(thief, realm, code=stolen), NOT_VOUCHED)


def test_a_link_is_made_in_the_sign_in_that_began_it(app: HubFlask, cast: Cast, realm: Realm) -> None:
    client = HubClient(app).signed_in(cast.guest_head)
    brought = realm.sign_in(client.get("/me/provider/begin").headers["Location"])
    client.signed_in(cast.host_head)
    assert STALE in said(client, client.get(BACK, query=brought))
    assert HubClient(app).get("/me/provider/begin").headers["Location"].startswith("/sign-in?")
    for sealed in ("", "spoiled", "€"):
        answer = client.post_form("/me/provider", {"account": sealed})
        assert STALE in said(client, answer)


@pytest.mark.usefixtures("head")
def test_another_issuer_may_not_answer(app: HubFlask, realm: Realm) -> None:
    client = HubClient(app)
    refused(client, come_back(client, realm, iss="https://elsewhere.example"), NOT_VOUCHED)
    assert come_back(client, realm, iss=realm.issuer).headers["Location"] == "/tasks"


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
