"""``hub migrate``: bring the database to the newest revision, or to a named one."""

from __future__ import annotations

import click
from sqlalchemy.exc import OperationalError

from config.settings import Settings, SettingsError
from hub.db.migrate import current_revision, downgrade, upgrade

TRIES = 5
"""A migration gives up a lock after two seconds, so that requests pass; then it is tried again."""


@click.command()
@click.option("--to", "revision", default="head", help="Revision to go up to (default: the newest).")
@click.option("--down-to", "target", help="Revision to go down to; 'base' removes everything. Loses data.")
def migrate(revision: str, target: str | None) -> None:
    """Migrate the database; nothing happens if it is there already."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    for attempt in range(1, TRIES + 1):
        try:
            if target:
                downgrade(settings, target)
            else:
                upgrade(settings, revision)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != "55P03" or attempt == TRIES:
                raise click.ClickException(f"The migration was undone: {error.orig}") from error
            click.echo(f"A table is in use; trying again ({attempt} of {TRIES - 1}).", err=True)
        else:
            break
    click.echo(f"The database is at revision {current_revision(settings) or 'none'}.")
