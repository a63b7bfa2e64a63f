"""Every reader gets the hub in a language it speaks."""

from __future__ import annotations

import pytest

from hub.texts.catalogue import (
    UnknownLocaleError,
    best_locale,
    gettext_for,
    lazy,
    ngettext_for,
    translate,
    translations,
)


def test_a_message_is_english_in_english_and_indonesian_in_indonesian() -> None:
    assert gettext_for("en")("today") == "today"
    assert gettext_for("id")("today") == "hari ini"


def test_a_count_has_two_forms_in_english_and_one_in_indonesian() -> None:
    forms = ("%(count)s working day", "%(count)s working days")
    assert [ngettext_for("en")(*forms, n) for n in (1, 2)] == list(forms)
    assert [ngettext_for("id")(*forms, n) for n in (1, 2)] == ["%(count)s hari kerja"] * 2


def test_an_unknown_message_stays_as_it_is() -> None:
    assert gettext_for("id")("no such message") == "no such message"


def test_a_marked_message_is_translated_when_it_is_shown() -> None:
    message = lazy("This text is longer than %(longest)s characters.")
    assert translate("id", message, longest=5) == "Teks ini lebih panjang dari 5 karakter."
    assert translate("en", "100% sure") == "100% sure"


def test_a_language_the_hub_does_not_speak_is_refused() -> None:
    with pytest.raises(UnknownLocaleError):
        translations("../id")


@pytest.mark.parametrize(
    ("header", "preferred", "chosen"),
    [
        (None, None, "id"),
        ("", None, "id"),
        ("en-GB,en;q=0.9", None, "en"),
        ("id-ID,id;q=0.9,en;q=0.8", None, "id"),
        ("fr, en;q=0.3", None, "en"),
        ("id;q=0.5, en;q=0.8", None, "en"),
        ("en;q=0, *;q=0.1", None, "id"),
        ("in", None, "id"),
        ("en_US", None, "en"),
        ("en;q=nonsense", None, "id"),
        ("en;q=1.5", None, "id"),
        (";;;,,,q=", None, "id"),
        ("en," * 400, None, "id"),
        ("en", "id", "id"),
        ("id", "en", "en"),
        ("en", "fr", "en"),
    ],
)
def test_the_own_choice_wins_then_the_browsers_then_indonesian(
    header: str | None, preferred: str | None, chosen: str
) -> None:
    assert best_locale(header, preferred) == chosen
