"""A collaboration is seen on the visits' stage."""

from __future__ import annotations

from tests.hub.visits.conftest import stage  # noqa: F401 -- standing here makes it a fixture of this folder
