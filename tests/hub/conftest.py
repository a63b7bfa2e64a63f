"""Fixtures of the capabilities' tests: the cast on a database of its own, the application, a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.application import application_on
from tests.support.cast import build_cast
from tests.support.client import HubClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast


@pytest.fixture
def cast(as_app: Database) -> Cast:
    """Return the cast, in this test's own database."""
    with as_app.transaction() as session:
        return build_cast(session)


@pytest.fixture
def app(settings: Settings) -> Iterator[HubFlask]:
    """Yield the web application on this test's own database; what nobody expected is raised, not answered."""
    application = application_on(settings)
    application.config["PROPAGATE_EXCEPTIONS"] = True
    yield application
    application.database.dispose()


@pytest.fixture
def client(app: HubFlask) -> HubClient:
    """Return a client that nobody has signed in with yet."""
    return HubClient(app)
