"""Facilities: corrections units, regional offices and partners, under all their names."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, CreatedAt, Identifier
from hub.texts.plain import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

UNIT_KINDS = ("lapas", "rutan", "bapas", "lpka", "rs")
"""Kinds of corrections units; ``rs`` is the corrections hospital."""
KINDS = (*UNIT_KINDS, "kanwil", "ditjenpas", "partner")
ZONES = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
NAME_KINDS = ("official", "former", "alias", "abbreviation")


def folded_name(context: Any) -> str:
    """Return the key of the row's name, for a row that is inserted without one."""
    name: str = context.get_current_parameters()["name"]
    return fold(name)


def folded_facility(context: Any) -> str:
    """Return what a facility is found by until it has more names: its name and its city."""
    row = context.get_current_parameters()
    return search_text((row["name"], row.get("city")))


def search_text(texts: Iterable[str | None]) -> str:
    """Return the one string a facility is found by: its distinct folded words, each after a space.

    Every word begins with a space, so that ``LIKE '% purb%'`` finds the beginnings of words.
    """
    words = dict.fromkeys(word for text in texts if text for word in fold(text).split())
    return "".join(f" {word}" for word in words)


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
        Index(
            "ix_facilities_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )

    id: Mapped[Identifier]
    #: The official name now; facility_names has the others and the former ones.
    name: Mapped[str]
    #: The official name folded (hub.texts.plain.fold), by which lists are sorted.
    name_key: Mapped[str] = mapped_column(default=folded_name)
    #: The words of all its names and of its city (see ``search_text`` above), by which it is found.
    search_text: Mapped[str] = mapped_column(default=folded_facility)
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
        Index(
            "ix_facility_names_search_key",
            "search_key",
            postgresql_using="gin",
            postgresql_ops={"search_key": "gin_trgm_ops"},
        ),
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
