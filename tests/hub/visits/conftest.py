"""Stages: a hub with its cast two weeks before the visit, per test, or one on which nothing may happen."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.hub.visits.stage import Player, Stage, set_stage
from tests.support import services as running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings


@pytest.fixture
def stage(settings: Settings) -> Iterator[Stage]:
    """Yield a hub of its own with the cast in it."""
    with _opened(settings) as made:
        yield made


@pytest.fixture(scope="session")
def still_stage(
    service_addresses: running.Addresses, broker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """Yield one hub for all tests whose input is refused: whatever they try, nothing may be written."""
    name = running.clone_database(service_addresses)
    home = tmp_path_factory.mktemp("still")
    with _opened(running.make_settings(service_addresses, name, broker_number, home)) as made:
        yield made
    running.drop_database(service_addresses, name)


@pytest.fixture(scope="session")
def proposer(still_stage: Stage) -> Player:
    """Return the guest's head, signed in on the still stage."""
    return still_stage.client(still_stage.cast.guest_head)


@pytest.fixture(scope="session")
def still_path(still_stage: Stage) -> str:
    """Return the path of an open invitation on the still stage."""
    return still_stage.path(still_stage.submit()["invitation_id"])


@contextmanager
def _opened(settings: Settings) -> Iterator[Stage]:
    made = set_stage(settings)
    try:
        yield made
    finally:
        made.owner.dispose()
        made.rows.dispose()
        made.app.database.dispose()
