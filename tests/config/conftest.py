"""Fixtures of the configuration's tests: clusters stand in memory, as making one takes a disk a second."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.services import fast_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Yield a folder closed to others, as pytest's own, but in memory where there is room."""
    folder = Path(tempfile.mkdtemp(prefix="hub-test-", dir=fast_folder()))
    yield folder
    shutil.rmtree(folder)
