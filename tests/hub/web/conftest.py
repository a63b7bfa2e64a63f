"""Fixtures: the toy application on one database per xdist worker, and clients of it.

A test writes under names of its own (``name``), so that the others do not disturb it.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.db.transaction import Database
from tests.hub.web.toy import toy_app
from tests.support import services as running
from tests.support.cast import build_cast
from tests.support.client import HubClient
from tests.support.everybody import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from config.settings import Settings
    from hub.web.application import HubFlask
    from tests.support.cast import Cast


@pytest.fixture(scope="session")
def web_settings(
    service_addresses: running.Addresses, broker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Yield the settings of the web tests' own database."""
    name = running.clone_database(service_addresses)
    yield running.make_settings(service_addresses, name, broker_number, tmp_path_factory.mktemp("home"))
    running.drop_database(service_addresses, name)


@pytest.fixture(scope="session")
def web_database(web_settings: Settings) -> Iterator[Database]:
    """Yield that database as the web process sees it."""
    database = Database.connect(web_settings, "app", acting=EVERYBODY)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def cast(web_database: Database) -> Cast:
    """Return the cast in that database."""
    with web_database.transaction() as session:
        return build_cast(session)


@pytest.fixture(scope="session")
def toy(web_settings: Settings) -> Iterator[HubFlask]:
    """Yield the toy application."""
    app = toy_app(web_settings)
    yield app
    app.database.dispose()


@pytest.fixture
def visitor(toy: HubFlask) -> HubClient:
    """Return a client of somebody who did not sign in."""
    return HubClient(toy)


@pytest.fixture
def member(toy: HubFlask, cast: Cast) -> HubClient:
    """Return a client of the guest unit's head, signed in."""
    return HubClient(toy).signed_in(cast.guest_head)


@pytest.fixture
def name() -> str:
    """Return a name that no other test writes under."""
    return uuid.uuid4().hex


@pytest.fixture
def traces(web_database: Database, name: str) -> Callable[[], int]:
    """Return a function that counts what was written under this test's name."""

    def count() -> int:
        with web_database.transaction() as session:
            found = session.scalar(
                text("SELECT count(*) FROM heartbeats WHERE position(:name IN process) > 0"), {"name": name}
            )
        return found or 0

    return count
