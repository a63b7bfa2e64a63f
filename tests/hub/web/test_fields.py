"""What the strict fields take and refuse."""

from __future__ import annotations

import datetime as dt
import uuid

import marshmallow as ma
import pytest

from hub.web.complaints import Said, flat_messages
from hub.web.cursors import Cursor, write_cursor
from hub.web.fields import (
    Address,
    Choice,
    Choices,
    Day,
    Flag,
    HubSchema,
    Line,
    ListOf,
    LocalMoment,
    Moment,
    Nested,
    Number,
    Paragraph,
    text_input,
)


def loaded(field: ma.fields.Field[object], value: object) -> object:
    schema = HubSchema.from_dict({"it": field})()
    return schema.load({"it": value})["it"]


def refused(field: ma.fields.Field[object], value: object) -> str:
    with pytest.raises(ma.ValidationError) as caught:
        loaded(field, value)
    message = flat_messages(caught.value.messages)["it"]
    assert isinstance(message, str)
    return message


@pytest.mark.parametrize(
    "value", ["a\x00b", "a\x07b", "a\nb", "", "   ", 5, None, ["a"], "x" * 201, "\ud800"]
)
def test_line_refuses_what_is_no_plain_line(value: object) -> None:
    assert refused(Line(), value)


def test_line_is_composed_and_stripped() -> None:
    assert loaded(Line(), "  cafe\u0301  ") == "café"


def test_line_refuses_two_megabytes_without_normalising_them() -> None:
    assert refused(Line(), "é" * 2_000_000) == "This text is longer than 200 characters."


def test_line_may_be_empty_where_the_schema_says_so() -> None:
    assert loaded(Line(min_length=0), "  ") == ""


def test_paragraph_keeps_its_lines() -> None:
    assert loaded(Paragraph(), "satu\r\ndua") == "satu\ndua"


@pytest.mark.parametrize("value", ["5", 1.0, 1.9, True, "１２", "yes", None, 10**4000, -1, 10, [1], {}])
def test_number_takes_whole_numbers_in_range_only(value: object) -> None:
    assert refused(Number(0, 9), value)


@pytest.mark.parametrize("value", ["５", "5.0", "0x5", "5_0", "", "--5", "٥", "9" * 4000, "10"])
def test_number_in_text_takes_plain_digits_only(value: str) -> None:
    with text_input():
        assert refused(Number(0, 9), value)


def test_number_in_text_reads_digits() -> None:
    with text_input():
        assert loaded(Number(-9, 9), "-7") == -7


@pytest.mark.parametrize("value", ["yes", "true", 1, 0, None, "on"])
def test_flag_takes_booleans_only(value: object) -> None:
    assert refused(Flag(), value)


def test_flag_in_text_reads_a_checked_box() -> None:
    with text_input():
        assert loaded(Flag(), "on") is True
        assert refused(Flag(), "yes")


@pytest.mark.parametrize(
    "value",
    [
        "2024-11-28T09:00",
        "2024-11-28",
        "2024-11-28T09:00:00",
        "２０２４-11-28T09:00:00Z",
        "2024-11-31T09:00:00Z",
        "2024-11-28T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        1732759200,
        None,
    ],
)
def test_moment_needs_a_date_a_time_and_an_offset(value: object) -> None:
    assert refused(Moment(), value)


def test_moment_becomes_utc() -> None:
    assert loaded(Moment(), "2024-11-28T09:00:00+07:00") == dt.datetime(2024, 11, 28, 2, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "value", ["2024-11-28T09:00Z", "2024-11-28 09:00", "2024-02-30T09:00", "28-11-2024T09:00", 7]
)
def test_local_moment_has_no_offset(value: object) -> None:
    assert refused(LocalMoment(), value)


def test_local_moment_is_naive() -> None:
    assert loaded(LocalMoment(), "2024-11-28T09:00") == dt.datetime(2024, 11, 28, 9)  # noqa: DTZ001


@pytest.mark.parametrize("value", ["2024-11-31", "20241128", "2024-11-28T00:00", "２０２４-11-28", 20241128])
def test_day_is_a_date(value: object) -> None:
    assert refused(Day(), value)


@pytest.mark.parametrize(
    "value",
    ["a@b", "a b@c.id", "a@b.id\nBcc: x@y.id", "ä@b.id", "a@b..id", ".a@b.id", "a.@b.id", "a@-b.id", "@b.id"],
)
def test_address_is_plain(value: str) -> None:
    assert refused(Address(), value)


def test_address_is_kept_as_written() -> None:
    assert loaded(Address(), "Sekar.W+hub@Example.id") == "Sekar.W+hub@Example.id"


def test_choices_refuse_strange_and_doubled_words() -> None:
    assert refused(Choice(("a", "b")), "c") == "This must be one of: a, b."
    assert refused(Choices(("a", "b")), ["a", "a"])
    assert loaded(Choices(("a", "b")), ["b"]) == ["b"]


def test_lists_are_bounded() -> None:
    assert refused(ListOf(Number()), list(range(201))) == "This list has more than 200 items."
    assert refused(ListOf(Number(), 2), [1, 2, 3])
    assert refused(ListOf(Number(), min_length=1), [])
    assert refused(ListOf(Number()), "1,2")


def test_nested_list_without_a_bound_is_refused() -> None:
    with pytest.raises(TypeError):
        Nested(HubSchema, many=True)


def test_unknown_fields_are_refused_at_every_level_with_their_path() -> None:
    inner = HubSchema.from_dict({"a": Number()}, name="Inner")
    schema = HubSchema.from_dict({"items": ListOf(Nested(inner))})()
    with pytest.raises(ma.ValidationError) as caught:
        schema.load({"items": [{"a": 1}, {"a": "x", "b": 2}, "text"], "more": 1})
    assert set(flat_messages(caught.value.messages)) == {"items.1.a", "items.1.b", "items.2", "more"}


def test_a_message_knows_its_msgid() -> None:
    said = Said("at most %(longest)s", longest=5)
    assert (said, said.msgid, said.values) == ("at most 5", "at most %(longest)s", {"longest": 5})


def test_cursor_comes_back_as_it_was() -> None:
    key = (7, "Lapas é", dt.datetime(2024, 11, 28, 2, tzinfo=dt.UTC), uuid.UUID(int=5))
    cursor = write_cursor(key)
    assert loaded(Cursor(int, str, dt.datetime, uuid.UUID), cursor) == list(key)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "!!!",
        "é",
        write_cursor([1, 2]),
        write_cursor(["1"]),
        write_cursor([10**17 * 1000 + 5e20]),
        write_cursor([True]),
        write_cursor([None]),
        "W10",
        "A" * 5000,
        5,
    ],
)
def test_cursor_of_another_shape_is_refused(value: object) -> None:
    assert refused(Cursor(int), value) == "This is not a place in this list; start from the beginning."


def test_cursor_with_nul_is_refused() -> None:
    assert refused(Cursor(str), write_cursor(["a\x00"]))
