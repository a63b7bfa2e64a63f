"""Other names follow from the official one."""

from __future__ import annotations

import pytest

from hub.facilities.names import other_names, short_name


@pytest.mark.parametrize(
    ("official", "expected"),
    [
        (
            "Lapas Kelas IIA Purwokerto",
            {"Lapas Purwokerto", "LP Purwokerto"},
        ),
        ("Rutan Kelas IIB Purbalingga", {"Rutan Purbalingga", "Rumah Tahanan Negara Kelas IIB Purbalingga"}),
        ("Lapas Perempuan Kelas IIA Semarang", {"Lapas Perempuan Semarang", "LPP Semarang"}),
        ("Lapas Narkotika Kelas IIB Purwokerto", {"LPN Purwokerto"}),
        ("Bapas Kelas II Purwokerto", {"Bapas Purwokerto", "Balai Pemasyarakatan Kelas II Purwokerto"}),
        ("LPKA Kelas I Tangerang", {"LPKA Tangerang", "Lembaga Pembinaan Khusus Anak Tangerang"}),
        ("Kanwil Ditjenpas Jawa Tengah", {"Kanwil Jawa Tengah", "Kanwil Ditjenpas Jateng", "Kanwil Jateng"}),
        ("Kanwil Ditjenpas Bali", {"Kanwil Bali"}),
    ],
)
def test_other_names_include_what_people_write(official: str, expected: set[str]) -> None:
    names = other_names(official)
    assert expected <= {name.name for name in names}
    assert len({name.name for name in names} | {official}) == len(names) + 1
    assert {name.kind for name in names} <= {"alias", "abbreviation"}


@pytest.mark.parametrize(
    "official", ["RSU Pengayoman Cipinang", "Puskesmas Bojong", "Lapas Kelas IV Uji", ""]
)
def test_other_names_of_another_shape_are_none(official: str) -> None:
    assert other_names(official) == ()
    assert short_name(official) is None
