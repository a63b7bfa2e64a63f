"""What one worker process holds: its settings and its database, made after the fork, once."""

from __future__ import annotations

import os
from functools import lru_cache

from config.settings import Settings
from hub.clock import demand_true_time
from hub.db.pool import watch_pool
from hub.db.transaction import Database
from hub.registry import event_types

assert_catalogue_is_complete = event_types
"""Importing the registry is what fills the catalogue that the drain asks what it knows."""


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return this process's settings. Raises SettingsError."""
    return Settings.from_env()


def database() -> Database:
    """Return this process's database as the worker's role; a child gets its own."""
    return _database(os.getpid())


@lru_cache(maxsize=1)
def _database(_pid: int) -> Database:
    made = Database.connect(settings(), "worker", pool_size=2, overflow=2)
    watch_pool(made.engine, "worker")
    with made.transaction() as session:
        demand_true_time(session, settings())
    return made
