"""``hub privacy``: end what is kept for too long, and report a breach."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import click

from hub.actor import system_actor
from hub.cli.connection import connected
from hub.privacy.breach import Facts, as_csv, report_breach
from hub.privacy.document import in_days
from hub.privacy.retention import LIMITS, apply_limits, count_over

OPERATOR = system_actor("operator at the command line")


class Instant(click.ParamType[dt.datetime]):
    """A moment in ISO 8601; without an offset it is UTC, without a time it is midnight."""

    name = "moment"

    def convert(
        self, value: str | dt.datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.datetime:
        """Read it. Fails, saying how one looks, for anything else."""
        try:
            read = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment; one looks like 2024-11-28T09:00+07:00", param, ctx)
        return read if read.tzinfo else read.replace(tzinfo=dt.UTC)


INSTANT = Instant()


@click.group()
def privacy() -> None:
    """End what is kept for too long; report who was concerned by a breach."""


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


@privacy.command()
@click.option("--from", "since", type=INSTANT, required=True, help="When it began.")
@click.option("--to", "until", type=INSTANT, required=True, help="When it ended.")
@click.option(
    "--person", "addresses", multiple=True, help="The address of somebody concerned; may be repeated."
)
@click.option("--only-named", is_flag=True, help="Only the people of --person, not who was signed in.")
@click.option("--what", help="Which data came to light.")
@click.option("--how", help="How it happened.")
@click.option("--measures", help="What is done about it.")
@click.option("--contact", help="Whom those concerned may ask.")
@click.option("--format", "shape", type=click.Choice(["json", "csv"]), default="json", show_default=True)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file; without it the terminal. It holds names and addresses: keep it safe.",
)
def breach(
    since: dt.datetime,
    until: dt.datetime,
    addresses: tuple[str, ...],
    shape: str,
    output: Path | None,
    *,
    only_named: bool,
    **said: str | None,
) -> None:
    """Report a breach (UU 27/2022, article 46): who was concerned, and the facts that are to be told.

    Concerned is who was signed in or did something between the two moments, and whoever is named. The agency
    and those concerned are told in writing within 3 x 24 hours. That the report was made is recorded.
    """
    facts = Facts(**{name: words for name, words in said.items() if words})
    with connected() as database, database.transaction() as session:
        report = report_breach(
            session,
            actor=OPERATOR,
            since=since,
            until=until,
            addresses=addresses,
            only_named=only_named,
            facts=facts,
        )
    shown = as_csv(report) if shape == "csv" else json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(shown, nl=False)
    else:
        output.touch(mode=0o600)
        output.write_text(shown, encoding="utf-8", newline="")
        click.echo(
            f"{len(report['concerned'])} concerned; written to {output}. Tell them by {report['tell_by']}."
        )
