"""The declarative base of every table, and the column types they share."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import DeclarativeBase, mapped_column

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints, so that a migration can say which one it means."""

Identifier = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
"""A surrogate key given by the database."""
Moment = Annotated[dt.datetime, mapped_column(DateTime(timezone=True))]
"""An instant, in UTC; shown in a zone, never stored in one."""
CreatedAt = Annotated[dt.datetime, mapped_column(DateTime(timezone=True), server_default=func.hub_now())]
"""When the row was written, by the hub's clock."""
Words = Annotated[list[str], mapped_column(ARRAY(Text), server_default="{}")]
"""A list of codes or short texts."""


class Base(DeclarativeBase):
    """Base of every model; plain text columns are TEXT, limits stand in CHECKs and schemas."""

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy reads this name as it stands
        str: Text,
        int: BigInteger,
        dt.datetime: DateTime(timezone=True),
        uuid.UUID: UUID,
        dict[str, Any]: JSONB,
        list[str]: ARRAY(Text),
    }
