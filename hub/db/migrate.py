"""Bring the database to a revision, as its owner.

A migration waits at most two seconds for a lock and is then tried again by whoever started it: a
queued lock would stop every request behind it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from config.settings import Settings

FOLDER = Path(__file__).parent / "migrations"


def alembic_config(settings: Settings) -> Config:
    """Return Alembic's configuration; the settings travel in its attributes, no file holds a secret."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = make_url(settings.database_urls["owner"]).set(drivername="postgresql+psycopg")
    return config


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Migrate up to ``revision``. Running it twice is harmless; each revision is one transaction."""
    command.upgrade(alembic_config(settings), revision)


def downgrade(settings: Settings, revision: str) -> None:
    """Migrate down to ``revision``, ``base`` for nothing at all. Loses what the revisions added."""
    command.downgrade(alembic_config(settings), revision)


def current_revision(settings: Settings) -> str | None:
    """Return the revision the database is at, or None if it was never migrated."""
    engine = create_engine(alembic_config(settings).attributes["url"])
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def head_revision() -> str | None:
    """Return the newest revision this code knows."""
    return ScriptDirectory(str(FOLDER)).get_current_head()
