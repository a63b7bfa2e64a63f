"""What every guarantee test starts from: a world, the databases by role, and a fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hub import registry
from hub.db.transaction import Database
from tests.support.everybody import EVERYBODY
from tests.support.fleet import Fleet
from tests.support.publishing import World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings

ALL_TABLES_ARE_KNOWN = registry.metadata


@pytest.fixture
def owner(settings: Settings) -> Iterator[Database]:
    """Yield the database as its owner: for the clock and for looking."""
    made = Database.connect(settings, "owner")
    yield made
    made.dispose()


@pytest.fixture
def app_database(settings: Settings) -> Iterator[Database]:
    """Yield the database as the web process has it."""
    made = Database.connect(settings, "app", acting=EVERYBODY)
    yield made
    made.dispose()


@pytest.fixture
def world(app_database: Database) -> World:
    """Return a small world."""
    with app_database.transaction() as session:
        return make_world(session)


@pytest.fixture
def fleet(settings: Settings) -> Iterator[Fleet]:
    """Yield a fleet that ends with the test."""
    with Fleet(settings) as started:
        yield started
