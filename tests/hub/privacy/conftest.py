"""A hub with its cast, as in the tests of visits: what is held of people comes from what they did there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hub.visits.stage import Stage, set_stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings


@pytest.fixture
def stage(settings: Settings) -> Iterator[Stage]:
    """Yield a hub of its own with the cast in it."""
    made = set_stage(settings)
    yield made
    made.owner.dispose()
    made.rows.dispose()
    made.app.database.dispose()
