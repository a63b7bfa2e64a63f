"""``hub audit``: whether somebody changed the audit log, and the head to keep elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from config.settings import Settings
from hub.audit import chain
from hub.cli.connection import connected


class KeptHead(click.ParamType[chain.Head]):
    """A head as ``hub audit head`` prints it."""

    name = "head"

    def convert(
        self, value: str | chain.Head, param: click.Parameter | None, ctx: click.Context | None
    ) -> chain.Head:
        """Read it. Fails, saying how one looks, for anything else."""
        try:
            return value if isinstance(value, chain.Head) else chain.Head.parse(value)
        except ValueError:
            self.fail(f"{value!r} is no head; one looks like 42:9f86d0…", param, ctx)


KEPT_HEAD = KeptHead()


@click.group()
def audit() -> None:
    """Verify the audit log, and print the head of its chain."""


@audit.command()
def head() -> None:
    """Print the head of the chain: keep it outside of this machine, one line a day."""
    with connected("backup") as database, database.transaction() as session:
        click.echo(str(chain.head(session)))


@audit.command()
@click.option("--head", "heads", type=KEPT_HEAD, multiple=True, help="A head that was kept; may be repeated.")
@click.option(
    "--heads",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of kept heads, one a line.",
)
def verify(heads: tuple[chain.Head, ...], file: Path | None) -> None:
    """Compare every entry with its seal; end with 1 if something was changed, removed or put in.

    Without a kept head nobody can tell that the newest entries were cut off.
    """
    kept = list(heads)
    if file is not None:
        lines = file.read_text(encoding="utf-8").split()
        kept += [KEPT_HEAD.convert(line, None, click.get_current_context()) for line in lines]
    with connected("backup") as database, database.transaction() as session:
        verdict = chain.verify(session, chain.SealKeys(Settings.from_env().secret_keys), kept=kept)
    for flaw in verdict.flaws:
        entry = "" if flaw.entry_id is None else f" (entry {flaw.entry_id})"
        place = f"position {flaw.position}" if flaw.position else "outside of the chain"
        click.echo(f"{place}{entry}: {flaw.what}")
    click.echo(
        f"{verdict.sealed} sealed, {verdict.waiting} waiting for their seal, {len(verdict.flaws)} flaw(s)"
    )
    if not kept:
        click.echo("No head was given: whether the newest entries were cut off is not known.")
    sys.exit(1 if verdict.flaws else 0)
