"""Find what seems to name somebody in custody in a text: the guard's second half.

Patterns find the places, lists of words decide there: a name is told from a unit, a place or a group by
what introduces it, by a given name, or by an age or a case beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hub.texts.inmate_words import GIVEN_NAMES, NOT_NAMES, OFFICES

if TYPE_CHECKING:
    from collections.abc import Iterator

AHEAD = 120
"""Characters after a word such as "WBP" in which a name is looked for."""
NEAR = 45
"""Characters before it in which a group is looked for that bears the name."""

IN_CUSTODY = re.compile(
    r"\b(?:(?:eks|mantan|ex)[- ]?)?(?:WBP|warga[ ]binaan(?:[ ]pemasyarakatan)?|narapidana|napiter|napi|"
    r"tahanan|terpidana|"
    r"terdakwa|tersangka|andikpas|andik|anak[ ](?:binaan|didik(?:[ ]pemasyarakatan)?|"
    r"berhadapan[ ]dengan[ ]hukum)|ABH|"
    r"klien(?:[ ](?:bapas|pemasyarakatan|anak|dewasa))?|residen|residivis|penghuni[ ](?:lapas|rutan|blok|"
    r"kamar)|"
    r"inmates?|prisoners?|detainees?|convicts?)\b",
    re.IGNORECASE,
)
# What is done for or with one of them: "remisi a.n. …".
ABOUT_CUSTODY = re.compile(
    r"\b(?:remisi|asimilasi|pembebasan bersyarat|cuti (?:bersyarat|menjelang bebas|mengunjungi keluarga)|"
    r"PB|CB|CMB|litmas|"
    r"penelitian kemasyarakatan|pemindahan|dipindahkan|pelarian|melarikan diri|kabur|sidang TPP|"
    r"assessment|asesmen|"
    r"strap sel|sel isolasi|register F|vonis|divonis|pasal \d{2,3}|kasus|perkara|eksekusi|titipan|"
    r"penahanan|bebas murni|"
    r"peserta (?:rehab\w*|rehabilitasi)|pengguna narkoba|rawat inap|berkelahi|meninggal)\b",
    re.IGNORECASE,
)
WORD = r"[^\W\d_][^\W\d_'’-]{0,24}"
CAPITAL = r"(?:[A-Z][^\W\d_'’]{0,24}(?:['’-][^\W\d_]{1,20})?\.?|[A-Z](?:\.[ ]?[A-Z]){1,3}\.?)"
NAME = re.compile(rf"{CAPITAL}(?:[ ](?:(?:bin|binti|van|al)[ ])?{CAPITAL}){{0,4}}")
# Up to six words may stand between, unless they bring in somebody else: "WBP dilatih oleh Sdr. …".
INTRODUCED = re.compile(
    r"[ ,(\"“-]{0,3}"
    r"(?:(?!(?:dan|serta|tanpa|oleh|di?latih|dipandu|dibina|dibimbing|dipimpin|didampingi|diajar|petugas|"
    r"instruktur|"
    r"pelatih|pembimbing|bersama|dari|kepada|guru|penyuluh|ustaz|menurut|melalui|mitra|untuk|dibuka|by|"
    r"from|and)\b)"
    r"\w[\w'’-]{0,24}[ ,(-]{1,3}){0,6}?"
    r"(?P<by>a\.[ ]?n\b\.?|(?i:an\.|a/n\.?|atas[ ]nama|ber?nama|namanya|dengan[ ]nama|(?:ber)?inisial|"
    r"named|called|"
    r"whose[ ]name[ ]is|sdri?\b\.?|saudar[ai]\b|sebut[ ]saja|dipanggil|alias)|A\.[ ]?N\b\.?|an(?=[ ][A-Z]))"
    r"[ :.\"“]{0,4}(?P<who>[^\W\d_][\w'’.-]{0,24})"
)
OF_A_KIND = (
    r"(?:[ ](?:kasus|perkara|korupsi|tipikor|narkotika|narkoba|sabu|pembunuhan|pencurian|teroris(?:me)?|"
    r"penipuan|penggelapan|"
    r"asusila|perempuan|wanita|pria|laki-laki|titipan|lansia|seumur|hidup|mati|anak|baru|lama|umum|muda|"
    r"dewasa|senior)){0,3}"
)
STRAIGHT = re.compile(rf"{OF_A_KIND}[ ]{{1,2}}(?:\(|:[ ]?|=[ ]?|\"|“)?(?P<name>{NAME.pattern})")
INITIALS = re.compile(r"[A-Z]\.?[A-Z]?\.?[A-Z]?\.?")
AGED = re.compile(
    r"[ ,]{0,2}\(?(?:usia|umur|berusia|berumur)?[ ]?\d\d[ ]?(?:\)|th\b|tahun\b|thn\b)", re.IGNORECASE
)
BY_NAME = ("bernama", "dengan nama", "named", "called", "dipanggil")
OF_A_CASE = re.compile(
    r"[ ,]{0,2}\(?[ ]?(?:(?:dengan|dalam|karena|atas|terkait)[ ])?(?:kasus|perkara|pasal|vonis|divonis|"
    r"pidana|dipidana|"
    r"hukuman|dihukum|tindak[ ]pidana|bin|binti|alias|als\b\.?|inisial)\b",
    re.IGNORECASE,
)
SMALL_NAME = re.compile(
    rf"{OF_A_KIND}[ ]{{1,2}}(?P<name>{WORD}(?:[ ]{WORD}){{0,3}}?)(?=[ ,(]{{1,3}}(?:kasus|perkara|alias|"
    rf"bin|binti|pasal)\b)"
)
SMALL_STRAIGHT = re.compile(rf"{OF_A_KIND}[ ]{{1,2}}(?P<name>(?P<first>{WORD})[ ](?P<second>{WORD}))")
# "a.n. Fulan bin Fulan", whatever stands before it.
SON_OF = re.compile(
    rf"(?:\ba\.[ ]?n\b\.?|\ban\.|\ba/n\.?|"
    rf"\batas[ ]nama)[ :]{{0,3}}(?P<who>{WORD})(?:[ ]{WORD}){{0,3}}[ ](?:bin|binti|als|alias)\b\.?[ ]{WORD}",
    re.IGNORECASE,
)
ON_BEHALF = re.compile(
    r"(?:\ba\.[ ]?n\b\.?|\ban\.|\ba/n\.?|\batas[ ]nama|\binisial)[ :]{0,3}(?P<who>[^\W\d_][\w'’.-]{0,24})",
    re.IGNORECASE,
)
# "Fulan (kasus narkotika)", "Fulan (34), narapidana …", "AB (27) tahanan".
BESIDE_A_CASE = re.compile(
    rf"(?P<name>{NAME.pattern})[ ]\((?:kasus|perkara|pasal|napi|narapidana|WBP|tahanan|terpidana|vonis|"
    rf"pidana)\b"
)
THEN_IN_CUSTODY = re.compile(
    rf"(?P<name>{NAME.pattern})[ ]?\(\d\d(?:[ ](?:tahun|th))?\)[ ,]{{1,3}}(?:adalah[ ]|seorang[ ]|"
    rf"selaku[ ]|merupakan[ ]){{0,2}}"
    rf"(?:{WORD}[ ])?(?:WBP|warga[ ]binaan|narapidana|napi|tahanan|terpidana|klien|andikpas|"
    rf"anak[ ]binaan|residivis)\b"
)
NAMED_IN_LIST = re.compile(
    r"\b(?:nama|name)(?:[ ](?:lengkap|asli|panggilan|of))?[ ](?:the[ ])?(?:WBP|napi|narapidana|tahanan|"
    r"warga[ ]binaan|anak[ ]binaan|klien|terpidana|inmate)"
    r"[ ]?(?:[:=][ ]?|adalah[ ]|ialah[ ]|yaitu[ ])(?P<who>[^\W\d_][\w'’.-]{1,24})",
    re.IGNORECASE,
)
# Before "WBP bernama …" they make it the name of a group or a thing.
GROUPS = re.compile(
    r"\b(?:produk|kelompok|program|koperasi|band|grup|group|tim|kebun|batik|kedai|kafe|paguyuban|sanggar|"
    r"komunitas|merek|"
    r"brand|usaha|orkes|buletin|majalah|aplikasi|galeri|toko)\b[^.,:;\n]{0,40}$",
    re.IGNORECASE,
)


def names_in(text: str) -> Iterator[tuple[int, int]]:
    """Return the place of everything that seems to name somebody in custody."""
    for match in IN_CUSTODY.finditer(text):
        yield from _named_after(text, match)
    for match in ABOUT_CUSTODY.finditer(text):
        end = min(len(text), match.end() + AHEAD)
        behalf = ON_BEHALF.search(text, match.end(), _end_of_sentence(text, match.end(), end))
        if behalf and _is_somebody(behalf["who"]):
            yield (behalf.start(), behalf.end())
    for match in SON_OF.finditer(text):
        if _is_somebody(match["who"]):
            yield (match.start(), match.end())
    for match in (*BESIDE_A_CASE.finditer(text), *THEN_IN_CUSTODY.finditer(text)):
        if _is_name(match["name"]):
            yield (match.start(), match.end())
    for match in NAMED_IN_LIST.finditer(text):
        if _is_somebody(match["who"]) and match["who"].lower() not in NOT_NAMES:
            yield (match.start(), match.end())


def _named_after(text: str, match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Look for a name in what follows a word such as "WBP"."""
    start, end = match.end(), min(len(text), match.end() + AHEAD)
    introduced = INTRODUCED.match(text, start, end)
    if (
        introduced
        and _is_somebody(introduced["who"])
        and not _is_a_group(text, match.start(), introduced["by"])
    ):
        yield (match.start(), introduced.end())
        return
    straight = STRAIGHT.match(text, start, end)
    if straight and _is_named_straight(text, straight):
        yield (match.start(), straight.end())
        return
    for pattern in (SMALL_NAME, SMALL_STRAIGHT):
        small = pattern.match(text, start, end)
        if small is None:
            continue
        words = [_bare(word) for word in small["name"].split()]
        is_whole = all(word in GIVEN_NAMES for word in words)
        if is_whole or (
            pattern is SMALL_NAME and words[0] in GIVEN_NAMES and not NOT_NAMES.intersection(words)
        ):
            yield (match.start(), small.end())
            return


def _is_named_straight(text: str, straight: re.Match[str]) -> bool:
    """Return whether capitalised words right after "WBP" are somebody: by a given name, an age or a case."""
    words = [_bare(word) for word in straight["name"].split()]
    end = straight.end()
    has_age = AGED.match(text, end, end + AHEAD) is not None
    has_case = OF_A_CASE.match(text, end, end + AHEAD) is not None
    if INITIALS.fullmatch(straight["name"]) or words[0] in NOT_NAMES:
        return has_age and words[0] not in NOT_NAMES
    if any(word in GIVEN_NAMES for word in words[:3]):
        return True
    return (has_age or has_case) and not NOT_NAMES.intersection(words) and not straight["name"].isupper()


def _is_name(name: str) -> bool:
    words = [_bare(word) for word in name.split()]
    if INITIALS.fullmatch(name):
        return True
    return any(word in GIVEN_NAMES for word in words) and words[0] not in NOT_NAMES


def _is_somebody(who: str) -> bool:
    """Return whether the word after "a.n." is a person's rather than an office's."""
    return _bare(who) not in OFFICES


def _is_a_group(text: str, start: int, by: str) -> bool:
    return by.lower() in BY_NAME and bool(GROUPS.search(text, max(0, start - NEAR), start))


def _bare(word: str) -> str:
    return word.strip(".,;:()\"“”'’-").lower()


def _end_of_sentence(text: str, start: int, end: int) -> int:
    places = [place for sign in ("\n", ";", "? ", "! ") if (place := text.find(sign, start, end)) >= 0]
    return min([end, *places])
