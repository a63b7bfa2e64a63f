"""Give lines out as a file that a spreadsheet opens and calculates nothing of."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from hub.imports.columns import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BOM = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV file (RFC 4180) with its mark of UTF-8; no cell is a formula."""
    made = io.StringIO()
    made.write(BOM)
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow([harmless(cell) for cell in header])
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return made.getvalue()
