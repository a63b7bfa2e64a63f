"""Read a list of facilities (CSV) into rows that can be imported, and the rest into reasons.

A list says what it knows: an empty cell or a missing column leaves what the registry has.
Columns: ``name``, ``kind``, ``iana_timezone`` are needed; ``speciality``, ``class``, ``city``,
``regency_code``, ``province``, ``kanwil``, ``lat``, ``lon``, ``mailbox``, ``former_name`` may be
there; others are ignored.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hub.errors import Invalid
from hub.facilities.addresses import InvalidAddressError, clean_address
from hub.facilities.models import KINDS, UNIT_KINDS, ZONES
from hub.texts.plain import UnacceptableTextError, clean_text, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SHIPPED = tuple(Path(__file__).parent / "data" / name for name in ("kanwil.csv", "facilities.csv"))
"""The lists that come with the hub: regional offices, then the units they watch over."""

NEEDED = ("name", "kind", "iana_timezone")
COLUMNS = (
    *NEEDED,
    *("speciality", "class", "city", "regency_code", "province", "kanwil", "lat", "lon", "mailbox"),
    "former_name",
)
LARGEST = 8 * 1024 * 1024
"""Bytes in a list; the whole country is 0.1 MB."""
LONGEST_NAME = 200
OTHER_SPELLINGS = {"rumah_sakit": "rs"}
DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,10})?")
INDONESIA = {"lat": (-11.5, 6.5), "lon": (94.5, 141.5)}
"""Degrees within which every town of the country lies; swapped columns fall outside."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that was not taken, and why."""

    source: str
    line: int
    name: str
    reason: str
    #: Somebody who knows the unit could say which is meant.
    is_ambiguous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFacility:
    """A line of a list, checked by itself; whether it fits the registry is not known yet."""

    source: str
    line: int
    name: str
    kind: str
    iana_zone: str
    speciality: str | None = None
    class_: str | None = None
    city: str | None = None
    regency_code: str | None = None
    province: str | None = None
    #: The regional office by any of its names; needed for a unit.
    region: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    mailbox: str | None = None
    #: What the facility was called until now, when the list renames it.
    former_name: str | None = None

    def reject(self, reason: str, *, is_ambiguous: bool = False) -> Rejection:
        """Return this line as one that was not taken."""
        return Rejection(self.source, self.line, self.name, reason, is_ambiguous)


@dataclass(frozen=True, slots=True)
class FacilityList:
    """What a list holds: the good lines and the bad ones.

    Of a list that is read in pieces, ``others`` are the folded names in the pieces before, and ``offices``
    those of them that are regional offices to be added.
    """

    facilities: tuple[ListedFacility, ...]
    rejected: tuple[Rejection, ...]
    others: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()


class _BadCellError(ValueError):
    """A cell cannot be taken; the text says why."""


def read_lists(paths: Iterable[Path]) -> FacilityList:
    """Return the lists in these files as one; a name may stand in them once.

    Raises Invalid when a file is no such list at all; OSError when it cannot be read.
    """
    facilities: list[ListedFacility] = []
    rejected: list[Rejection] = []
    seen: dict[str, str] = {}
    for path in paths:
        for item in _read(path.read_bytes(), source=path.name):
            if isinstance(item, Rejection):
                rejected.append(item)
            elif first := seen.get(fold(item.name)):
                rejected.append(item.reject(f"the same name as in {first}"))
            else:
                seen[fold(item.name)] = f"{item.source} line {item.line}"
                facilities.append(item)
    return FacilityList(tuple(facilities), tuple(rejected))


def read_row(said: Mapping[str, str], *, source: str, line: int) -> ListedFacility | Rejection:
    """Return what a row says, by the names of COLUMNS, or why it cannot be taken."""
    try:
        return _facility({name: said.get(name) for name in COLUMNS}, source=source, line=line)
    except _BadCellError as error:
        return Rejection(source, line, said.get("name", ""), str(error))


def _read(content: bytes, *, source: str) -> Iterable[ListedFacility | Rejection]:
    if len(content) > LARGEST:
        raise Invalid("%(source)s is larger than %(megabytes)s MB.", source=source, megabytes=LARGEST >> 20)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            "%(source)s is not UTF-8 (byte %(place)s).", source=source, place=error.start
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        _check_header(header, source)
        for cells in reader:
            if cells:
                yield _line(header, cells, source=source, line=reader.line_num)
    except csv.Error as error:
        raise Invalid(
            "%(source)s line %(line)s: %(reason)s.", source=source, line=reader.line_num, reason=error
        ) from error


def _check_header(header: Sequence[str], source: str) -> None:
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise Invalid("%(source)s lacks the column(s) %(names)s.", source=source, names=", ".join(missing))
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled:
        raise Invalid("%(source)s has %(names)s twice.", source=source, names=", ".join(doubled))


def _line(
    header: Sequence[str], cells: Sequence[str], *, source: str, line: int
) -> ListedFacility | Rejection:
    # The label is for a person's eyes: whatever stands in a bad line must not reach a terminal as it is.
    label = "".join(sign for sign in cells[0][:60] if sign.isprintable())
    if len(cells) != len(header):
        return Rejection(source, line, label, f"{len(cells)} cells under {len(header)} columns")
    try:
        row = {name: _cell(name, cell) for name, cell in zip(header, cells, strict=True) if name}
        return _facility(row, source=source, line=line)
    except _BadCellError as error:
        return Rejection(source, line, label, str(error))


def _cell(name: str, cell: str) -> str | None:
    try:
        return clean_text(cell, longest=LONGEST_NAME) or None
    except UnacceptableTextError as error:
        raise _BadCellError(f"{name}: {error}") from error


def _facility(row: dict[str, str | None], *, source: str, line: int) -> ListedFacility:
    name = row["name"]
    if not name or not fold(name):
        raise _BadCellError("no name")
    kind = _choice(row, "kind", KINDS)
    region = row.get("kanwil")
    if kind in UNIT_KINDS and not region:
        raise _BadCellError("kanwil: a unit needs its regional office")
    if kind in ("kanwil", "ditjenpas") and region:
        raise _BadCellError(f"kanwil: a {kind} has no regional office above it")
    latitude, longitude = _degrees(row, "lat"), _degrees(row, "lon")
    if (latitude is None) != (longitude is None):
        raise _BadCellError("lat and lon go together")
    return ListedFacility(
        source=source,
        line=line,
        name=name,
        kind=kind,
        iana_zone=_choice(row, "iana_timezone", ZONES),
        speciality=row.get("speciality"),
        class_=row.get("class"),
        city=row.get("city"),
        regency_code=row.get("regency_code"),
        province=row.get("province"),
        region=region,
        latitude=latitude,
        longitude=longitude,
        mailbox=_address(row),
        former_name=row.get("former_name"),
    )


def _choice(row: dict[str, str | None], name: str, choices: Sequence[str]) -> str:
    value = row[name] or ""
    value = OTHER_SPELLINGS.get(value, value)
    if value not in choices:
        raise _BadCellError(f"{name}: {value!r} is none of {', '.join(choices)}")
    return value


def _degrees(row: dict[str, str | None], name: str) -> float | None:
    value = row.get(name)
    if value is None:
        return None
    if not DEGREES.fullmatch(value):
        raise _BadCellError(f"{name}: {value!r} is no number of degrees")
    low, high = INDONESIA[name]
    if not low <= float(value) <= high:
        raise _BadCellError(f"{name}: {value} lies outside Indonesia")
    return float(value)


def _address(row: dict[str, str | None]) -> str | None:
    value = row.get("mailbox")
    if value is None:
        return None
    try:
        return clean_address(value)
    except InvalidAddressError as error:
        raise _BadCellError(f"mailbox: {error}") from error
