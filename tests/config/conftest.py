"""Fixtures of the configuration's tests: clusters stand in memory, as making one takes a disk a second."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.services import GATE

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Yield a folder closed to others, as pytest's own, but where this run's services are: in memory.

    What a killed run leaves in it goes with the run's own folder.
    """
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=Path(os.environ[GATE]).parent))
    yield folder
    shutil.rmtree(folder)
