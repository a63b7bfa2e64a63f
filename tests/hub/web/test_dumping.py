"""Values go out as marshmallow would write them, though each field's way is chosen only once."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import marshmallow as ma
import pytest

from hub.web.dumping import values_of
from hub.web.fields import Choice, Choices, Day, Flag, HubSchema, Line, ListOf, Moment, Nested, Number

MOMENT = dt.datetime(2024, 11, 28, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))


class InnerSchema(HubSchema):
    """Something inside."""

    title = Line()
    minutes = Number()


class WholeSchema(HubSchema):
    """A field of every kind."""

    id = Number(attribute="row.id")
    event = Line(allow_none=True)
    kind = Choice(("one", "two"))
    words = Choices(("one", "two"))
    at = Moment()
    on = Day()
    is_read = Flag()
    inner = Nested(InnerSchema, allow_none=True)
    items = ListOf(Nested(InnerSchema))
    data = ma.fields.Dict()
    renamed = Line(data_key="called")
    filled = Line(dump_default="nothing said")
    absent = Line()


VALUES: dict[str, Any] = {
    "row": SimpleNamespace(id=7),
    "event": uuid.UUID(int=5),
    "kind": "one",
    "words": ["two"],
    "at": MOMENT,
    "on": MOMENT.date(),
    "is_read": False,
    "inner": SimpleNamespace(title="a", minutes=5),
    "items": [{"title": "b", "minutes": 6}, {"title": "c"}],
    "data": {"x": 1},
    "renamed": "d",
}


@pytest.mark.parametrize("source", [VALUES, SimpleNamespace(**VALUES)], ids=["mapping", "object"])
def test_values_go_out_as_marshmallow_writes_them(source: Any) -> None:
    written = WholeSchema().dump(source)
    assert written == {
        "id": 7,
        "event": str(uuid.UUID(int=5)),
        "kind": "one",
        "words": ["two"],
        "at": "2024-11-28T09:00:00+07:00",
        "on": "2024-11-28",
        "is_read": False,
        "inner": {"title": "a", "minutes": 5},
        "items": [{"title": "b", "minutes": 6}, {"title": "c"}],
        "data": {"x": 1},
        "called": "d",
        "filled": "nothing said",
    }
    assert written == ma.Schema._serialize(WholeSchema(), source)  # noqa: SLF001 -- what it stands in for


def test_none_stays_none_and_a_method_of_a_dict_is_no_value() -> None:
    assert WholeSchema().dump({"event": None, "inner": None}) == {
        "event": None,
        "inner": None,
        "filled": "nothing said",
    }


def test_many_are_written_one_by_one() -> None:
    assert InnerSchema(many=True).dump([{"title": "a"}, {"minutes": 1}]) == [{"title": "a"}, {"minutes": 1}]


@dataclass(frozen=True, slots=True)
class _Record:
    words: list[str]


def test_values_of_a_record_are_the_records_own() -> None:
    record = _Record(["one"])
    assert values_of(record)["words"] is record.words
