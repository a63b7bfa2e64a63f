"""One world for each of pytest's processes: nothing that is tried in it may change it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from tests.matrix.world import World, build
from tests.support import services as running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def world(
    service_addresses: running.Addresses, broker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Yield the world, on a database of its own."""
    name = running.clone_database(service_addresses)
    home = tmp_path_factory.mktemp("matrix")
    settings = running.make_settings(service_addresses, name, broker_number, home)
    # So that its pages are there; nobody listens.
    yield from build(
        dataclasses.replace(
            settings, oidc_issuer="http://127.0.0.1:9", oidc_client_id="hub", oidc_client_secret="none"
        )
    )
    running.drop_database(service_addresses, name)


@pytest.fixture(autouse=True)
def nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every request do its work and then take it back, so that each call meets the same world.

    That is what the application does where a form is only resized.
    """
    monkeypatch.setattr("hub.web.application.is_resized", lambda _request: True)
