"""What is not to be believed of a provider, or of whoever pretends to be one, or to have been sent there."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.hub.accounts.oidc.way import BACK, NOT_VOUCHED, STALE, come_back, refused
from tests.support.client import HubClient
from tests.support.issuer import CLIENT_ID, CLIENT_SECRET, Realm

if TYPE_CHECKING:
    from hub.web.application import HubFlask


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


@pytest.mark.usefixtures("head")
def test_another_issuer_may_not_answer(app: HubFlask, realm: Realm) -> None:
    client = HubClient(app)
    refused(client, come_back(client, realm, iss="https://elsewhere.example"), NOT_VOUCHED)
    assert come_back(client, realm, iss=realm.issuer).headers["Location"] == "/tasks"
