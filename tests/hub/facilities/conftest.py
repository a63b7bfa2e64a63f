"""A database with the real units in it, and a way to write lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hub.actor import system_actor
from hub.db.transaction import Database
from hub.facilities.commands.importing import import_units
from hub.facilities.lists import SHIPPED, read_lists
from tests.hub.visits.stage import Stage, set_stage
from tests.support import services as running
from tests.support.everybody import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from config.settings import Settings

    ListWriter = Callable[..., Path]

OPERATOR = system_actor("test")


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Yield the web process's database, empty."""
    opened = Database.connect(settings, "app", acting=EVERYBODY, pool_size=2, overflow=0)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def registry_settings(
    service_addresses: running.Addresses, broker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Yield settings whose database holds every real unit; whoever changes it, changes it back."""
    name = running.clone_database(service_addresses)
    yield running.make_settings(service_addresses, name, broker_number, tmp_path_factory.mktemp("home"))
    running.drop_database(service_addresses, name)


@pytest.fixture(scope="session")
def registry(registry_settings: Settings) -> Iterator[Database]:
    """Yield the web process's database with every real unit."""
    opened = Database.connect(registry_settings, "app", acting=EVERYBODY, pool_size=2, overflow=0)
    with opened.transaction() as session:
        import_units(session, actor=OPERATOR, listed=read_lists(SHIPPED))
    yield opened
    opened.dispose()


@pytest.fixture
def stage(settings: Settings) -> Iterator[Stage]:
    """Yield a hub of its own with the cast in it."""
    made = set_stage(settings)
    yield made
    made.owner.dispose()
    made.rows.dispose()
    made.app.database.dispose()


@pytest.fixture
def write_list(tmp_path: Path) -> ListWriter:
    """Return a function that writes a list: a header, then lines; None of them quoted for you."""

    def write(*lines: str, header: str = "name,kind,kanwil,iana_timezone", name: str = "list.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
        return path

    return write
