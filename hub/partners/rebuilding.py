"""Rebuild every partner record from its sources, or only say what a rebuild would change.

Events whose reaction is still due show as differences: the running record has yet to hear of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import text

from hub.partners.records import CONTACT_TYPES, CONTACTS, PAIRS_OF_COLLABORATION, lock, recompute, with_parts

if TYPE_CHECKING:
    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one record that was otherwise than its sources say; ``field`` None: the whole row."""

    facility_id: int
    partner_id: int
    field: str | None
    was: object
    now: object


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild changed, or would change."""

    records: int
    differences: tuple[Difference, ...]
    timeline_added: int
    timeline_removed: int

    @property
    def is_clean(self) -> bool:
        """Return whether the running records equalled the rebuilt ones."""
        return not (self.differences or self.timeline_added or self.timeline_removed)


SOURCE_PAIRS = """
    source AS (
        SELECT DISTINCT facility_id, partner_id
        FROM both_ways JOIN events e USING (collaboration_id) WHERE e.type = ANY (:contacts)
    )
"""

ALL_PAIRS = with_parts(
    PAIRS_OF_COLLABORATION,
    SOURCE_PAIRS,
    then="SELECT * FROM source UNION SELECT facility_id, partner_id FROM partner_records",
).bindparams(CONTACT_TYPES)

REMOVE_UNFOUNDED = with_parts(
    PAIRS_OF_COLLABORATION,
    SOURCE_PAIRS,
    then="""
    DELETE FROM partner_records r
    WHERE NOT EXISTS (
        SELECT FROM source s WHERE (s.facility_id, s.partner_id) = (r.facility_id, r.partner_id)
    )
    """,
).bindparams(CONTACT_TYPES)

SOURCE_ENTRIES = """
    entry AS (
        SELECT facility_id, partner_id, e.id AS event_id, e.collaboration_id, e.occurred_at
        FROM both_ways JOIN events e USING (collaboration_id) WHERE e.type = ANY (:contacts)
    )
"""

REMOVE_ENTRIES = with_parts(
    PAIRS_OF_COLLABORATION,
    SOURCE_ENTRIES,
    then="""
    DELETE FROM partner_timeline t
    WHERE NOT EXISTS (
        SELECT FROM entry e
        WHERE (e.facility_id, e.partner_id, e.event_id, e.collaboration_id, e.occurred_at)
            = (t.facility_id, t.partner_id, t.event_id, t.collaboration_id, t.occurred_at)
    )
    """,
).bindparams(CONTACT_TYPES)

ADD_ENTRIES = with_parts(
    PAIRS_OF_COLLABORATION,
    SOURCE_ENTRIES,
    then="""
    INSERT INTO partner_timeline (facility_id, partner_id, event_id, collaboration_id, occurred_at)
    SELECT facility_id, partner_id, event_id, collaboration_id, occurred_at FROM entry
    ORDER BY facility_id, partner_id, event_id
    ON CONFLICT DO NOTHING
    """,
).bindparams(CONTACT_TYPES)

RECORDS = text("SELECT * FROM partner_records")


def rebuild(session: Session, *, dry_run: bool) -> Rebuilt:
    """Compute every record and timeline anew; return the differences. Drains of a pair wait meanwhile.

    A dry run does the same and takes it back.
    """
    session.execute(text("SET LOCAL statement_timeout = 0"))
    with session.begin_nested() as changes:
        found = session.execute(ALL_PAIRS, {"contacts": CONTACTS})
        pairs = sorted((row.facility_id, row.partner_id) for row in found)
        existing = set(_records(session))
        lock(session, pairs)
        before = {pair: record for pair, record in _records(session).items() if pair in existing}
        recompute(session, pairs)
        session.execute(REMOVE_UNFOUNDED, {"contacts": CONTACTS})
        removed = _count(session, REMOVE_ENTRIES)
        added = _count(session, ADD_ENTRIES)
        after = _records(session)
        if dry_run:
            changes.rollback()
    return Rebuilt(len(after), tuple(_differences(before, after)), added, removed)


def _records(session: Session) -> dict[tuple[int, int], dict[str, Any]]:
    rows = session.execute(RECORDS).mappings()
    return {(row["facility_id"], row["partner_id"]): dict(row) for row in rows}


def _differences(
    before: dict[tuple[int, int], dict[str, Any]], after: dict[tuple[int, int], dict[str, Any]]
) -> list[Difference]:
    differences = []
    for pair in sorted(before.keys() | after.keys()):
        was, now = before.get(pair), after.get(pair)
        if was is None or now is None:
            differences.append(Difference(*pair, None, was, now))
        else:
            differences.extend(
                Difference(*pair, name, was[name], now[name]) for name in was if was[name] != now[name]
            )
    return differences


def _count(session: Session, statement: Any) -> int:
    return cast("CursorResult[Any]", session.execute(statement, {"contacts": CONTACTS})).rowcount
