"""A form is read by the API's schema and shown again with what was typed and what is wrong."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from hub.errors import Conflict, Invalid, Stale
from hub.web.fields import (
    Choice,
    Choices,
    Day,
    Flag,
    HubSchema,
    Line,
    ListOf,
    LocalMoment,
    Nested,
    Number,
    Paragraph,
    Password,
)
from hub.web.forms import Form

if TYPE_CHECKING:
    from hub.web.application import HubFlask


class Item(HubSchema):
    """A row of the agenda."""

    title = Line(40, required=True)
    minutes = Number(1, 600)


class Host(HubSchema):
    """A group of fields."""

    id = Number()
    name = Line()


class Visit(HubSchema):
    """A form of every kind of field."""

    title = Line(40, required=True)
    story = Paragraph(500, min_length=0)
    letter = Line(allow_none=True)
    count = Number(1, 500)
    on = Day()
    at = LocalMoment()
    kind = Choice(("a", "b"))
    themes = Choices(("x", "y"))
    is_open = Flag()
    secret = Password()
    host = Nested(Host)
    agenda = ListOf(Nested(Item), 3, min_length=1)
    marks = ListOf(Number(1, 9))


def posted(app: HubFlask, **fields: Any) -> Form:
    with app.test_request_context("/", method="POST", data=fields):
        return Form.posted(Visit)


def refused(app: HubFlask, **fields: Any) -> Form:
    with app.test_request_context("/", method="POST", data=fields):
        form = Form.posted(Visit)
        with pytest.raises(Invalid) as caught:
            form.load()
        return form.refused(caught.value)


def test_form_gives_what_the_schema_loads(toy: HubFlask) -> None:
    form = posted(
        toy,
        _key="k" * 20,
        _csrf="c",
        _version="4",
        title="  Studi tiru ",
        story="",
        letter=" ",
        count="12",
        on="2024-11-28",
        at="2024-11-28T09:00:00",
        kind="",
        themes=["", "x", "y"],
        is_open=["false", "true"],
        secret=" two words ",
        marks=["1", "2"],
        **{"host-id": "7", "agenda-0-title": "Pembukaan", "agenda-0-minutes": "30", "agenda-2-title": "Tur"},
    )
    assert form.load() == {
        "title": "Studi tiru",
        "story": "",
        "letter": None,
        "count": 12,
        "on": dt.date(2024, 11, 28),
        "at": dt.datetime(2024, 11, 28, 9, 0),  # noqa: DTZ001 -- a unit's own clock
        "themes": ["x", "y"],
        "is_open": True,
        "secret": " two words ",
        "host": {"id": 7},
        "agenda": [{"title": "Pembukaan", "minutes": 30}, {"title": "Tur"}],
        "marks": [1, 2],
    }
    assert form.version == "4"
    assert list(form.rows("agenda")) == [0, 1]
    assert form.value("agenda-1-title") == "Tur", "rows close up"


def test_box_without_a_tick_is_false_and_an_absent_one_says_nothing(toy: HubFlask) -> None:
    minimum = {"title": "A", "agenda-0-title": "B"}
    assert posted(toy, is_open="false", **minimum).load()["is_open"] is False
    assert "is_open" not in posted(toy, **minimum).load()


def test_faults_stand_at_their_fields_in_the_forms_order(toy: HubFlask) -> None:
    form = refused(
        toy, count="0", **{"agenda-0-title": "Pembukaan", "agenda-5-minutes": "x", "agenda-5-title": ""}
    )
    assert [fault.name for fault in form.faults] == ["title", "count", "agenda-1-title", "agenda-1-minutes"]
    assert form.error("count") == "Ini harus dari 1 sampai 500."
    assert form.value("agenda-1-minutes") == "x"
    assert form.status == 422


def test_row_left_empty_is_no_row(toy: HubFlask) -> None:
    form = refused(toy, title="A", **{"agenda-0-title": " ", "agenda-0-minutes": ""})
    assert [fault.name for fault in form.faults] == ["agenda"]
    assert list(form.rows("agenda", at_least=1)) == [0]


@pytest.mark.parametrize(
    "odd",
    [
        {"is_admin": "true"},
        {"agenda-0-owner": "1"},
        {"host-secret": "1"},
        {"agenda-": "1"},
        {"agenda-01-title": "1"},
        {"agenda-99999-title": "1"},
        {"agenda-x-title": "1"},
        {"agenda": "1"},
        {"title-0": "1"},
        {"": "1"},
        {"a" * 3000: "1"},
        {"agenda-0-title-0-title": "1"},
    ],
)
def test_what_the_schema_does_not_know_is_refused(toy: HubFlask, odd: dict[str, str]) -> None:
    form = refused(toy, **{"title": "A", "agenda-1-title": "B", **odd})
    assert form.faults
    assert all(not fault.name or form.facts(fault.name) for fault in form.faults)


def test_more_rows_than_the_schema_takes_are_refused_and_kept(toy: HubFlask) -> None:
    form = refused(toy, title="A", **{f"agenda-{number}-title": "B" for number in range(5)})
    assert [fault.name for fault in form.faults] == ["agenda"]
    assert len(form.rows("agenda")) == 5


def test_row_is_added_and_another_taken_away(toy: HubFlask) -> None:
    rows = {"title": "", "agenda-0-title": "A", "agenda-1-title": "B"}
    added = posted(toy, _add="agenda", **rows)
    assert added.is_resized
    assert list(added.rows("agenda")) == [0, 1, 2]
    removed = posted(toy, _remove="agenda-0", **rows)
    assert removed.is_resized
    assert [removed.value(f"agenda-{i}-title") for i in removed.rows("agenda")] == ["B"]
    assert not removed.faults
    assert removed.status == 200
    for odd in ("nothing", "title-0-", "-", "a" * 5000):
        assert posted(toy, _add=odd, _remove=odd, **rows).value("agenda-0-title") == "A"


def test_what_a_command_refuses_finds_its_field(toy: HubFlask) -> None:
    with toy.test_request_context("/", method="POST", data={"title": "A"}):
        form = Form.posted(Visit)
        form.refused(
            Invalid("No.", fields={"starts_at": "This is missing.", "nowhere": "This is missing."}),
            names={"starts_at": "at"},
        )
        assert [fault.name for fault in form.faults] == ["", "at"]
        assert Form(Visit).refused(Conflict("No.")).faults[0].name == ""


def test_a_faster_editor_is_shown_beside_what_was_typed(toy: HubFlask) -> None:
    with toy.test_request_context("/", method="POST", data={"title": "Mine", "count": "5", "_version": "3"}):
        form = Form.posted(Visit).refused(
            Stale("Somebody was faster."), now={"title": "Theirs", "count": 5}, version=4
        )
    assert form.value("title") == "Mine"
    assert form.differs("title") == "Theirs"
    assert form.differs("count") is None
    assert (form.version, form.status) == (4, 412)


def test_values_stand_in_a_form_as_its_fields_write_them(toy: HubFlask) -> None:
    del toy
    form = Form(
        Visit,
        {
            "title": "A",
            "letter": None,
            "at": dt.datetime(2024, 11, 28, 9, 5),  # noqa: DTZ001 -- a unit's own clock
            "on": dt.date(2024, 11, 28),
            "is_open": False,
            "themes": ["y"],
            "host": {"id": 3},
            "agenda": [{"title": "B", "minutes": 5}],
        },
        version=2,
    )
    shown = {name: form.value(name) for name in ("title", "letter", "at", "on", "is_open", "host-id")}
    assert shown == {
        "title": "A",
        "letter": "",
        "at": "2024-11-28T09:05",
        "on": "2024-11-28",
        "is_open": "false",
        "host-id": "3",
    }
    assert form.values("themes") == ["y"]
    assert form.value("agenda-0-minutes") == "5"


def test_schema_says_how_a_field_is_drawn(toy: HubFlask) -> None:
    del toy
    form = Form(Visit)
    kinds = {
        name: form.facts(name).kind for name in ("title", "story", "count", "on", "at", "kind", "themes")
    }
    assert kinds == {
        "title": "line",
        "story": "paragraph",
        "count": "number",
        "on": "day",
        "at": "local-moment",
        "kind": "choice",
        "themes": "choices",
    }
    assert form.facts("agenda").kind == "rows"
    assert form.facts("agenda-7-title").longest == 40
    with pytest.raises(KeyError):
        form.facts("agenda-0-nothing")


def test_huge_text_is_refused_and_not_sent_back_whole(toy: HubFlask) -> None:
    form = refused(toy, title="x" * 900_000, **{"agenda-0-title": "B"})
    assert form.error("title")
    assert len(form.value("title")) == 20_000
