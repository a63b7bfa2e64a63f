"""The cast, and a desk at which lists are imported: by commands, with the worker's work done in between."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook
from sqlalchemy import select, text

from hub.imports.columns import guess
from hub.imports.commands import importing
from hub.imports.models import Import, ImportRow
from hub.imports.register import KINDS
from hub.imports.working import work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.actor import Actor
    from hub.db.transaction import Database
    from tests.support.cast import Cast

HEADER = ("Nama", "Surel", "Unit", "Jabatan", "Peran", "TMT")


def as_csv(rows: Sequence[Sequence[str]], *, header: Sequence[str] = HEADER, delimiter: str = ",") -> bytes:
    """Return rows as a CSV file in UTF-8."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    return made.getvalue().encode()


def as_xlsx(rows: Sequence[Sequence[object]], *, header: Sequence[str] = HEADER) -> bytes:
    """Return rows as an XLSX file; a text that begins with "=" becomes a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@dataclass
class Desk:
    """Where somebody imports lists."""

    app: Database
    worker: Database
    cast: Cast

    def bring(self, content: bytes, *, actor: Actor, kind: str = "people", name: str = "daftar.csv") -> int:
        """Bring a file and let its columns be read; return the import's number."""
        with self.app.transaction(actor) as session:
            made = importing.upload(session, actor=actor, kind=kind, file_name=name, content=content)
            number = made.id
        work(self.worker)
        return number

    def preview(self, content: bytes, *, actor: Actor, kind: str = "people") -> int:
        """Bring a file and let it be compared, with the columns as they were guessed."""
        number = self.bring(content, actor=actor, kind=kind)
        one = self.see(number)
        assert one.state == "read", (one.state, one.reason, one.reason_values)
        with self.app.transaction(actor) as session:
            columns = guess(KINDS[kind].fields, one.header)
            importing.choose_columns(session, actor=actor, import_id=number, columns=columns)
        work(self.worker, seconds=60)
        return number

    def confirm(self, number: int, *, actor: Actor) -> None:
        """Confirm, and let it be applied."""
        with self.app.transaction(actor) as session:
            importing.confirm(session, actor=actor, import_id=number)
        work(self.worker, seconds=60)

    def undo(self, number: int, *, actor: Actor) -> None:
        """Undo, and let it be taken back."""
        with self.app.transaction(actor) as session:
            importing.undo(session, actor=actor, import_id=number)
        work(self.worker, seconds=60)

    def see(self, number: int) -> Import:
        """Return the import as it stands."""
        with self.app.transaction() as session:
            return session.get_one(Import, number)

    def rows(self, number: int) -> dict[int, ImportRow]:
        """Return the lines by their number."""
        with self.app.transaction() as session:
            found = session.scalars(select(ImportRow).where(ImportRow.import_id == number))
            return {row.line: row for row in found}

    def verdicts(self, number: int) -> dict[int, str]:
        """Return the verdicts by line."""
        return {line: row.verdict for line, row in sorted(self.rows(number).items())}

    def count(self, table: str, condition: str = "true") -> int:
        """Count rows of a table."""
        with self.app.transaction() as session:
            query = text(f"SELECT count(*) FROM {table} WHERE {condition}")  # noqa: S608 -- a test's own words
            return int(session.execute(query).scalar_one())


@pytest.fixture
def desk(as_app: Database, as_worker: Database, cast: Cast) -> Desk:
    """Return the desk."""
    return Desk(as_app, as_worker, cast)
