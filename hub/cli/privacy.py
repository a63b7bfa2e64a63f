"""``hub privacy``: end what is kept for too long."""

from __future__ import annotations

import click

from hub.cli.connection import connected
from hub.privacy.document import in_days
from hub.privacy.retention import LIMITS, apply_limits, count_over


@click.group()
def privacy() -> None:
    """End what is kept for too long."""


@privacy.command()
@click.option("--dry-run", is_flag=True, help="Say what would go; change nothing.")
def retention(*, dry_run: bool) -> None:
    """End the personal data whose time is over, by the limits of docs/PRIVACY.md.

    The workers do the same by themselves every hour or day.
    """
    total = 0
    with connected() as database:
        if dry_run:
            with database.transaction() as session:
                ended = [(limit, count_over(session, limit)) for limit in LIMITS]
        else:
            ended = list(apply_limits(database))
    for limit, rows in ended:
        act = f"{limit.emptied.partition(' ')[0]} emptied" if limit.emptied else "deleted"
        click.echo(f"{limit.table:<18} {rows:>8} {act}: {in_days(limit.age.days)} {limit.after}")
        total += rows
    click.echo(f"{total} {'would go' if dry_run else 'gone'}.")
