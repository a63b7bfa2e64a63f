"""The hub's clock: the database's, plus an offset that is zero outside demo and tests.

``hub_now()`` is the only judge of what is due, expired or late, so no process's own clock matters,
and in the demo a visit of November 2024 can be lived through in seconds.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, DateTime, Interval, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base
from hub.errors import Conflict

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config.settings import Settings


NOTED = "hub_now"


class ClockOffset(Base):
    """One row: how far the hub's clock stands from the database's."""

    __tablename__ = "clock_offset"
    __table_args__ = (CheckConstraint("is_only", name="one_row"),)

    is_only: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    offset_by: Mapped[dt.timedelta] = mapped_column(Interval, server_default=text("'0'"))


def now(session: Session) -> dt.datetime:
    """Return the hub's time as an aware UTC datetime; the same within one transaction."""
    known: dt.datetime | None = session.info.get(NOTED)
    return known or session.scalars(select(func.hub_now(type_=DateTime(timezone=True)))).one()


def note_now(session: Session, moment: dt.datetime) -> None:
    """Keep the hub's time for this session, whose only transaction has just been told it by the database."""
    session.info[NOTED] = moment


def travel(session: Session, settings: Settings, *, to: dt.datetime) -> None:
    """Set the hub's clock to ``to`` (aware). Raises Conflict outside demo and tests.

    Needs the owner's rights: neither the web process nor a worker may move the clock.
    """
    if settings.mode == "production":
        raise Conflict("The clock is moved in the demo and in tests only.", code="clock-fixed")
    session.execute(text("UPDATE clock_offset SET offset_by = CAST(:to AS timestamptz) - now()"), {"to": to})


def demand_true_time(session: Session, settings: Settings) -> None:
    """Raise Conflict if the clock is off in production; every process asks at its start."""
    offset = session.scalars(select(ClockOffset.offset_by)).one()
    if settings.mode == "production" and offset:
        raise Conflict("The hub's clock is off by %(offset)s in production.", offset=offset, code="clock-off")
