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
ONSETS = re.compile(r"[bcdfghjklmnpqrstvwxyz](?=[aeiou])")
"""The consonant that a syllable begins with: p, w, k, t of purwokerto."""
CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxyz]")
CODE_LETTERS = 3
TOWN_CODES = {
    "Balikpapan": "BPP",
    "Bandar Lampung": "BDL",
    "Banjarmasin": "BJM",
    "Banyumas": "BMS",
    "Cirebon": "CRB",
    "Denpasar": "DPS",
    "Jakarta": "JKT",
    "Makassar": "MKS",
    "Nusakambangan": "NK",
    "Palembang": "PLB",
    "Pekanbaru": "PKU",
    "Purwakarta": "PWK",
    "Surabaya": "SBY",
    "Surakarta": "SKA",
    "Tangerang": "TGR",
    "Yogyakarta": "YK",
}
"""Codes in daily use that do not follow the rule of ``town_code``."""
TOWN_NICKNAMES = {
    "Surakarta": ("Solo",),
    "Yogyakarta": ("Jogja", "Jogjakarta"),
    "Pematang Siantar": ("Siantar",),
    "Makassar": ("Ujung Pandang",),
}
"""What people call a town, or called it, beside its name."""
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


def town_code(place: str) -> str | None:
    """Return the short code that people write for a town: ``PWT``, ``PBG``; None where none can be made.

    The first letter and the beginnings of the second and the last syllable; in a town of less than four
    syllables the last consonant instead of the last beginning: ``CLP``, ``SMG``. Of two words, the first
    gives two letters and the second one.
    """
    if place in TOWN_CODES:
        return TOWN_CODES[place]
    words = place.lower().replace("-", " ").split()
    if not words or not all(word.isascii() and word.isalpha() for word in words):
        return None
    first, *others = words
    onsets = ONSETS.findall(first)
    inner = [*onsets[(1 if onsets[:1] == [first[0]] else 0) :], *CONSONANTS.findall(first[1:])[-1:]]
    ending = onsets[-1] if len(onsets) > CODE_LETTERS else "".join(inner[1:][-1:])
    code = first[0] + "".join(inner[:1]) + (others[0][0] if others else ending)
    return code.upper() if len(code) == CODE_LETTERS else None


def other_names(official: str) -> tuple[OtherName, ...]:
    """Return the aliases and abbreviations that follow from an official name; none for an unknown shape."""
    return tuple(_derived(official))


def _derived(official: str) -> Iterator[OtherName]:
    if parts := CLASSED.fullmatch(official):
        kind, speciality, place = parts["kind"], parts["speciality"], parts["place"]
        spelled, class_ = SPELLED_OUT[kind], f"Kelas {parts['class']}"
        initials = INITIALS.get((kind, speciality))
        yield OtherName(_joined(kind, speciality, place), "abbreviation")
        if initials:
            yield OtherName(_joined(initials, place), "abbreviation")
        if code := town_code(place):
            yield OtherName(_joined(initials or _joined(kind, speciality), code), "abbreviation")
        for town in TOWN_NICKNAMES.get(place, ()):
            yield OtherName(_joined(kind, speciality, town), "alias")
        yield OtherName(_joined(spelled, speciality, class_, place), "alias")
        yield OtherName(_joined(spelled, speciality, place), "alias")
    elif parts := REGION.fullmatch(official):
        place = parts["place"]
        yield OtherName(f"Kanwil {place}", "abbreviation")
        # The office of the ministry that was parted in 2024: old letters and news have this name.
        yield OtherName(f"Kanwil Kemenkumham {place}", "alias")
        if short := SHORT_PROVINCES.get(place):
            yield OtherName(f"Kanwil Ditjenpas {short}", "abbreviation")
            yield OtherName(f"Kanwil {short}", "abbreviation")
        yield OtherName(f"Kantor Wilayah Direktorat Jenderal Pemasyarakatan {place}", "alias")


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)
