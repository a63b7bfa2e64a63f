"""Fixtures of every suite: a hub's settings on a fresh copy of the migrated database.

``settings``: per test, a database of its own. ``shared_settings``: per xdist worker, for tests that
mostly read. Servers start when the first of them is asked for (``tests/support/services.py``).
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hub.db.transaction import Database
from tests.support import services as running
from tests.support.everybody import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings

_gate = pytest.StashKey[subprocess.Popen[bytes]]()


def pytest_configure(config: pytest.Config) -> None:
    """Open the gate to the services, in the controller only."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    config.stash[_gate] = running.open_gate()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the services."""
    if _gate in config.stash:
        running.close_gate(config.stash[_gate])


@pytest.fixture(scope="session")
def service_addresses() -> running.Addresses:
    """Return where PostgreSQL and Valkey are."""
    return running.ask_for_services()


@pytest.fixture(scope="session")
def broker_number() -> int:
    """Return the number of this xdist worker's own Valkey database (never FLUSHALL: others share it)."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1


@pytest.fixture
def database_url(service_addresses: running.Addresses) -> Iterator[str]:
    """Yield the address of a fresh migrated database; it is dropped after the test."""
    name = running.clone_database(service_addresses)
    yield service_addresses.database(name)
    running.drop_database(service_addresses, name)


@pytest.fixture
def settings(
    service_addresses: running.Addresses, broker_number: int, database_url: str, tmp_path: Path
) -> Settings:
    """Return the settings of a hub in mode "test" with a database of its own."""
    name = database_url.rpartition("@/")[2].partition("?")[0]
    return running.make_settings(service_addresses, name, broker_number, tmp_path)


@pytest.fixture(scope="session")
def shared_settings(
    service_addresses: running.Addresses, broker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Yield settings whose database this xdist worker's tests share: read, or write what is yours alone."""
    name = running.clone_database(service_addresses)
    yield running.make_settings(service_addresses, name, broker_number, tmp_path_factory.mktemp("home"))
    running.drop_database(service_addresses, name)


@pytest.fixture
def as_app(settings: Settings) -> Iterator[Database]:
    """Yield the test's database as the web process sees it."""
    database = Database.connect(settings, "app", acting=EVERYBODY)
    yield database
    database.dispose()


@pytest.fixture
def as_worker(settings: Settings) -> Iterator[Database]:
    """Yield the test's database as a worker sees it."""
    database = Database.connect(settings, "worker")
    yield database
    database.dispose()


@pytest.fixture
def as_owner(settings: Settings) -> Iterator[Database]:
    """Yield the test's database as its owner, who may move the clock."""
    database = Database.connect(settings, "owner")
    yield database
    database.dispose()
