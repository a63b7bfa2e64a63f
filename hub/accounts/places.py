"""The little that accounts must know of a facility: that it is there, its name and its kind.

Facilities stand above accounts (they show the posts that people serve in), so their models cannot be
imported here; the table can be named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Text, column, select, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

facilities = table("facilities", column("id", BigInteger), column("name", Text), column("kind", Text))


def kind_of(session: Session, facility_id: int | None) -> str | None:
    """Return a facility's kind, or None if there is no such facility."""
    return session.scalar(select(facilities.c.kind).where(facilities.c.id == facility_id))
