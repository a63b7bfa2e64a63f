"""A list is read line by line; a bad line says where and why, a bad file is refused whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hub.errors import Invalid
from hub.facilities.lists import SHIPPED, read_lists

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hub.facilities.conftest import ListWriter

GOOD = "Kanwil Ditjenpas Uji,kanwil,,Asia/Jakarta"
WIDE = "name,kind,kanwil,iana_timezone,lat,lon,mailbox"


def test_the_shipped_lists_hold_every_unit_and_no_bad_line() -> None:
    listed = read_lists(SHIPPED)
    assert listed.rejected == ()
    kinds = [facility.kind for facility in listed.facilities]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "kanwil": 33, "lapas": 337, "rutan": 162, "bapas": 82, "lpka": 32, "rs": 1,
    }  # fmt: skip
    assert sum(facility.latitude is None for facility in listed.facilities if facility.kind != "kanwil") == 48


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,,,", "no name"),
        ("!!!,rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,,,", "no name"),
        ("Rutan A,penjara,Kanwil Ditjenpas Uji,Asia/Jakarta,,,", "kind: 'penjara' is none of"),
        ("Rutan A,rutan,Kanwil Ditjenpas Uji,WIB,,,", "iana_timezone: 'WIB' is none of"),
        ("Rutan A,rutan,,Asia/Jakarta,,,", "kanwil: a unit needs its regional office"),
        ("Kanwil A,kanwil,Kanwil Ditjenpas Uji,Asia/Jakarta,,,", "kanwil: a kanwil has no regional office"),
        ("Rutan A,rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,-7.4,,", "lat and lon go together"),
        ("Rutan A,rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,109.2,-7.4,", "lat: 109.2 lies outside Indonesia"),
        ("Rutan A,rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,-\uff17.4,109.2,", "is no number of degrees"),
        ("Rutan A,rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,nan,109.2,", "is no number of degrees"),
        (
            "Rutan A,rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,,,nobody",
            "mailbox: this is not an e-mail",
        ),
        ("Rutan A,rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,,,=?x?=@uji.id", "may not go into a mail header"),
        ("Rutan \x00A,rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,,,", "cannot be stored"),
        ('"Rutan\nA",rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,,,', "must fit on one line"),
        (f"Rutan {'A' * 200},rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,,,", "longer than 200"),
        ("Rutan A,rutan,Kanwil Ditjenpas Uji,Asia/Jakarta,,,,", "8 cells under 7 columns"),
        ("Rutan A", "1 cells under 7 columns"),
        ("KANWIL ditjenpas  úji,kanwil,,Asia/Jakarta,,,", "the same name as in list.csv line 2"),
    ],
)
def test_a_bad_line_is_rejected_with_its_number_and_reason(
    write_list: ListWriter, line: str, reason: str
) -> None:
    listed = read_lists([write_list(f"{GOOD},,,", line, header=WIDE)])
    assert [facility.line for facility in listed.facilities] == [2]
    (rejection,) = listed.rejected
    assert reason in rejection.reason
    assert (rejection.source, rejection.line) == ("list.csv", 4 if "\n" in line else 3)
    assert rejection.name.isprintable()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "lacks the column"),
        (b"name,kind\nRutan A,rutan\n", "lacks the column.*iana_timezone"),
        (b"name,name,kind,iana_timezone\n", "has name twice"),
        (b"name,kind,iana_timezone\nRutan \xff,rutan,Asia/Jakarta\n", "is not UTF-8"),
        (b'name,kind,iana_timezone\n"Rutan A,rutan,Asia/Jakarta\n', "unexpected end of data"),
        (b"x" * (8 * 1024 * 1024 + 1), "is larger than 8 MB"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid, match=reason):
        read_lists([path])


def test_what_a_spreadsheet_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    text = 'name,kind,iana_timezone,note\r\n"Kanwil Ditjenpas Uji",kanwil,Asia/Makassar,\r\n\r\n'
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    (facility,) = read_lists([path]).facilities
    assert (facility.name, facility.iana_zone, facility.city) == (
        "Kanwil Ditjenpas Uji",
        "Asia/Makassar",
        None,
    )
