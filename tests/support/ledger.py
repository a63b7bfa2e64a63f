"""What the tables say after a storm: the oracle of the guarantee tests."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from hub.db.transaction import Database

COUNTS = text(
    """
    SELECT (SELECT count(*) FROM events) AS events,
           (SELECT count(*) FROM reactions) AS reactions,
           (SELECT count(*) FROM reactions WHERE state = 'due') AS due,
           (SELECT count(*) FROM reactions WHERE state = 'done') AS done,
           (SELECT count(*) FROM reactions WHERE state = 'parked') AS parked,
           (SELECT count(*) FROM reactions WHERE attempts > 0) AS attempted,
           (SELECT count(*) FROM notifications) AS notifications,
           (SELECT count(*) FROM tasks) AS tasks,
           (SELECT count(*) FROM reminders) AS reminders,
           (SELECT count(*) FROM partner_records) AS records,
           (SELECT count(*) FROM partner_timeline) AS timeline
    """
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of each kind there are."""

    events: int
    reactions: int
    due: int
    done: int
    parked: int
    attempted: int
    notifications: int
    tasks: int
    reminders: int
    records: int
    timeline: int


def counts(database: Database) -> Counts:
    """Count everything in one snapshot."""
    with database.transaction() as session:
        return Counts(**session.execute(COUNTS).mappings().one())


def is_settled(database: Database) -> bool:
    """Whether no reaction is due any more."""
    return counts(database).due == 0


def let_leases_end(owner: Database, seconds: int = 61) -> None:
    """Move the hub's clock forward, so that a claim nobody settled is due again without waiting."""
    with owner.transaction() as session:
        session.execute(
            text("UPDATE clock_offset SET offset_by = offset_by + :by"), {"by": dt.timedelta(seconds=seconds)}
        )


RECORDS = text("SELECT to_jsonb(r) FROM partner_records r ORDER BY facility_id, partner_id")
TIMELINE = text("SELECT to_jsonb(t) FROM partner_timeline t ORDER BY facility_id, partner_id, event_id")


def projections(database: Database) -> tuple[list[object], list[object]]:
    """Return the partner records and timelines, row for row."""
    with database.transaction() as session:
        return list(session.scalars(RECORDS)), list(session.scalars(TIMELINE))
