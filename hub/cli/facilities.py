"""``hub facilities``: bring the registry of facilities up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.actor import system_actor
from hub.cli.connection import connected
from hub.errors import HubError
from hub.facilities.commands.importing import import_units, plan_import, set_mailbox
from hub.facilities.lists import SHIPPED, read_lists
from hub.facilities.queries import find_by_name

if TYPE_CHECKING:
    from hub.facilities.lists import FacilityList
    from hub.facilities.planning import Plan

OPERATOR = system_actor("operator at the command line")
SHOWN = 50
"""Rejected lines that are printed: a list of quite another shape would fill the terminal."""


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
    listed = _read(file)
    with connected() as database, database.transaction() as session:
        if dry_run:
            plan = plan_import(session, listed=listed)
        else:
            plan = import_units(session, actor=OPERATOR, listed=listed)
    _say(plan, dry_run=dry_run)
    if plan.rejected:
        raise SystemExit(1)


@facilities.command()
@click.argument("name")
@click.argument("address", required=False)
@click.option("--remove", is_flag=True, help="The facility has no mailbox any more.")
def mailbox(name: str, address: str | None, *, remove: bool) -> None:
    """Set where official mail of the facility called NAME goes: invitations start from it."""
    if remove == bool(address):
        raise click.UsageError("Give either an ADDRESS or --remove.")
    with connected() as database, database.transaction() as session:
        found = find_by_name(session, name)
        if len(found) != 1:
            several = "; ".join(official for _, official in found)
            raise click.ClickException(
                f"{name} may be: {several}." if found else f"No active facility is called {name}."
            )
        facility = set_mailbox(session, actor=OPERATOR, facility_id=found[0][0], address=address)
    click.echo(f"{facility.name}: {facility.mailbox or 'no mailbox'}.")


def _read(file: Path | None) -> FacilityList:
    try:
        return read_lists([file] if file else SHIPPED)
    except (HubError, OSError) as error:
        raise click.ClickException(f"Nothing was imported. {error}") from error


def _say(plan: Plan, *, dry_run: bool) -> None:
    for change in plan.changed:
        if change.is_renamed:
            click.echo(f"  {change.known.name} is now called {change.line.name}")
    for rejection in plan.rejected[:SHOWN]:
        place = f"{rejection.source} line {rejection.line}"
        click.echo(f"  rejected: {place} ({rejection.name}): {rejection.reason}", err=True)
    if len(plan.rejected) > SHOWN:
        click.echo(f"  … and {len(plan.rejected) - SHOWN} more", err=True)
    click.echo(
        f"{'Would import' if dry_run else 'Imported'}: {len(plan.new)} new, {len(plan.changed)} changed,"
        f" {len(plan.unchanged)} unchanged, {len(plan.rejected)} rejected."
    )
