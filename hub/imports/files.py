"""Read a CSV or XLSX file row by row, within bounds, and say line by line what cannot be read.

Nothing in a file is ever evaluated: a formula in a cell is a fault of its line.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from hub.errors import Invalid
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openpyxl import Workbook

MOST_COLUMNS: Final = 60
LONGEST_CELL: Final = 1000
MOST_UNPACKED: Final = 256 * 1024 * 1024
"""Bytes that an XLSX file may unpack to; its sheet is read as a stream."""
MOST_SHARED: Final = 48 * 1024 * 1024
"""Bytes of the texts that its cells share, which are held in memory."""
MOST_ENTRIES: Final = 1000
PIECE: Final = 1024 * 1024
DELIMITERS: Final = ",;\t|"
BROKEN: Final = re.compile("[\udc80-\udcff]")
LETTER: Final = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")
LOST: Final = "\ufffd"
"""Stands where a byte could not be read."""

BROKEN_BOOK: Final = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    DefusedXmlException,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    SyntaxError,  # what XML parsers raise is one
    EOFError,
)
"""What reading a damaged or malicious workbook raises, all over the libraries below."""

NOT_A_TABLE = lazy("This is neither a CSV nor an XLSX file.")
OLD_EXCEL = lazy("This is an old Excel file, or one locked by a password. Save it as XLSX or CSV.")
BROKEN_XLSX = lazy("This XLSX file is damaged: it cannot be opened.")
TOO_BIG_INSIDE = lazy("This XLSX file unpacks to more than the hub reads.")
NO_HEADER = lazy("The first line must name the columns.")
TOO_MANY_COLUMNS = lazy("The file has more than %(most)s columns.")
NOT_READABLE = lazy("The line holds characters that are no %(encoding)s.")
NOT_A_CSV_LINE = lazy("The line is no well-formed CSV: look for a quotation mark that is not closed.")
TOO_MANY_CELLS = lazy("The line has %(cells)s cells under %(columns)s columns.")
LONG_CELL = lazy("A cell is longer than %(longest)s characters.")
A_FORMULA = lazy("Column %(column)s holds a formula. Put its value there instead.")
AN_ERROR = lazy("Column %(column)s holds an error of Excel.")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: its cells, or why they cannot be taken."""

    line: int
    cells: Sequence[str]
    fault: str | None = None
    values: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A file that has been opened: the names of its columns and its rows, which can be read once.

    ``about`` is how many rows it seems to have, for a bar of progress only.
    """

    header: Sequence[str]
    rows: Iterator[Row]
    about: int


def open_table(source: IO[bytes]) -> Table:
    """Open a file at its beginning. Raises Invalid for what is no table, or one beyond the bounds."""
    source.seek(0)
    start = source.read(8)
    source.seek(0)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid(OLD_EXCEL)
    if start.startswith(b"PK\x03\x04"):
        book = _open_book(source)
        rows, about = _xlsx_rows(book), book.worksheets[0].max_row or 0
    else:
        encoding, about = look_through(source)
        rows = _csv_rows(source, encoding)
    first = next(rows, None)
    if first is None or first.fault is not None or not any(cell.strip() for cell in first.cells):
        raise Invalid(first.fault if first and first.fault else NO_HEADER, **((first and first.values) or {}))
    header = [cell.strip()[:100] for cell in _trimmed(first.cells)]
    if len(header) > MOST_COLUMNS:
        raise Invalid(TOO_MANY_COLUMNS, most=MOST_COLUMNS)
    return Table(header, _fitting(rows, len(header)), max(about - 1, 0))


def look_through(source: IO[bytes]) -> tuple[str, int]:
    """Return the encoding of a CSV file and how many lines it has: by its mark, else UTF-8 or cp1252.

    A file with letters in UTF-8 and a few broken bytes is UTF-8, so that only the lines with these are
    refused. Raises Invalid for what is no text.
    """
    source.seek(0)
    start = source.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        lines = source.read().count(b"\n")
        return "utf-16", lines
    source.seek(0)
    lines = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    has_letters = has_broken = has_nul = False
    while piece := source.read(PIECE):
        lines += piece.count(b"\n")
        has_nul = has_nul or b"\0" in piece
        decoded = decoder.decode(piece)
        if not decoded.isascii():
            has_broken = has_broken or BROKEN.search(decoded) is not None
            has_letters = has_letters or LETTER.search(decoded) is not None
    if has_nul:
        raise Invalid(NOT_A_TABLE)
    return "cp1252" if has_broken and not has_letters else "utf-8-sig", lines


def _csv_rows(source: IO[bytes], encoding: str) -> Iterator[Row]:
    source.seek(0)
    text = io.TextIOWrapper(source, encoding=encoding, errors="replace", newline="")
    first = text.readline(LONGEST_CELL * MOST_COLUMNS)
    delimiter = max(DELIMITERS, key=first.count)
    text.seek(0)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(reader.line_num, (), NOT_A_CSV_LINE)
            continue
        if any(LOST in cell for cell in cells):
            shown = {"encoding": encoding.removesuffix("-sig").upper()}
            yield Row(reader.line_num, cells, NOT_READABLE, shown)
        else:
            yield Row(reader.line_num, cells)


def _open_book(source: IO[bytes]) -> Workbook:
    _demand_bounded(source)
    source.seek(0)
    try:
        book = load_workbook(source, read_only=True, data_only=False, keep_links=False)
    except BROKEN_BOOK as error:
        raise Invalid(BROKEN_XLSX) from error
    if not book.worksheets:
        raise Invalid(NO_HEADER)
    return book


def _xlsx_rows(book: Workbook) -> Iterator[Row]:
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    try:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            yield _xlsx_row(number, cells)
    except BROKEN_BOOK as error:
        raise Invalid(BROKEN_XLSX) from error


def _demand_bounded(source: IO[bytes]) -> None:
    """Raise Invalid for what unpacks to too much: no more than an entry's said size is ever unpacked."""
    try:
        with zipfile.ZipFile(source) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Invalid(BROKEN_XLSX) from error
    shared = sum(one.file_size for one in entries if "sharedstrings" in one.filename.lower())
    total = sum(one.file_size for one in entries)
    if len(entries) > MOST_ENTRIES or total > MOST_UNPACKED or shared > MOST_SHARED:
        raise Invalid(TOO_BIG_INSIDE)
    if not any(one.filename.startswith("xl/") for one in entries):
        raise Invalid(NOT_A_TABLE)


def _xlsx_row(number: int, cells: Sequence[Any]) -> Row:
    texts: list[str] = []
    fault: str | None = None
    column = 0
    for place, cell in enumerate(cells[: MOST_COLUMNS + 1], start=1):
        kind = getattr(cell, "data_type", "n")
        if kind in ("f", "e") and fault is None:
            fault, column = (A_FORMULA if kind == "f" else AN_ERROR), place
        texts.append(_text(cell.value))
    return Row(number, texts, fault, {"column": column} if fault else None)


def _text(value: object) -> str:
    """Return a cell's value as it would stand in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _trimmed(cells: Sequence[str]) -> Sequence[str]:
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _fitting(rows: Iterator[Row], width: int) -> Iterator[Row]:
    """Yield the rows that hold something, each with as many cells as there are columns."""
    for row in rows:
        cells = _trimmed(row.cells)
        if not cells and row.fault is None:
            continue
        if row.fault is not None:
            short = [cell[:LONGEST_CELL] for cell in cells[:width]]
            yield Row(row.line, short, row.fault, row.values)
        elif len(cells) > width:
            values = {"cells": len(cells), "columns": width}
            yield Row(row.line, [cell[:LONGEST_CELL] for cell in cells[:width]], TOO_MANY_CELLS, values)
        elif any(len(cell) > LONGEST_CELL for cell in cells):
            short = [cell[:LONGEST_CELL] for cell in cells]
            yield Row(row.line, short, LONG_CELL, {"longest": LONGEST_CELL})
        else:
            yield Row(row.line, [*cells, *[""] * (width - len(cells))])
