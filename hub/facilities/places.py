"""Provinces and regencies of Indonesia and the time zone of each province.

Names and codes: cahyadsn/wilayah, MIT (Kepmendagri 300.2.2-2138/2025); zones checked against GeoNames.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent / "data"
IN_FULL = {
    "Daerah Istimewa Yogyakarta": "D.I. Yogyakarta",
    "Daerah Khusus Ibukota Jakarta": "DKI Jakarta",
}
"""Provinces that lists write in two ways, and how the registry does."""


class Regency(NamedTuple):
    """A regency or city: its code (``33.03``), its name (``Kabupaten Purbalingga``), its province."""

    code: str
    name: str
    province: str


@lru_cache(maxsize=1)
def province_zones() -> dict[str, str]:
    """Return the zone (IANA) of each province, by the province's name as the registry writes it."""
    with (DATA / "provinces.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["iana_timezone"] for row in csv.DictReader(file)}


def zone_of(province: str) -> str | None:
    """Return the zone of a province, in either spelling; None for what is no province."""
    return province_zones().get(IN_FULL.get(province, province))


@lru_cache(maxsize=1)
def regencies() -> dict[str, Regency]:
    """Return every regency and city by its code, province by province."""
    with (DATA / "regencies.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: Regency(**row) for row in csv.DictReader(file)}
