"""``hub people``: bring in a list of people from a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hub.actor import system_actor
from hub.cli.connection import connected
from hub.errors import Conflict
from hub.imports.columns import guess
from hub.imports.commands import importing
from hub.imports.models import Import
from hub.imports.queries import not_taken
from hub.imports.register import KINDS
from hub.imports.rules import WORKING
from hub.imports.working import work

if TYPE_CHECKING:
    from hub.db.transaction import Database

OPERATOR = system_actor("operator at the command line")
LONGEST_WAIT: Final = 3600
"""Seconds: whatever has not come to its end by then goes on in the workers."""
LOOK_EACH: Final = 0.2
SHOWN: Final = 50


@click.group()
def people() -> None:
    """Bring in a list of people."""


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
def import_(file: Path, *, dry_run: bool) -> None:
    """Import a list of people (CSV or XLSX) of any unit; the columns are known by their names.

    The same as the page /imports does, by the same steps: it is listed there, and can be undone there.
    Whoever is new gets a mail with a link to a password. Ends with status 1 if a line was not taken.
    """
    with connected() as database:
        number = _compared(database, file)
        with database.transaction() as session:
            counts = importing.counts_of(session, number)
            refused = [
                (row.line, row.label, row.reason, row.reason_values) for row in not_taken(session, number)
            ]
        _say_refused(refused)
        said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
        if dry_run or not counts.get("new", 0) + counts.get("changed", 0):
            with database.transaction() as session:
                importing.cancel(session, actor=OPERATOR, import_id=number)
            click.echo(f"Would import: {said or 'nothing'}." if dry_run else f"Nothing to import: {said}.")
        else:
            with database.transaction() as session:
                importing.confirm(session, actor=OPERATOR, import_id=number)
            _follow(database, number)
            click.echo(f"Imported: {said}. To see or undo it: /imports/{number}.")
    if refused:
        raise SystemExit(1)


def _compared(database: Database, file: Path) -> int:
    """Bring the file and let it be compared; return the import's number."""
    with database.transaction() as session:
        made = importing.upload(
            session, actor=OPERATOR, kind="people", file_name=file.name, content=file.read_bytes()
        )
        number = made.id
    header = _follow(database, number).header
    with database.transaction() as session:
        columns = guess(KINDS["people"].fields, header)
        missing = [
            field.name for field in KINDS["people"].fields if field.is_needed and field.name not in columns
        ]
        if missing:
            importing.cancel(session, actor=OPERATOR, import_id=number)
        else:
            importing.choose_columns(session, actor=OPERATOR, import_id=number, columns=columns)
    if missing:
        raise click.ClickException(f"No column is called {' or '.join(missing)}.")
    _follow(database, number)
    return number


def _follow(database: Database, number: int) -> Import:
    """Work on the import, or wait for the worker that does; return it once its step is over.

    Raises Conflict where the hub gave it up, or it takes too long.
    """
    ends_at = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < ends_at:
        work(database)
        with database.transaction() as session:
            one = session.get_one(Import, number)
        if one.state == "failed":
            raise Conflict(one.reason or "", **(one.reason_values or {}))
        if one.state not in WORKING:
            return one
        time.sleep(LOOK_EACH)
    raise Conflict(f"This takes long; it goes on in the workers: /imports/{number}.")


def _say_refused(refused: list[tuple[int, str, str | None, dict[str, object] | None]]) -> None:
    for line, label, reason, values in refused[:SHOWN]:
        shown = "".join(sign for sign in label if sign.isprintable())
        click.echo(f"  not taken: line {line} ({shown}): {(reason or '') % (values or {})}", err=True)
    if len(refused) > SHOWN:
        click.echo(f"  … and {len(refused) - SHOWN} more", err=True)
