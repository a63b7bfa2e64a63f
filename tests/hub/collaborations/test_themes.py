"""Themes and kinds have names in both languages."""

from __future__ import annotations

import pytest

from hub.collaborations.models import COLLABORATION_KINDS
from hub.collaborations.themes import KIND_NAMES, THEMES, kind_name, theme_name


def test_every_code_below_a_field_has_its_field() -> None:
    assert {code.partition(".")[0] for code in THEMES} <= set(THEMES)
    assert set(KIND_NAMES) == set(COLLABORATION_KINDS)


@pytest.mark.parametrize(
    ("code", "locale", "name"),
    [
        ("rehabilitasi", "id", "Rehabilitasi"),
        ("rehabilitasi.sosial", "id", "Rehabilitasi sosial"),
        ("ketahanan_pangan.perikanan", "id", "Ketahanan pangan: Perikanan"),
        ("ketahanan_pangan.perikanan", "en", "Food security: Fishery"),
        ("bapas.kerja_sosial", "id", "Pembimbingan kemasyarakatan: Pidana kerja sosial"),
    ],
)
def test_name_stands_alone(code: str, locale: str, name: str) -> None:
    assert theme_name(code, locale) == name


def test_kind_is_named_and_unknown_codes_are_an_error() -> None:
    assert kind_name("studi_tiru", "id") == "Studi tiru"
    with pytest.raises(KeyError):
        theme_name("sihir", "id")
