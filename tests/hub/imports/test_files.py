"""Files as they come: encodings, separators, formulas, and what is no list at all."""

from __future__ import annotations

import io
import zipfile

import pytest

from hub.errors import Invalid
from hub.imports.columns import LIKE_A_FORMULA, RefusedError, doubled, guess, harmless, said_by
from hub.imports.files import (
    A_FORMULA,
    BROKEN_XLSX,
    LONG_CELL,
    NO_HEADER,
    NOT_A_CSV_LINE,
    NOT_A_TABLE,
    NOT_READABLE,
    OLD_EXCEL,
    TOO_BIG_INSIDE,
    TOO_MANY_CELLS,
    Row,
    open_table,
)
from hub.imports.people import FIELDS
from tests.hub.imports.conftest import as_xlsx

TEXT = "Nama;Surel\nDédé Yusüf;dede@example.id\n\nSiti;siti@example.id\n"


def rows(content: bytes) -> list[Row]:
    return list(open_table(io.BytesIO(content)).rows)


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("cp1252"),
        TEXT.encode("utf-16"),
        b"\xff\xfe" + TEXT.encode("utf-16-le"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace(";", "\t").encode(),
        TEXT.replace(";", ",").encode(),
        as_xlsx(
            [("Dédé Yusüf", "dede@example.id"), (), ("Siti", "siti@example.id")], header=("Nama", "Surel")
        ),
    ],
    ids=["utf-8", "bom", "cp1252", "utf-16", "le", "be", "crlf", "tab", "comma", "xlsx"],
)
def test_same_list_in_every_shape(content: bytes) -> None:
    table = open_table(io.BytesIO(content))
    assert table.header == ["Nama", "Surel"]
    assert [(row.line, list(row.cells), row.fault) for row in table.rows] == [
        (2, ["Dédé Yusüf", "dede@example.id"], None),
        (4, ["Siti", "siti@example.id"], None),
    ]


def test_broken_bytes_spoil_their_line_only() -> None:
    content = "Nama,Surel\nDédé,a@example.id\n".encode() + b"D\xe9d\xe9,b@example.id\nSiti,c@example.id\n"
    assert [row.fault for row in rows(content)] == [None, NOT_READABLE, None]
    assert rows(content)[1].values == {"encoding": "UTF-8"}


def test_faults_of_lines() -> None:
    long = "x" * 1001
    content = f'Nama,Surel\na,b,c\n"a"b,c\n{long},c\n"a,b\n'.encode()
    assert [row.fault for row in rows(content)] == [
        TOO_MANY_CELLS,
        NOT_A_CSV_LINE,
        LONG_CELL,
        NOT_A_CSV_LINE,
    ]


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/sheet", "w") as entry:
        for _ in range(257):
            entry.write(bytes(1024 * 1024))
    return made.getvalue()


def laughs() -> bytes:
    """Return a workbook whose list of texts would grow a thousand times in memory."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx([("a", "b")]))) as good, zipfile.ZipFile(made, "w") as packed:
        for name in good.namelist():
            content = good.read(name)
            if name == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
            packed.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", NO_HEADER),
        (b"\n\n", NO_HEADER),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_EXCEL),
        (b"PK\x03\x04 and no more", BROKEN_XLSX),
        (b"a\0b,c\n", NOT_A_TABLE),
        (bomb(), TOO_BIG_INSIDE),
        (laughs(), BROKEN_XLSX),
        (as_xlsx([("a", "b")])[:-200], BROKEN_XLSX),
    ],
    ids=["empty", "blank", "old", "torn", "binary", "bomb", "entities", "cut"],
)
def test_what_is_no_list_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        rows(content)
    assert refused.value.message == reason


def test_formula_is_never_evaluated() -> None:
    content = as_xlsx([("=1+1", "a@example.id"), ("Siti", "b@example.id")], header=("Nama", "Surel"))
    first, second = rows(content)
    assert (first.fault, first.values) == (A_FORMULA, {"column": 1})
    assert second.fault is None


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-x", "@SUM(A1)"])
def test_text_like_a_formula_is_refused_and_never_given_out_as_one(cell: str) -> None:
    with pytest.raises(RefusedError) as refused:
        said_by({"name": 0}, [cell])
    assert refused.value.message == LIKE_A_FORMULA
    assert harmless(cell) == f"'{cell}"


def test_numbers_are_no_formulas() -> None:
    assert said_by({"lat": 0, "lon": 1, "name": 2}, ["-7.42", "+109,25", " "]) == {
        "lat": "-7.42",
        "lon": "+109,25",
    }
    assert harmless("-7.42") == "-7.42"


def test_columns_are_guessed_by_their_names() -> None:
    header = ["No", "NAMA LENGKAP", "E-Mail", "Satker", "Jabatan", "T.M.T", "nama lengkap"]
    assert guess(FIELDS, header) == {"email": 2, "name": 1, "facility": 3, "post": 4}
    assert doubled(header) == ["nama lengkap"]
