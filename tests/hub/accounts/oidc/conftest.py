"""A provider that listens, with a realm of each test's own, and the hub's settings that name it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.accounts.provider import wire
from tests.support.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, Realm, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from hub.db.transaction import Database
    from tests.support.cast import Cast, Member


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
