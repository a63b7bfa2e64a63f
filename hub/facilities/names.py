"""Derive the other names of a facility from its official one, by simple rules.

People write "Rutan Purbalingga" or "LP Purwokerto" where the list says "Rutan Kelas IIB Purbalingga"
or "Lapas Kelas IIA Purwokerto"; all of these must lead to the same unit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

CLASSED = re.compile(
    r"(?P<kind>Lapas|Rutan|Bapas|LPKA)(?: (?P<speciality>[A-Z][a-z]+))?"
    r" Kelas (?P<class>I{1,3}[AB]?) (?P<place>.+)"
)
"""``Lapas Perempuan Kelas IIA Semarang``: kind, speciality, class, place."""

REGION = re.compile(r"Kanwil Ditjenpas (?P<place>.+)")

SPELLED_OUT = {
    "Lapas": "Lembaga Pemasyarakatan",
    "Rutan": "Rumah Tahanan Negara",
    "Bapas": "Balai Pemasyarakatan",
    "LPKA": "Lembaga Pembinaan Khusus Anak",
}
INITIALS = {
    ("Lapas", None): "LP",
    ("Lapas", "Perempuan"): "LPP",
    ("Lapas", "Narkotika"): "LPN",
}
"""Initials in daily use, by kind and speciality."""

SHORT_PROVINCES = {
    "D.I. Yogyakarta": "DIY",
    "DKI Jakarta": "DKI",
    "Jawa Barat": "Jabar",
    "Jawa Tengah": "Jateng",
    "Jawa Timur": "Jatim",
    "Kalimantan Barat": "Kalbar",
    "Kalimantan Selatan": "Kalsel",
    "Kalimantan Tengah": "Kalteng",
    "Kalimantan Timur": "Kaltim",
    "Kepulauan Bangka Belitung": "Babel",
    "Kepulauan Riau": "Kepri",
    "Maluku Utara": "Malut",
    "Nusa Tenggara Barat": "NTB",
    "Nusa Tenggara Timur": "NTT",
    "Sulawesi Barat": "Sulbar",
    "Sulawesi Selatan": "Sulsel",
    "Sulawesi Tengah": "Sulteng",
    "Sulawesi Tenggara": "Sultra",
    "Sulawesi Utara": "Sulut",
    "Sumatera Barat": "Sumbar",
    "Sumatera Selatan": "Sumsel",
    "Sumatera Utara": "Sumut",
}
"""How regional offices are called in their own letters and news."""


class OtherName(NamedTuple):
    """A name beside the official one; ``kind`` is one of hub.facilities.models.NAME_KINDS."""

    name: str
    kind: str


def short_name(official: str) -> str | None:
    """Return the name without its class, ``Lapas Purwokerto``; None for a name of another shape.

    Two units may share it: there are a Lapas Kelas I and a Lapas Kelas IIA in Tangerang.
    """
    parts = CLASSED.fullmatch(official)
    return None if parts is None else _joined(parts["kind"], parts["speciality"], parts["place"])


def other_names(official: str) -> tuple[OtherName, ...]:
    """Return the aliases and abbreviations that follow from an official name; none for an unknown shape."""
    return tuple(_derived(official))


def _derived(official: str) -> Iterator[OtherName]:
    if parts := CLASSED.fullmatch(official):
        kind, speciality, place = parts["kind"], parts["speciality"], parts["place"]
        spelled, class_ = SPELLED_OUT[kind], f"Kelas {parts['class']}"
        yield OtherName(_joined(kind, speciality, place), "abbreviation")
        if initials := INITIALS.get((kind, speciality)):
            yield OtherName(_joined(initials, place), "abbreviation")
        yield OtherName(_joined(spelled, speciality, class_, place), "alias")
        yield OtherName(_joined(spelled, speciality, place), "alias")
    elif parts := REGION.fullmatch(official):
        place = parts["place"]
        yield OtherName(f"Kanwil {place}", "abbreviation")
        if short := SHORT_PROVINCES.get(place):
            yield OtherName(f"Kanwil Ditjenpas {short}", "abbreviation")
            yield OtherName(f"Kanwil {short}", "abbreviation")
        yield OtherName(f"Kantor Wilayah Direktorat Jenderal Pemasyarakatan {place}", "alias")


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)
