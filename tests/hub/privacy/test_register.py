"""Every column that can hold a person's data is in the register, or stands there as one that holds none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, JSON, LargeBinary, Text

from hub.privacy.document import with_register
from hub.privacy.register import HOLDINGS, IMPERSONAL, KEPT
from hub.privacy.retention import LIMITS
from hub.registry import metadata

if TYPE_CHECKING:
    from sqlalchemy import Column

PAGE = Path(__file__).resolve().parents[3] / "docs" / "PRIVACY.md"
PEOPLE_WITHOUT_A_KEY = {"notifications.recipient_id", "deliveries.person_id"}
"""They name people without a foreign key (decision 15)."""


def name_of(column: Column[object]) -> str:
    return f"{column.table.name}.{column.name}"


def names_a_person(column: Column[object]) -> bool:
    keyed = any(key.column.table.name == "people" for key in column.foreign_keys)
    return keyed or name_of(column) in PEOPLE_WITHOUT_A_KEY


def columns() -> list[Column[object]]:
    return [column for table in metadata.tables.values() for column in table.columns]


def marked() -> set[str]:
    return {f"{one.table}.{column}" for one in HOLDINGS for column in one.columns}


def stated() -> set[str]:
    return {column for columns in IMPERSONAL.values() for column in columns}


def test_every_column_that_can_hold_a_persons_data_is_marked_or_stated_not_to() -> None:
    can = {
        name_of(column)
        for column in columns()
        if names_a_person(column) or isinstance(column.type, (Text, JSON, LargeBinary, ARRAY))
    }
    assert can - marked() - stated() == set(), (
        "mark it in hub/privacy/register.py, or state that it holds none"
    )


def test_register_names_only_what_there_is() -> None:
    there = {name_of(column) for column in columns()}
    assert marked() | stated() <= there
    assert not marked() & stated()
    assert len({one.table for one in HOLDINGS}) == len(HOLDINGS)
    for one in HOLDINGS:
        assert {f"{one.table}.{column}" for column in (*one.person, *one.secret)} <= there


def test_every_column_that_names_a_person_leads_to_their_rows() -> None:
    leads = {f"{one.table}.{column}" for one in HOLDINGS for column in one.person}
    assert {name_of(column) for column in columns() if names_a_person(column)} <= leads


def test_everything_has_its_time() -> None:
    limits = {limit.name for limit in LIMITS}
    assert {one.kept for one in HOLDINGS} <= limits | KEPT.keys()
    assert len(limits) == len(LIMITS)


def test_page_is_fresh() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_register(page), "run: make docs"
