"""What every command does with the database: connect, act, and say plainly why it could not."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from config.settings import Role, Settings, SettingsError
from hub import registry
from hub.actor import system_actor
from hub.db.transaction import Database
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Iterator

TERMINAL = system_actor("operator at the command line")
"""Who acts where no command says otherwise: who has a terminal of the server sees every row."""
TABLES = registry.metadata
"""A session needs every table, whatever refers to it."""


@contextmanager
def connected(role: Role = "app") -> Iterator[Database]:
    """Yield the database of the environment's settings, or of the running ``hub up``.

    Raises ClickException for what the person at the terminal can mend: settings, an absent or
    unmigrated database, and everything the hub itself refuses.
    """
    try:
        database = Database.connect(Settings.from_env(), role, acting=TERMINAL, pool_size=1, overflow=0)
        try:
            yield database
        finally:
            database.dispose()
    except (HubError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(
            f"The database did not answer as it should: {error.orig}\n"
            "Is it running, and has `hub migrate` been run? `hub doctor` tells more."
        ) from error
