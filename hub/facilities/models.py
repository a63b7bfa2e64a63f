"""Facilities: corrections units, regional offices and partners, under all their names."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, CreatedAt, Identifier
from hub.facilities.kinds import KINDS, UNIT_KINDS
from hub.facilities.words import area_text, name_text
from hub.texts.plain import fold

__all__ = [
    "KINDS",
    "NAME_KINDS",
    "UNIT_KINDS",
    "ZONES",
    "DistinctFacilities",
    "Facility",
    "FacilityMerge",
    "FacilityName",
    "FacilityWord",
]

ZONES = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
NAME_KINDS = ("official", "former", "alias", "abbreviation")


def folded_name(context: Any) -> str:
    """Return the key of the row's name, for a row that is inserted without one."""
    name: str = context.get_current_parameters()["name"]
    return fold(name)


NAME_WORDS = "string_to_array(ltrim(search_text), ' ')"
ALL_WORDS = "string_to_array(ltrim(search_text || area_text), ' ')"
SEARCH_ORDER = (
    "CASE WHEN kind IN ('lapas', 'rutan', 'bapas', 'lpka', 'rs') THEN 0"
    " WHEN kind IN ('kanwil', 'ditjenpas') THEN 100 ELSE 200 END"
    " + least(cardinality(string_to_array(name_key, ' ')), 99)"
)


def words_of_name(context: Any) -> str:
    """Return what a facility is found by until it has more names."""
    return name_text([context.get_current_parameters()["name"]])


def words_of_area(context: Any) -> str:
    """Return the words of the town and province of the row."""
    row = context.get_current_parameters()
    return area_text(row.get("city"), row.get("province"))


class Facility(Base):
    """A unit, a regional office (``kanwil``) or a partner outside corrections."""

    __tablename__ = "facilities"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"iana_zone IN {ZONES}", name="zone"),
        CheckConstraint("status IN ('active', 'historical', 'merged')", name="status"),
        CheckConstraint("merged_into_id <> id", name="no_self_merge"),
        CheckConstraint("(status = 'merged') = (merged_into_id IS NOT NULL)", name="merged_says_into"),
        Index("ix_facilities_region_id", "region_id"),
        Index("uq_facilities_name_active", "name", unique=True, postgresql_where=text("status = 'active'")),
        Index("ix_facilities_name_key", "name_key", "id"),
        Index("ix_facilities_words", "words", postgresql_using="gin"),
        Index("ix_facilities_name_words", "name_words", postgresql_using="gin"),
        Index("ix_facilities_themes", "themes", postgresql_using="gin"),
        Index(
            "ix_facilities_search_order",
            "search_order",
            "name_key",
            "id",
            postgresql_where=text("status = 'active'"),
        ),
        Index(
            "ix_facilities_merged_into_id",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    id: Mapped[Identifier]
    #: The official name now; facility_names has the others and the former ones.
    name: Mapped[str]
    #: The official name folded (hub.texts.plain.fold), by which lists are sorted.
    name_key: Mapped[str] = mapped_column(default=folded_name)
    #: The words of all its names, each after a space (hub.facilities.words.name_text).
    search_text: Mapped[str] = mapped_column(default=words_of_name)
    #: The words of its town and province, likewise.
    area_text: Mapped[str] = mapped_column(default=words_of_area, server_default="")
    name_words: Mapped[list[str]] = mapped_column(ARRAY(Text), Computed(NAME_WORDS, persisted=True))
    #: The words of names and area, by which it is found.
    words: Mapped[list[str]] = mapped_column(ARRAY(Text), Computed(ALL_WORDS, persisted=True))
    #: What comes first of facilities that fit equally: units before offices before partners, short names.
    search_order: Mapped[int] = mapped_column(Integer, Computed(SEARCH_ORDER, persisted=True))
    kind: Mapped[str]
    speciality: Mapped[str | None]
    class_: Mapped[str | None] = mapped_column("class")
    #: The regional office that watches over it; none for the directorate general and most partners.
    region_id: Mapped[int | None] = mapped_column(ForeignKey("facilities.id"))
    city: Mapped[str | None]
    regency_code: Mapped[str | None]
    province: Mapped[str | None]
    iana_zone: Mapped[str]
    #: Of the town, never of the building (GeoNames, CC BY 4.0).
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    #: What the facility says it is good at (hub.facilities.themes).
    themes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    #: Where official mail goes; invitations start from it.
    mailbox: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="active")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("facilities.id"))
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[CreatedAt]


class FacilityName(Base):
    """One name of a facility; a facility has one official name at a time."""

    __tablename__ = "facility_names"
    __table_args__ = (
        CheckConstraint(f"kind IN {NAME_KINDS}", name="kind"),
        Index("uq_facility_names_facility_id_kind_name", "facility_id", "kind", "name", unique=True),
        Index("ix_facility_names_search_key", "search_key"),
        ExcludeConstraint(
            ("facility_id", "="),
            ("valid", "&&"),
            name="one_official_name_at_a_time",
            where=text("kind = 'official'"),
            using="gist",
        ),
    )

    id: Mapped[Identifier]
    facility_id: Mapped[int] = mapped_column(ForeignKey("facilities.id"))
    name: Mapped[str]
    #: The name folded for searching (hub.texts.plain.fold).
    search_key: Mapped[str] = mapped_column(default=folded_name)
    kind: Mapped[str]
    valid: Mapped[Range[dt.date]] = mapped_column(DATERANGE, server_default=text("'(,)'"))


class FacilityWord(Base):
    """A word of some facility, so that the nearest words of a search are found in one short list.

    A trigger fills it. A word whose last facility is gone stays: it leads nowhere.
    """

    __tablename__ = "facility_words"

    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)


class FacilityMerge(Base):
    """A facility leads on to another one, from one moment on until it is taken back."""

    __tablename__ = "facility_merges"
    __table_args__ = (
        CheckConstraint("merged_id <> survivor_id", name="two_facilities"),
        CheckConstraint("status_before IN ('active', 'historical')", name="status_before"),
        Index(
            "uq_facility_merges_merged_id",
            "merged_id",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("ix_facility_merges_survivor_id", "survivor_id"),
    )

    id: Mapped[Identifier]
    merged_id: Mapped[int] = mapped_column(ForeignKey("facilities.id"))
    survivor_id: Mapped[int] = mapped_column(ForeignKey("facilities.id"))
    #: What the merged facility was, and is again when the merge is taken back.
    status_before: Mapped[str]
    #: The names (facility_names) that the survivor got by it.
    name_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    #: None: an operator at the command line.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[CreatedAt]
    undone_at: Mapped[dt.datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class DistinctFacilities(Base):
    """Two facilities that look alike, of which somebody has said that they are two."""

    __tablename__ = "distinct_facilities"
    __table_args__ = (CheckConstraint("one_id < other_id", name="in_order"),)

    one_id: Mapped[int] = mapped_column(ForeignKey("facilities.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("facilities.id", ondelete="CASCADE"), primary_key=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[CreatedAt]
