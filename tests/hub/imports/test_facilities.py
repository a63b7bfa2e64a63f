"""Facilities from a list: the registry's own rules, in pieces, and taken back as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.errors import Forbidden
from hub.facilities.lists import SHIPPED
from hub.imports import steps
from hub.imports.exporting import facilities_csv
from hub.imports.facilities import FIELDS, Facilities
from tests.hub.imports.conftest import as_csv, as_xlsx

if TYPE_CHECKING:
    from hub.imports.models import ImportRow
    from tests.hub.imports.conftest import Desk

HEADER = ("name", "kind", "kanwil", "iana_timezone", "city", "lat", "lon", "former_name")
OFFICE = ("Kanwil Ditjenpas Uji", "kanwil", "", "Asia/Jakarta", "", "", "", "")


def unit(name: str, *, city: str = "", lat: str = "", lon: str = "", former: str = "") -> tuple[str, ...]:
    return (name, "rutan", "Kanwil Ditjenpas Uji", "Asia/Jakarta", city, lat, lon, former)


def registry(desk: Desk) -> list[str]:
    """Return every row of the registry, without numbers and versions."""
    with desk.app.transaction() as session:
        every = (
            "SELECT (to_jsonb(f) - 'id' - 'region_id' - 'version' - 'created_at')::text FROM facilities f"
            " UNION ALL SELECT (to_jsonb(n) - 'id' - 'facility_id')::text FROM facility_names n"
        )
        return sorted(session.scalars(text(every)))


def rows(desk: Desk, number: int) -> list[ImportRow]:
    return [row for _, row in sorted(desk.rows(number).items())]


def test_list_in_pieces_is_judged_written_and_taken_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "COMPARED_AT_ONCE", 2)
    monkeypatch.setattr(Facilities, "batch", 2)
    admin = desk.cast.admin.actor()
    before = registry(desk)
    content = as_csv(
        [
            OFFICE,
            unit("Rutan Kelas IIB Uji", city="Uji", lat="-7.42", lon="109.25"),
            unit("Rutan Kelas IIA Uji"),
            unit("RUTAN KELAS IIB UJI"),
            unit("Rutan Kelas I Laut", lat="50.1", lon="109.25"),
            ("Rutan Kelas I Asing", "rutan", "Kanwil Entah", "Asia/Jakarta", "", "", "", ""),
            ("=A1", "rutan", "Kanwil Ditjenpas Uji", "Asia/Jakarta", "", "", "", ""),
        ],
        header=HEADER,
    )
    number = desk.preview(content, actor=admin, kind="facilities")
    assert [row.verdict for row in rows(desk, number)] == [
        *["new"] * 3,
        "ambiguous",
        *["rejected"] * 3,
    ]
    assert registry(desk) == before
    desk.confirm(number, actor=admin)
    assert [row.outcome for row in rows(desk, number)[:3]] == ["applied"] * 3
    assert desk.count("facilities", "name LIKE 'Rutan Kelas II_ Uji' AND region_id IS NOT NULL") == 2
    written = registry(desk)
    again = desk.preview(content, actor=admin, kind="facilities")
    assert [row.verdict for row in rows(desk, again)][:3] == ["unchanged"] * 3

    renaming = as_csv(
        [unit("Rutan Kelas IIB Uji Baru", city="Kota Uji", former="Rutan Kelas IIB Uji")], header=HEADER
    )
    renamed = desk.preview(renaming, actor=admin, kind="facilities")
    (row,) = rows(desk, renamed)
    assert row.verdict == "changed"
    assert row.changes is not None
    assert row.changes["city"] == ["Uji", "Kota Uji"]
    desk.confirm(renamed, actor=admin)
    assert desk.count("facility_names", "name = 'Rutan Kelas IIB Uji' AND kind = 'former'") == 1
    desk.undo(renamed, actor=admin)
    assert registry(desk) == written

    with desk.app.transaction() as session:
        session.execute(
            text("UPDATE facilities SET version = version + 1 WHERE name = 'Rutan Kelas IIA Uji'")
        )
    desk.undo(number, actor=admin)
    # Two were changed since, and the office they refer to cannot go.
    assert [row.outcome for row in rows(desk, number)[:3]] == ["kept"] * 3


def test_everything_that_was_added_goes(desk: Desk) -> None:
    admin = desk.cast.admin.actor()
    before = registry(desk)
    content = as_xlsx([OFFICE, unit("Rutan Kelas IIB Uji"), unit("Rutan Kelas IIA Ujung")], header=HEADER)
    number = desk.preview(content, actor=admin, kind="facilities")
    desk.confirm(number, actor=admin)
    assert len(registry(desk)) > len(before)
    desk.undo(number, actor=admin)
    assert registry(desk) == before
    assert [row.outcome for row in rows(desk, number)] == ["undone"] * 3


def test_lists_that_come_along_are_taken_as_they_are(desk: Desk) -> None:
    admin = desk.cast.admin.actor()
    for path, lines in zip(SHIPPED, (33, 614), strict=True):
        number = desk.preview(path.read_bytes(), actor=admin, kind="facilities")
        verdicts = [row.verdict for row in rows(desk, number)]
        assert len(verdicts) == lines
        assert set(verdicts) <= {"new", "changed", "unchanged"}
        desk.confirm(number, actor=admin)
    assert desk.count("facilities", "kind IN ('lapas', 'rutan', 'bapas', 'lpka', 'rs')") >= 614


def test_export_gives_back_what_import_takes(desk: Desk) -> None:
    admin = desk.cast.admin.actor()
    number = desk.preview(SHIPPED[0].read_bytes(), actor=admin, kind="facilities")
    desk.confirm(number, actor=admin)
    with desk.app.transaction() as session:
        session.execute(text("UPDATE facilities SET latitude = -7.42, longitude = 109.25, class = 'IIA'"))
        listed = facilities_csv(session)
    again = desk.preview(listed.encode(), actor=admin, kind="facilities")
    # Units of the cast were made without their other names, which a list always adds.
    assert {row.verdict for row in rows(desk, again)} <= {"unchanged", "changed"}
    columns = {field.name for field in FIELDS}
    assert not any(columns & (row.changes or {}).keys() for row in rows(desk, again))
    assert len(rows(desk, again)) == desk.count("facilities", "status = 'active'")


def test_only_administrators_import_the_registry(desk: Desk) -> None:
    for member in (desk.cast.host_head, desk.cast.overseer):
        with pytest.raises(Forbidden):
            desk.bring(as_csv([OFFICE], header=HEADER), actor=member.actor(), kind="facilities")
