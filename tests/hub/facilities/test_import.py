"""Importing a list: idempotent, by official name, whole lines or nothing of them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text

from hub.audit.models import AuditEntry
from hub.clock import now
from hub.errors import Forbidden, Invalid, NotFound
from hub.facilities.commands.importing import import_units, plan_import, set_mailbox
from hub.facilities.finding import search
from hub.facilities.lists import SHIPPED, read_lists
from hub.facilities.models import Facility, FacilityName
from hub.facilities.queries import find_by_name
from hub.workdays.zones import local_date
from tests.hub.facilities.conftest import OPERATOR

if TYPE_CHECKING:
    from pathlib import Path

    from hub.db.transaction import Database
    from hub.facilities.planning import Plan
    from tests.hub.facilities.conftest import ListWriter

SECONDS = 3
"""Longest import of the whole country."""
OFFICE = "Kanwil Ditjenpas Uji,kanwil,,Asia/Jakarta"
UNIT = "Rutan Kelas IIB Uji,rutan,Kanwil Ditjenpas Uji,Asia/Jakarta"
WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE NOT granted AND datname = current_database()
"""
RENAMING = "name,kind,kanwil,iana_timezone,former_name"


def take(database: Database, *paths: Path) -> Plan:
    """Import lists in a transaction of their own."""
    with database.transaction() as session:
        return import_units(session, actor=OPERATOR, listed=read_lists(paths))


def counts(plan: Plan) -> tuple[int, int, int, int]:
    """Return new, changed, unchanged, rejected."""
    return len(plan.new), len(plan.changed), len(plan.unchanged), len(plan.rejected)


def contents(database: Database) -> list[str]:
    """Return every row of the registry."""
    with database.transaction() as session:
        every = "SELECT f::text FROM facilities f UNION ALL SELECT n::text FROM facility_names n"
        return sorted(session.scalars(text(every)))


def names_of(database: Database, facility_id: int) -> dict[str, list[str]]:
    """Return a facility's names by kind, sorted."""
    with database.transaction() as session:
        rows = session.execute(
            select(FacilityName.kind, FacilityName.name)
            .where(FacilityName.facility_id == facility_id)
            .order_by(FacilityName.name)
        )
        names: dict[str, list[str]] = {}
        for kind, name in rows:
            names.setdefault(kind, []).append(name)
        return names


def test_the_country_is_imported_once_and_the_second_time_changes_nothing(database: Database) -> None:
    started = time.monotonic()
    assert counts(take(database, *SHIPPED)) == (647, 0, 0, 0)
    assert time.monotonic() - started < SECONDS
    before = contents(database)
    assert counts(take(database, *SHIPPED)) == (0, 0, 647, 0)
    assert contents(database) == before
    with database.transaction() as session:
        assert session.scalars(select(func.count()).select_from(AuditEntry)).one() == 1


@pytest.mark.parametrize(
    ("name", "kind", "class_", "city"),
    [
        ("Rutan Kelas IIB Purbalingga", "rutan", "IIB", "Kabupaten Purbalingga"),
        ("Lapas Kelas IIA Purwokerto", "lapas", "IIA", "Kabupaten Banyumas"),
    ],
)
def test_the_units_of_the_visit_are_right(
    registry: Database, name: str, kind: str, class_: str, city: str
) -> None:
    with registry.transaction() as session:
        unit = session.scalars(select(Facility).where(Facility.name == name)).one()
        region = session.get_one(Facility, unit.region_id)
        assert (unit.kind, unit.class_, unit.city, unit.province) == (kind, class_, city, "Jawa Tengah")
        assert (region.name, region.kind, region.region_id) == (
            "Kanwil Ditjenpas Jawa Tengah",
            "kanwil",
            None,
        )
        assert (unit.iana_zone, region.iana_zone) == ("Asia/Jakarta", "Asia/Jakarta")


def test_every_unit_has_a_region_and_exactly_one_official_name(registry: Database) -> None:
    with registry.transaction() as session:
        units = session.scalars(select(Facility).where(Facility.kind != "kanwil")).all()
        official = session.execute(
            select(FacilityName.facility_id, FacilityName.name).where(FacilityName.kind == "official")
        ).all()
    assert len(units) == 614
    assert all(unit.region_id is not None for unit in units)
    assert len(official) == len({row.facility_id for row in official}) == 647


def test_a_dry_run_says_the_same_and_writes_nothing(database: Database) -> None:
    with database.transaction() as session:
        plan = plan_import(session, listed=read_lists(SHIPPED))
    assert counts(plan) == (647, 0, 0, 0)
    assert contents(database) == []


def test_a_correction_changes_what_the_list_says_and_leaves_the_rest(
    database: Database, write_list: ListWriter
) -> None:
    header = "name,kind,kanwil,iana_timezone,city,mailbox"
    take(database, write_list(f"{OFFICE},,", f"{UNIT},Kabupaten Lama,rutan@uji.id", header=header))
    corrected = write_list(f"{UNIT},Kabupaten Baru,", header=header)
    assert counts(take(database, corrected)) == (0, 1, 0, 0)
    assert counts(take(database, corrected)) == (0, 0, 1, 0)
    with database.transaction() as session:
        unit = session.scalars(select(Facility).where(Facility.kind == "rutan")).one()
        assert (unit.city, unit.mailbox, unit.version) == ("Kabupaten Baru", "rutan@uji.id", 2)
        assert [item.facility.id for item in search(session, text="baru")] == [unit.id]
        assert search(session, text="lama") == []


def test_a_new_name_makes_the_old_one_a_former_name(database: Database, write_list: ListWriter) -> None:
    take(database, write_list(OFFICE, UNIT))
    renaming = write_list(
        "Lapas Kelas IIB Uji,lapas,Kanwil Ditjenpas Uji,Asia/Jakarta,",
        "Rutan Kelas IIA Uji,rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,Rutan Uji",
        header=RENAMING,
    )
    assert counts(take(database, renaming)) == (1, 1, 0, 0)
    assert counts(take(database, renaming)) == (0, 0, 2, 0)
    with database.transaction() as session:
        ((unit_id, name),) = find_by_name(session, "rutan kelas iib uji")
        assert name == "Rutan Kelas IIA Uji"
        assert find_by_name(session, "Rutan Kelas IIA Uji") == [(unit_id, name)]
        today = local_date(now(session), "Asia/Jakarta")
        names = session.scalars(select(FacilityName).where(FacilityName.facility_id == unit_id))
        valid = {name.kind: name.valid for name in names}
    assert (valid["former"].lower, valid["former"].upper) == (None, today)
    assert (valid["official"].lower, valid["official"].upper) == (today, None)


def test_a_spelling_may_change_and_change_back(database: Database, write_list: ListWriter) -> None:
    take(database, write_list(OFFICE, UNIT))
    other = write_list(UNIT.replace("Uji,rutan", "UJI,rutan"), name="other.csv")
    for _ in range(2):
        assert counts(take(database, other)) == (0, 1, 0, 0)
        assert counts(take(database, write_list(UNIT))) == (0, 1, 0, 0)
    with database.transaction() as session:
        ((unit_id, _),) = find_by_name(session, "rutan kelas iib uji")
    names = names_of(database, unit_id)
    assert names["official"] == ["Rutan Kelas IIB Uji"]
    assert names["former"] == ["Rutan Kelas IIB UJI", "Rutan Kelas IIB Uji"]


def test_a_bad_line_is_left_out_whole_and_its_neighbours_are_taken(
    database: Database, write_list: ListWriter
) -> None:
    plan = take(
        database,
        write_list(
            "Rutan Kelas IIB Satu,rutan,Kanwil Ditjenpas Entah,Asia/Jakarta",
            "Rutan Kelas IIB Dua,rutan,Kanwil Uji,Asia/Jakarta",
            "Rutan Kelas IIB Tiga,rutan,Kanwil Uji,Asia/Tokyo",
            OFFICE,
        ),
    )
    assert counts(plan) == (2, 0, 0, 2)
    assert [(rejection.line, rejection.name) for rejection in plan.rejected] == [
        (2, "Rutan Kelas IIB Satu"),
        (4, "Rutan Kelas IIB Tiga"),
    ]
    assert "there is no regional office called Kanwil Ditjenpas Entah" in plan.rejected[0].reason
    with database.transaction() as session:
        assert [item.facility.name for item in search(session)] == [
            "Kanwil Ditjenpas Uji",
            "Rutan Kelas IIB Dua",
        ]


@pytest.mark.parametrize(
    ("line", "former", "reason"),
    [
        ("Rutan Kelas IIB Uji,lapas,Kanwil Uji", "", "is registered as rutan, not as lapas"),
        ("Rutan Kelas IIA Uji,rutan,Kanwil Uji", "", "write the old one into the column former_name"),
        ("Rutan Kelas I Baru,rutan,Kanwil Uji", "Rutan Entah", "no active facility is called Rutan Entah"),
        ("Rutan Kelas IIB Uji,rutan,Kanwil Uji", "Lapas Uji", "was never called Lapas Uji"),
        ("Lapas Kelas III Uji,lapas,Kanwil Uji", "Lapas Uji", "former_name: Lapas Uji may be Lapas"),
        ("Rutan Kelas I Uji,rutan,Rutan Uji", "Rutan Uji", "there is no regional office called Rutan Uji"),
    ],
)
def test_a_line_that_does_not_fit_the_registry_is_rejected(
    database: Database, write_list: ListWriter, line: str, former: str, reason: str
) -> None:
    units = [f"Lapas Kelas {class_} Uji,lapas,Kanwil Ditjenpas Uji,Asia/Jakarta" for class_ in ("I", "IIA")]
    take(database, write_list(OFFICE, UNIT, *units))
    before = contents(database)
    plan = take(database, write_list(f"{line},Asia/Jakarta,{former}", header=RENAMING))
    assert counts(plan) == (0, 0, 0, 1)
    assert reason in plan.rejected[0].reason
    assert contents(database) == before


def test_an_import_waits_for_a_mailbox_that_is_being_set_and_keeps_it(
    database: Database, write_list: ListWriter
) -> None:
    header = "name,kind,kanwil,iana_timezone,city"
    take(database, write_list(f"{OFFICE},", f"{UNIT},Kota Lama", header=header))
    corrected = write_list(f"{UNIT},Kota Baru", header=header)
    with ThreadPoolExecutor(max_workers=1) as other:
        with database.transaction() as session:
            ((unit_id, _),) = find_by_name(session, "Rutan Uji")
            set_mailbox(session, actor=OPERATOR, facility_id=unit_id, address="rutan@uji.test")
            importing = other.submit(take, database, corrected)
            while not session.scalars(text(WAITING)).one():
                assert not importing.done()
        assert counts(importing.result()) == (0, 1, 0, 0)
    with database.transaction() as session:
        unit = session.get_one(Facility, unit_id)
        assert (unit.mailbox, unit.city) == ("rutan@uji.test", "Kota Baru")


def test_two_lines_for_one_unit_leave_the_first(database: Database, write_list: ListWriter) -> None:
    take(database, write_list(OFFICE, UNIT))
    plan = take(
        database,
        write_list(
            f"{UNIT},", "Rutan Kelas I Uji,rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,Rutan Uji", header=RENAMING
        ),
    )
    assert counts(plan) == (0, 0, 1, 1)
    assert "is described in list.csv line 2 already" in plan.rejected[0].reason


def test_the_mailbox_is_set_by_the_head_or_an_administrator_only(registry: Database) -> None:
    with registry.transaction() as session:
        ((unit_id, _),) = find_by_name(session, "Rutan Purbalingga")
        head = type(OPERATOR)(kind="person", label="head", headed_ids=(unit_id,))
        clerk = type(OPERATOR)(kind="person", label="clerk", unit_ids=(unit_id,))
        unit = set_mailbox(session, actor=head, facility_id=unit_id, address=" rutan@purbalingga.test ")
        assert (unit.mailbox, unit.version) == ("rutan@purbalingga.test", 2)
        assert set_mailbox(session, actor=OPERATOR, facility_id=unit_id, address=unit.mailbox).version == 2
        with pytest.raises(Forbidden):
            set_mailbox(session, actor=clerk, facility_id=unit_id, address=None)
        for address in ("", "nobody", "a@b.test\nBcc: c@d.test", "a@b.test\x00", "rut\u00e1n@b.test"):
            with pytest.raises(Invalid) as refused:
                set_mailbox(session, actor=OPERATOR, facility_id=unit_id, address=address)
            assert refused.value.fields.keys() == {"address"}
        with pytest.raises(NotFound):
            set_mailbox(session, actor=OPERATOR, facility_id=0, address=None)
        assert set_mailbox(session, actor=OPERATOR, facility_id=unit_id, address=None).mailbox is None
        session.rollback()
