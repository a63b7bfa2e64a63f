"""What looks like somebody's identity in free text, and what only looks like numbers."""

from __future__ import annotations

import pytest

from hub.texts.personal import looks_personal


@pytest.mark.parametrize(
    "text",
    [
        "NIK 3303121234560001",
        "nik 330312 123456 0001",
        "33.03.12.123456.0001",
        "3303 1212 3456 0001",
        "Register B.I 12/2024",
        "BIIa 7/2023",
        "A.III. 101/2024",
        "No. Reg. 45",
        "WBP a.n. Fulan",
        "narapidana bernama Fulan",
        "warga binaan berinisial F",
        "an inmate named John",
        "tahanan atas nama Fulan",
        "surat a.n. Fulan",
    ],
)
def test_identities_are_noticed(text: str) -> None:
    assert looks_personal(f"Kami melihat {text} di sana.")


@pytest.mark.parametrize(
    "text",
    [
        "20 peserta rehabilitasi",
        "2024-11-28 09.00-12.00",
        "Kamis, 28 November 2024 pukul 09.00–12.00 WIB",
        "123.557 kg panen pada 15 Januari 2026",
        "Telepon 0281 636 001 atau 0812-3456-7890",
        "Surat W13.PAS.PAS24-PK.05.09-1234/2024",
        "Lapas Kelas IIA Purwokerto dan Rutan Kelas IIB Purbalingga",
        "Perpres 21/2023 dan Permenkumham 12/2017",
        "warga binaan dan petugas",
        "",
    ],
)
def test_numbers_and_names_of_units_are_not(text: str) -> None:
    assert not looks_personal(text)
