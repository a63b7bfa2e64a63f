"""Give lines out as a file that a spreadsheet opens and calculates nothing of."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from hub.facilities.lists import COLUMNS
from hub.facilities.models import Facility
from hub.imports.columns import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

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


def facilities_csv(session: Session) -> str:
    """Return the registry's active facilities as the list that an import takes: offices before units."""
    return as_csv(COLUMNS, _facilities(session))


def _facilities(session: Session) -> Iterator[list[str]]:
    office = aliased(Facility)
    by_column = {
        "iana_timezone": Facility.iana_zone,
        "class": Facility.class_,
        "kanwil": office.name,
        "lat": Facility.latitude,
        "lon": Facility.longitude,
    }
    known = [name for name in COLUMNS if name != "former_name"]
    columns = [by_column[name] if name in by_column else getattr(Facility, name) for name in known]
    query = (
        select(*columns)
        .outerjoin(office, office.id == Facility.region_id)
        .where(Facility.status == "active")
        .order_by(Facility.kind != "kanwil", Facility.id)
        .execution_options(yield_per=1000)
    )
    for row in session.execute(query):
        cells = ["" if cell is None else str(cell) for cell in row]
        at = COLUMNS.index("former_name")
        yield [*cells[:at], "", *cells[at:]]
