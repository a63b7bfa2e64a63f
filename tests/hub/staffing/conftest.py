"""The stage of a visit, on which people rotate."""

from tests.hub.visits.conftest import stage

__all__ = ["stage"]
