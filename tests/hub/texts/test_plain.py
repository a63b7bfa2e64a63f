"""Text is taken in as people write it, and found again however they type it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.texts.catalogue import translate
from hub.texts.plain import UnacceptableTextError, clean_text, fold


def test_text_is_composed_stripped_and_has_plain_line_ends() -> None:
    assert clean_text("  Cafe\u0301\r\nbaris dua\rbaris\ttiga \n", longest=99, multiline=True) == (
        "Caf\u00e9\nbaris dua\nbaris\ttiga"
    )


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\x07", "\x85", "a\x7f", "a\ud800b"])
def test_what_cannot_be_stored_or_shown_is_refused(text: str) -> None:
    with pytest.raises(UnacceptableTextError, match="cannot be stored"):
        clean_text(text, longest=99, multiline=True)


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\tb", "a\u2028b"])
def test_a_line_is_one_line(text: str) -> None:
    with pytest.raises(UnacceptableTextError, match="one line"):
        clean_text(text, longest=99)
    assert clean_text(text, longest=99, multiline=True)


@pytest.mark.parametrize("length", [6, 2_000_000])
def test_text_that_is_too_long_is_refused_with_the_limit(length: int) -> None:
    with pytest.raises(UnacceptableTextError) as caught:
        clean_text("x" * length, longest=5)
    assert translate("id", caught.value.message, **caught.value.values) == (
        "Teks ini lebih panjang dari 5 karakter."
    )
    assert clean_text("  12345  ", longest=5) == "12345"


@given(st.text(max_size=60))
def test_clean_text_is_stored_as_it_is(text: str) -> None:
    try:
        clean = clean_text(text, longest=100, multiline=True)
    except UnacceptableTextError:
        return
    assert clean == clean_text(clean, longest=100, multiline=True)
    assert unicodedata.is_normalized("NFC", clean)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Lapas Kelas IIA  Purwokerto", "lapas kelas iia purwokerto"),
        ("Pérmisan", "permisan"),
        ("Jum'at", "jumat"),
        ("Jum\u2019at", "jumat"),
        ("LAPAS/RUTAN (Wanita)", "lapas rutan wanita"),
        ("\uff11\uff12 Nusakambangan", "12 nusakambangan"),
        ("Stra\u00dfe", "strasse"),
        (" -- ", ""),
    ],
)
def test_the_key_ignores_case_accents_and_punctuation(text: str, key: str) -> None:
    assert fold(text) == key


@given(st.text(max_size=60))
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=60))
def test_the_key_does_not_depend_on_composition(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))
