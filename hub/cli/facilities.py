"""``hub facilities``: bring the registry of facilities up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

import hub.registry  # noqa: F401 -- a session needs every table, whatever refers to it
from config.settings import Settings, SettingsError
from hub.actor import system_actor
from hub.db.transaction import Database
from hub.errors import HubError
from hub.facilities.commands import import_units, plan_import
from hub.facilities.lists import SHIPPED, read_lists

if TYPE_CHECKING:
    from hub.facilities.planning import Plan

SHOWN = 50
"""Rejected lines that are printed; a list of another shape would fill the terminal."""


@click.group()
def facilities() -> None:
    """Bring the registry of facilities up to date."""


@facilities.command("import")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
def import_(file: Path | None, *, dry_run: bool) -> None:
    """Import a list of facilities (CSV); without FILE, the units and regional offices that come along.

    Facilities are told apart by their official names. The list adds and corrects, it removes nothing;
    importing it again changes nothing. Ends with status 1 if a line was rejected.
    """
    try:
        listed = read_lists([file] if file else SHIPPED)
        database = Database.connect(Settings.from_env(), "app", pool_size=1, overflow=0)
        try:
            with database.transaction() as session:
                if dry_run:
                    plan = plan_import(session, listed=listed)
                else:
                    plan = import_units(session, actor=system_actor("hub facilities import"), listed=listed)
        finally:
            database.dispose()
    except (HubError, SettingsError, OSError) as error:
        raise click.ClickException(str(error)) from error
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(
            f"Nothing was imported: {error.orig}\nIs the database running, and has `hub migrate` been run?"
        ) from error
    _say(plan, dry_run=dry_run)
    if plan.rejected:
        raise SystemExit(1)


def _say(plan: Plan, *, dry_run: bool) -> None:
    for change in plan.changed:
        if change.is_renamed:
            click.echo(f"  {change.known.name} is now called {change.line.name}")
    for rejection in plan.rejected[:SHOWN]:
        place = f"{rejection.source} line {rejection.line}"
        click.echo(f"  rejected: {place} ({rejection.name}): {rejection.reason}", err=True)
    if len(plan.rejected) > SHOWN:
        click.echo(f"  … and {len(plan.rejected) - SHOWN} more", err=True)
    counts = (
        f"{len(plan.new)} new, {len(plan.changed)} changed, {len(plan.unchanged)} unchanged,"
        f" {len(plan.rejected)} rejected"
    )
    click.echo(f"{'Would import' if dry_run else 'Imported'}: {counts}.")
