"""``hub partners``: rebuild the records of partnerships from their sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hub.cli.connection import connected
from hub.partners.rebuilding import rebuild as rebuild_records

if TYPE_CHECKING:
    from hub.partners.rebuilding import Difference


@click.group()
def partners() -> None:
    """Look after the records of partnerships."""


@partners.command()
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
def rebuild(*, dry_run: bool) -> None:
    """Compute every partner record and timeline anew and show what differed.

    Events whose reaction is still due show as differences, too.
    """
    with connected("worker") as database, database.transaction() as session:
        rebuilt = rebuild_records(session, dry_run=dry_run)
    for difference in rebuilt.differences:
        click.echo(_line(difference))
    verb = "would change" if dry_run else "changed"
    if rebuilt.is_clean:
        click.echo(f"{rebuilt.records} record(s): nothing {verb}.")
        return
    click.echo(
        f"{rebuilt.records} record(s): {len(rebuilt.differences)} field(s) {verb};"
        f" timeline entries added {rebuilt.timeline_added}, removed {rebuilt.timeline_removed}."
    )


def _line(difference: Difference) -> str:
    pair = f"{difference.facility_id} → {difference.partner_id}"
    if difference.field is None:
        return f"{pair}  {'missing' if difference.was is None else 'without a source'}"
    return f"{pair}  {difference.field}: {difference.was} → {difference.now}"
