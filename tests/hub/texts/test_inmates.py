"""What tells who is in custody is noticed, what does not is left alone, and a long text takes no longer."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.texts.catalogue import translate
from hub.texts.inmates import WORDS, excerpts_of, kinds_of, suspicions
from tests.hub.texts.inmate_corpus import HARD_NOT, HARD_WARN, MUST_NOT, MUST_WARN

MOST_MISTAKES = 3
PROVINCES = [*range(11, 20), 21, *range(31, 37), *range(61, 66), 91, 97]


def mistakes(warn: list[str], leave: list[str]) -> list[str]:
    missed = [f"missed: {text}" for text in warn if not suspicions(text)]
    wrong = [f"wrong: {text} ({', '.join(excerpts_of(text))})" for text in leave if suspicions(text)]
    return missed + wrong


def test_of_two_hundred_sentences_none_is_judged_wrongly() -> None:
    assert len(set(MUST_WARN)) == len(set(MUST_NOT)) == 100
    assert mistakes(MUST_WARN, MUST_NOT) == []  # up to 3 would be allowed


def test_of_fifty_harder_ones_three_at_most_are_judged_wrongly() -> None:
    assert len(set(HARD_WARN)) == len(set(HARD_NOT)) == 25
    assert len(mistakes(HARD_WARN, HARD_NOT)) <= MOST_MISTAKES


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("WBP a.n. Fulan, BI.12/2024", ("name", "register-number")),
        ("NIK 3303121204850001", ("identity-number",)),
        ("WBP_a.n._Fulan_BI.12-2024.jpg", ("name",)),
        ("20 peserta", ()),
        ("", ()),
    ],
)
def test_each_kind_is_named_once(text: str, kinds: tuple[str, ...]) -> None:
    assert kinds_of(text) == kinds


def test_what_was_seen_is_said_in_both_languages() -> None:
    for words in WORDS.values():
        assert translate("id", words) != translate("en", words)


@given(
    st.sampled_from(PROVINCES),
    st.integers(1, 79),
    st.integers(1, 40),
    st.integers(1, 31),
    st.booleans(),
    st.integers(1, 12),
    st.integers(0, 99),
    st.integers(1, 9999),
    st.sampled_from(["{}", "{:.6}.{:.6}.{:.4}", "{} {} {}", "fours"]),
)
def test_every_plausible_nik_is_noticed(
    province: int,
    regency: int,
    district: int,
    day: int,
    is_woman: bool,  # noqa: FBT001 -- Hypothesis draws it
    month: int,
    year: int,
    number: int,
    shape: str,
) -> None:
    place = f"{province:02}{regency:02}{district:02}"
    born = f"{day + (40 if is_woman else 0):02}{month:02}{year:02}"
    digits = f"{place}{born}{number:04}"
    written = {
        "{}": digits,
        "{:.6}.{:.6}.{:.4}": f"{place}.{born}.{number:04}",
        "{} {} {}": f"{place} {born} {number:04}",
        "fours": " ".join(digits[start : start + 4] for start in range(0, 16, 4)),
    }[shape]
    assert kinds_of(f"Nomornya {written} tertulis di sana.") == ("identity-number",)


@given(st.integers(10**17, 10**18 - 1), st.sampled_from(["", " "]))
def test_the_number_of_an_official_never_is(nip: int, gap: str) -> None:
    digits = str(nip)
    written = gap.join((digits[:8], digits[8:14], digits[14], digits[15:]))
    assert kinds_of(f"Ketua rombongan, NIP {written}, hadir.") == ()


@given(st.text(max_size=400), st.text(alphabet="WBPa.n Fulbi(kasus)123/AI_\n", max_size=400))
def test_suspicions_stand_in_order_inside_the_text(anything: str, like_it: str) -> None:
    for text in (anything, like_it):
        found = suspicions(text)
        assert all(0 <= one.start < one.end <= len(text) for one in found)
        assert [one.start for one in found] == sorted(one.start for one in found)


@pytest.mark.parametrize(
    "piece",
    [
        "WBP ",
        "WBP a",
        "a.n. ",
        "kasus a.n. kepala ",
        "A.I 1",
        "No. Reg. ",
        "Ahmad bin ",
        "Ahmad ",
        "1 ",
        "33",
        "3303121204850001",
        "nama wbp ",
        "wbp kasus kasus kasus ",
        "(",
        "produk WBP bernama ",
        "A",
    ],
)
def test_a_text_twenty_times_as_long_takes_about_twenty_times_as_long(piece: str) -> None:
    def taken(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        began = time.process_time()
        suspicions(text)
        return time.process_time() - began

    taken(1_000)  # the patterns are compiled
    short = min(taken(5_000) for _ in range(3))
    assert taken(100_000) < 20 * 3 * short + 0.05  # a quadratic pattern would take 400 times as long
