"""An import: the file somebody brought, how far the hub has come with it, and what becomes of each line."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, CreatedAt, Identifier, Words

KINDS = ("people", "facilities")
STATES = (
    "reading",
    "read",
    "comparing",
    "previewed",
    "applying",
    "applied",
    "undoing",
    "undone",
    "cancelled",
    "failed",
)
VERDICTS = ("new", "changed", "unchanged", "ambiguous", "rejected")
OUTCOMES = ("applied", "refused", "undone", "kept")


class Import(Base):
    """One file on its way into the hub.

    A worker reads, compares, applies and undoes; a person says what the columns mean and confirms. What a
    worker has to do is due at ``due_at``; where that is none, nobody but a person moves it on.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_imports_by_id", "by_id"),
        Index("ix_imports_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[Identifier]
    kind: Mapped[str]
    #: Who brought the file; none: an operator at the command line.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    file_name: Mapped[str]
    #: SHA-256 of the file.
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(server_default="reading")
    #: The names in the file's first line, and its first rows, for whoever says what the columns mean.
    header: Mapped[Words]
    sample: Mapped[list[list[str]] | None] = mapped_column(JSONB)
    #: The number of the column (from 0) of each field that has one.
    columns: Mapped[dict[str, Any] | None]
    #: How many rows the present step is through with, and of how many.
    position: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    #: Why it failed: an English msgid and its values.
    reason: Mapped[str | None]
    reason_values: Mapped[dict[str, Any] | None]
    #: Failed tries of the present step, counted before each try.
    attempts: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[dt.datetime | None]
    created_at: Mapped[CreatedAt]
    applied_at: Mapped[dt.datetime | None]


class ImportPart(Base):
    """A piece of the file; gone once the import is applied or called off."""

    __tablename__ = "import_parts"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRow(Base):
    """A line of the file: what it says, what the hub makes of it, and what was done."""

    __tablename__ = "import_rows"
    __table_args__ = (
        CheckConstraint(f"verdict IN {VERDICTS}", name="verdict"),
        CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        Index("ix_import_rows_import_id_verdict_line", "import_id", "verdict", "line"),
        Index("ix_import_rows_import_id_key", "import_id", "key"),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    #: The cells as they stood there, of a line that is not taken: it is given back with its reason.
    cells: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    #: What the line is about, folded; the first line with a key is taken, later ones are ambiguous.
    key: Mapped[str | None]
    #: How the line is called in a list.
    label: Mapped[str] = mapped_column(server_default="")
    #: The fields that were read from it.
    said: Mapped[dict[str, Any] | None]
    verdict: Mapped[str]
    #: Why it is not taken, or why it was kept when the import was undone: an English msgid and its values.
    reason: Mapped[str | None]
    reason_values: Mapped[dict[str, Any] | None]
    #: Field by field what is there and what will be: ``{"name": ["Budi", "Budi S."]}``.
    changes: Mapped[dict[str, Any] | None]
    outcome: Mapped[str | None]
    target_id: Mapped[int | None]
    #: What undoing needs to know: what was made, and what stood there before.
    done: Mapped[dict[str, Any] | None]
