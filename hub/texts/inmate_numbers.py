"""Find identity numbers and numbers of the registers of inmates in a text: the guard's first half."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

NumberKind: TypeAlias = Literal["identity-number", "register-number"]

PROVINCES = frozenset(
    (
        *range(11, 20),
        21,
        *range(31, 37),
        *range(51, 54),
        *range(61, 66),
        *range(71, 77),
        81,
        82,
        *range(91, 98),
    )
)
LAST_DAY, LAST_MONTH = 31, 12
ADDED_FOR_WOMEN = 40
# Sixteen digits as people write them: at once, 6-6-4, in fours, or with the dots of the old forms.
SIXTEEN = re.compile(
    r"(?<![\d.,/-])(?:\d{16}|\d{6}[ .-]\d{6}[ .-]\d{4}|\d{4}(?:[ .-]\d{4}){3}|\d\d(?:[. -]\d\d){2}[. -]\d{6}"
    r"[. -]\d{4}|\d\d(?:[. -]\d\d){5}[. -]\d{4})(?!\d|[.,/-]\d)"
)
# Whoever writes NIK or KTP before it means it, also when a digit is missing or hidden.
SAID_TO_BE_NIK = re.compile(
    r"\b(?:NIK|N\.I\.K\.?|KTP|nomor induk kependudukan)(?:[ \t]{0,3}(?:no|nomor|nya|wbp|:|=|\.|"
    r"-)){0,3}[ \t]{0,3}"
    r"\d(?:[ .-]?[\dxX*#]){7,19}",
    re.IGNORECASE,
)
# The register of detainees (A.I to A.V) and convicts (B.I, B.IIa, B.IIb, B.III, B.IIIs): "BI.123/2024".
REGISTER = re.compile(
    r"(?<![A-Za-z0-9/])(?<![A-Z0-9]\.)[AB][ .]?(?:III|II|IV|I|V)[ .]?(?:[abs]\b)?[ ./:-]{0,3}(?:No\.?[ ]?)?"
    r"\d{1,5}[ ]?/[ ]?(?:[A-Z]{1,6}[ ]?/[ ]?)?(?:(?:19|20)\d\d|\d\d)(?!\d)"
)
REGISTER_SMALL = re.compile(
    r"(?<![a-z0-9./-])[ab]\.?(?:iii|ii|iv|i|v)[ab]?[ .-]?\d{1,5}/(?:(?:19|20)\d\d|\d\d)(?!\d)"
)
# "No. Reg. 123", "nomor register B.I 4/2023", "reg. no. 77/2024".
SAID_TO_BE_REGISTER = re.compile(
    r"\b(?:(?:no|nomor|nmr)\b[. ]{0,3}(?:induk[ ]|urut[ ])?reg(?:ister|istrasi)?\b|"
    r"reg(?:ister)?\b[. ]{0,3}(?:no|nomor)\b|register|reg\.)"
    r"(?P<of>[ ./]{0,3}(?:instansi|wbp|narapidana|napi|tahanan|warga binaan|litmas|klien|perkara|pidana|"
    r"lapas|rutan)){0,2}"
    r"[ .:=/]{0,4}(?P<number>[A-Z]{0,3}[ .]?[IV]{0,3}[abs]?[ ./-]{0,2}\d[\d./ -]{0,14})",
    re.IGNORECASE,
)
# What else has a register: before it, or after it.
OTHER_REGISTERS = re.compile(
    r"\b(?:surat|sertifikat\w*|kendaraan|mobil|motor|aset|inventaris|barang|akreditasi|perjanjian|vaksin|"
    r"STR|SIP|izin|"
    r"ijin|lembaga|LPK|yayasan|halal|merek|BPOM|P-?IRT|PIRT|pelatihan|bibit|ternak|sapi|benih|buku|"
    r"perpustakaan|"
    r"peserta|tanah|hak cipta|paten|NPSN|akta|CPU|BMN|alat|SPPT|koperasi|badan hukum|SKP|notaris|arsip)\b",
    re.IGNORECASE,
)
NEAR = 45


def numbers_in(text: str) -> Iterator[tuple[NumberKind, int, int]]:
    """Return the kind and place of every number that may tell who is in custody."""
    for match in SIXTEEN.finditer(text):
        if _is_plausible([int(sign) for sign in match[0] if sign.isdecimal()]):
            yield ("identity-number", match.start(), match.end())
    for match in SAID_TO_BE_NIK.finditer(text):
        yield ("identity-number", match.start(), match.end())
    for pattern in (REGISTER, REGISTER_SMALL):
        for match in pattern.finditer(text):
            yield ("register-number", match.start(), match.end())
    for match in SAID_TO_BE_REGISTER.finditer(text):
        around = text[max(0, match.start() - NEAR) : match.end() + NEAR]
        if match["of"] or not OTHER_REGISTERS.search(around):
            yield ("register-number", match.start(), match.end())


def _is_plausible(digits: list[int]) -> bool:
    """Return whether sixteen digits can be a NIK: province, regency, district, birthday, a running number."""
    pairs = [digits[place] * 10 + digits[place + 1] for place in range(0, 12, 2)]
    province, regency, district, day, month, _year = pairs
    day = day - ADDED_FOR_WOMEN if day > ADDED_FOR_WOMEN else day
    return (
        province in PROVINCES
        and regency > 0
        and district > 0
        and 1 <= day <= LAST_DAY
        and 1 <= month <= LAST_MONTH
        and any(digits[12:])
    )
