"""Facilities are found by what people call them, in whatever case, order and spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hub.errors import NotFound
from hub.facilities.finding import Facets, search
from hub.facilities.models import Facility
from hub.facilities.queries import find_by_name, show

if TYPE_CHECKING:
    from hub.db.transaction import Database

PURBALINGGA = "Rutan Kelas IIB Purbalingga"
PURWOKERTO = "Lapas Kelas IIA Purwokerto"


def first_names(registry: Database, text: str, **options: object) -> list[str]:
    """Return the names of the best three."""
    with registry.transaction() as session:
        found = search(session, text=text, limit=3, **options)  # type: ignore[arg-type]  # a test's shorthand
        return [item.facility.name for item in found]


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("rutan purbalingga", PURBALINGGA),
        ("purbalingga", PURBALINGGA),
        ("PURBA", PURBALINGGA),
        ("  Pürbalíngga!  ", PURBALINGGA),
        ("\uff30\uff55\uff52\uff42\uff41\uff4c\uff49\uff4e\uff47\uff47\uff41", PURBALINGGA),
        ("rutn purbalinga", PURBALINGGA),
        ("kabupaten purbalingga rutan", PURBALINGGA),
        ("rumah tahanan purbalingga", PURBALINGGA),
        ("PURWOKERTO lapas", PURWOKERTO),
        ("LP Purwokerto", PURWOKERTO),
        ("lapas kelas iia purwokerto", PURWOKERTO),
        ("lapas banyumas", PURWOKERTO),
        ("kanwil jateng", "Kanwil Ditjenpas Jawa Tengah"),
        ("jawa tengah", "Kanwil Ditjenpas Jawa Tengah"),
        ("pengayoman", "RSU Pengayoman Cipinang"),
    ],
)
def test_search_puts_the_meant_facility_first(registry: Database, text: str, best: str) -> None:
    assert first_names(registry, text)[0] == best


@pytest.mark.parametrize("text", ["!!!", "%", "_", "\\", "\x00", "zzzz", "rutan zzzz", "' OR 1=1 --"])
def test_search_for_what_nobody_is_called_finds_nothing(registry: Database, text: str) -> None:
    assert first_names(registry, text) == []


def test_search_ranks_exact_before_beginning_before_words_before_slips(registry: Database) -> None:
    assert first_names(registry, "lapas tangerang") == [
        "Lapas Kelas I Tangerang",
        "Lapas Kelas IIA Tangerang",
        "Lapas Pemuda Kelas IIA Tangerang",
    ]
    with registry.transaction() as session:
        ranks = [item.place.rank for item in search(session, text="lapas tangerang", limit=100)]
        assert ranks == sorted(ranks)
        assert ranks[:3] == [0, 0, 1]


def test_search_filters_by_kind_and_region(registry: Database) -> None:
    with registry.transaction() as session:
        region_id = session.scalars(
            select(Facility.id).where(Facility.name == "Kanwil Ditjenpas Jawa Tengah")
        ).one()
        assert len(search(session, facets=Facets(region_id=region_id), limit=100)) == 60
        assert len(search(session, facets=Facets(kind="rutan", region_id=region_id), limit=100)) == 18
    assert first_names(registry, "purwokerto", facets=Facets(kind="bapas")) == ["Bapas Kelas II Purwokerto"]


@pytest.mark.parametrize("text", ["", "   ", "lapas", "kota bandung", "purwokreto"])
def test_pages_together_are_the_whole_list_in_its_order(registry: Database, text: str) -> None:
    with registry.transaction() as session:
        whole = [item.facility.id for item in search(session, text=text, limit=1000)]
        paged: list[int] = []
        after = None
        while items := search(session, text=text, after=after, limit=9):
            paged += [item.facility.id for item in items]
            after = items[-1].place
    assert paged == whole
    assert len(set(paged)) == len(paged)


def test_without_text_facilities_come_by_name(registry: Database) -> None:
    with registry.transaction() as session:
        names = [item.facility.name for item in search(session, limit=1000)]
    assert len(names) == 647
    assert names == sorted(names, key=str.lower)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lapas Kelas IIA Purwokerto", [PURWOKERTO]),
        ("lapas purwokerto", [PURWOKERTO]),
        ("LP PURWOKERTO", [PURWOKERTO]),
        ("Rutan Purbalíngga", [PURBALINGGA]),
        ("Lapas Tangerang", ["Lapas Kelas I Tangerang", "Lapas Kelas IIA Tangerang"]),
        ("Lapas Kelas IIA Tangerang", ["Lapas Kelas IIA Tangerang"]),
        ("Purbalingga", []),
        ("Rutan Entah", []),
        ("", []),
        ("\x00", []),
    ],
)
def test_find_by_name_returns_none_one_or_several(registry: Database, text: str, expected: list[str]) -> None:
    with registry.transaction() as session:
        assert [name for _, name in find_by_name(session, text)] == expected


def test_a_facility_that_is_not_active_is_not_found_but_shown(registry: Database) -> None:
    with registry.transaction() as session:
        ((facility_id, _),) = find_by_name(session, PURBALINGGA)
        session.get_one(Facility, facility_id).status = "historical"
        session.flush()
        assert find_by_name(session, PURBALINGGA) == []
        assert search(session, text=PURBALINGGA) == []
        assert show(session, facility_id).facility.status == "historical"
        session.rollback()


def test_show_of_nothing_is_not_found(registry: Database) -> None:
    with registry.transaction() as session, pytest.raises(NotFound):
        show(session, 2**62)
