"""A link opens what it was made for, for whom it was made, and nothing else."""

from __future__ import annotations

import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.texts.links import LinkKeys, MalformedLinkError, normalise_address

ROW = UUID("0190f3a2-7d6e-7c11-8a5b-0c1d2e3f4a5b")
ADDRESS = "kalapas@lapas-purwokerto.example"
KEYS = LinkKeys(("first key", "older key"))
TOKEN = KEYS.token("invitation", ROW, 2, ADDRESS)


def test_a_link_is_the_same_whoever_writes_it_and_verifies() -> None:
    assert LinkKeys(("first key",)).token("invitation", ROW, 2, f"  {ADDRESS.upper()} ") == TOKEN
    link = KEYS.read("invitation", TOKEN)
    assert (link.uuid, link.generation) == (ROW, 2)
    assert KEYS.verify(link, "invitation", ADDRESS)


def test_numbered_rows_have_links_too() -> None:
    link = KEYS.read("invitation", KEYS.token("invitation", 41, 0, ADDRESS))
    assert link.number == 41
    assert KEYS.verify(link, "invitation", ADDRESS)
    with pytest.raises(MalformedLinkError):
        _ = link.uuid
    with pytest.raises(MalformedLinkError):
        _ = KEYS.read("invitation", TOKEN).number


def test_a_link_does_not_verify_for_another_purpose_address_row_or_generation() -> None:
    link = KEYS.read("invitation", TOKEN)
    assert not KEYS.verify(link, "reset", ADDRESS)
    assert not KEYS.verify(KEYS.read("reset", TOKEN), "reset", ADDRESS)
    assert not KEYS.verify(KEYS.read("reset", TOKEN), "invitation", ADDRESS)
    assert not KEYS.verify(link, "invitation", "somebody@else.example")
    _, generation, mac = TOKEN.split(".")
    for forged in (f"{UUID(int=ROW.int + 1)}.{generation}.{mac}", f"{ROW}.3.{mac}", f"41.2.{mac}"):
        assert not KEYS.verify(KEYS.read("invitation", forged), "invitation", ADDRESS)


def test_an_older_key_verifies_until_it_is_taken_out() -> None:
    older = LinkKeys(("older key",)).token("invitation", ROW, 2, ADDRESS)
    assert older != TOKEN
    assert KEYS.verify(KEYS.read("invitation", older), "invitation", ADDRESS)
    rotated = LinkKeys(("first key",))
    assert not rotated.verify(rotated.read("invitation", older), "invitation", ADDRESS)


def test_keys_are_needed_and_never_shown() -> None:
    for keys in ((), ("",), ("a", "")):
        with pytest.raises(ValueError, match="key"):
            LinkKeys(keys)
    assert "first" not in repr(KEYS)


@pytest.mark.parametrize("generation", [-1, 2**31])
def test_a_generation_out_of_range_is_refused(generation: int) -> None:
    with pytest.raises(ValueError, match="generation"):
        KEYS.token("invitation", ROW, generation, ADDRESS)


@pytest.mark.parametrize("number", [-1, 2**63])
def test_a_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="id"):
        KEYS.token("invitation", number, 0, ADDRESS)


MAC = TOKEN.rsplit(".", 1)[1]


@pytest.mark.parametrize(
    "token",
    [
        "", ".", "..", "a.b.c", f"{ROW}.2", f"{ROW}.2.{MAC}.", f" {TOKEN}", f"{TOKEN}\n", f"{TOKEN}=",
        TOKEN[:-1], TOKEN + "A", f"{ROW}.02.{MAC}", f"{ROW}.+2.{MAC}", f"{ROW}.-2.{MAC}", f"{ROW}.2_0.{MAC}",
        f"{ROW}.2147483648.{MAC}", f"{ROW}.9999999999.{MAC}", f"{str(ROW).upper()}.2.{MAC}",
        f"{ROW.hex}.2.{MAC}",
        f"0041.2.{MAC}", f"9223372036854775808.2.{MAC}", f"-1.2.{MAC}", f"\u0664\u0661.2.{MAC}",
        f"４１.2.{MAC}", f"41.2.{MAC[:-1]}\u00e9", f"41.2.{MAC[:-1]}+", f"41.\x002.{MAC}",
        "4" * 5000, "4" * 201 + f".2.{MAC}",
    ],
)  # fmt: skip
def test_anything_odd_is_malformed(token: str) -> None:
    with pytest.raises(MalformedLinkError):
        KEYS.read("invitation", token)


@given(st.integers(min_value=0, max_value=len(TOKEN) - 1), st.sampled_from(string.printable))
def test_no_changed_character_verifies(place: int, sign: str) -> None:
    changed = TOKEN[:place] + sign + TOKEN[place + 1 :]
    try:
        link = KEYS.read("invitation", changed)
    except MalformedLinkError:
        return
    assert KEYS.verify(link, "invitation", ADDRESS) == (changed == TOKEN)


@given(st.text(max_size=250))
def test_reading_any_text_gives_a_link_or_says_malformed(text: str) -> None:
    try:
        link = KEYS.read("invitation", text)
    except MalformedLinkError:
        return
    assert not KEYS.verify(link, "invitation", ADDRESS)


@given(st.uuids() | st.integers(0, 2**63 - 1), st.integers(0, 2**31 - 1), st.text(max_size=80))
def test_every_token_reads_back(row: UUID | int, generation: int, address: str) -> None:
    token = KEYS.token("invitation", row, generation, address)
    link = KEYS.read("invitation", token)
    assert len(token) <= 200
    assert (link.id, link.generation) == (str(row), generation)
    assert KEYS.verify(link, "invitation", normalise_address(address))
