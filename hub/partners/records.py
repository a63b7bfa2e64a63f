"""Keep what each facility knows of each partner: the effect of the consumer "partner-record", and rebuilding.

A record is never counted up: it is computed from its sources (collaborations, visits, outcomes, tasks,
events), so the order and number of events cannot matter. Two drains that touch the same pair are put in
line by the pair's row: it is locked first, and what is committed by then is read in a later statement,
so an older view can never overwrite a newer one.

Open follow-ups are counted from the commitments of published outcomes minus those whose task has ended,
not from task rows: the tasks are opened by another consumer of the same event, often after this one, and
nobody would look again. A commitment is published in the transaction of the event itself.

In a collaboration of many parties only host x other pairs are recorded, each in both directions: a ceremony
with 40 partners is 80 rows, not 1,640.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, bindparam, text

from hub.messaging.subscriptions import PARTNER_RECORD, SUBSCRIPTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import TextClause
    from sqlalchemy.orm import Session

CONTACTS = sorted(name for name, consumers in SUBSCRIPTIONS.items() if PARTNER_RECORD in consumers)
"""Event types that count as a contact and stand in the timeline."""

SHARED = """
    shared AS (
        SELECT pair.facility_id, pair.partner_id, c.id AS collaboration_id, c.themes
        FROM pair
        JOIN parties mine ON mine.facility_id = pair.facility_id
        JOIN collaborations c ON c.id = mine.collaboration_id
        JOIN parties other ON other.collaboration_id = c.id AND other.facility_id = pair.partner_id
        JOIN proposals p ON p.collaboration_id = c.id
        WHERE p.submitted_at IS NOT NULL AND (mine.role = 'host') <> (other.role = 'host')
    )
"""
"""The collaborations of each row of a CTE ``pair (facility_id, partner_id)``; a draft is none yet."""

EXPECTED = """
    contact AS (
        SELECT s.facility_id, s.partner_id, min(e.occurred_at) AS first_at, max(e.occurred_at) AS last_at
        FROM shared s JOIN events e USING (collaboration_id)
        WHERE e.type = ANY (:contacts)
        GROUP BY s.facility_id, s.partner_id
    ), trip AS (
        SELECT s.facility_id, s.partner_id,
               count(*) FILTER (WHERE host.facility_id = s.partner_id) AS made,
               count(*) FILTER (WHERE host.facility_id = s.facility_id) AS hosted
        FROM shared s JOIN visits v USING (collaboration_id) JOIN parties host ON host.id = v.host_party_id
        WHERE v.state IN ('held', 'concluded')
        GROUP BY s.facility_id, s.partner_id
    ), theme AS (
        SELECT facility_id, partner_id, array_agg(DISTINCT theme COLLATE "C") AS themes
        FROM (
            SELECT facility_id, partner_id, unnest(themes) AS theme FROM shared
            UNION ALL
            SELECT s.facility_id, s.partner_id, o.theme
            FROM shared s JOIN visits v USING (collaboration_id) JOIN outcomes o ON o.visit_id = v.id
            WHERE v.published_at IS NOT NULL
        ) AS named
        GROUP BY facility_id, partner_id
    ), promise AS (
        SELECT s.facility_id, s.partner_id,
               count(*) FILTER (WHERE coalesce(t.state, 'open') = 'open') AS open,
               count(*) FILTER (WHERE t.state = 'closed') AS closed
        FROM shared s
        JOIN commitments c ON c.collaboration_id = s.collaboration_id
                          AND c.facility_id IN (s.facility_id, s.partner_id)
        JOIN visits v ON v.id = c.visit_id
        LEFT JOIN tasks t ON t.source = 'commitment' AND t.source_key = CAST(c.id AS text)
                         AND t.facility_id = c.facility_id
        WHERE v.published_at IS NOT NULL
        GROUP BY s.facility_id, s.partner_id
    ), expected AS (
        SELECT facility_id, partner_id,
               CAST(contact.first_at AT TIME ZONE f.iana_zone AS date) AS first_contact_on,
               CAST(contact.last_at AT TIME ZONE f.iana_zone AS date) AS last_contact_on,
               (SELECT count(*) FROM shared s
                WHERE (s.facility_id, s.partner_id) = (pair.facility_id, pair.partner_id)) AS collaborations,
               coalesce(trip.made, 0) AS visits_made, coalesce(trip.hosted, 0) AS visits_hosted,
               coalesce(theme.themes, '{}') AS themes,
               coalesce(promise.open, 0) AS open_follow_ups, coalesce(promise.closed, 0) AS closed_follow_ups
        FROM pair JOIN facilities f ON f.id = pair.facility_id
        LEFT JOIN contact USING (facility_id, partner_id)
        LEFT JOIN trip USING (facility_id, partner_id)
        LEFT JOIN theme USING (facility_id, partner_id)
        LEFT JOIN promise USING (facility_id, partner_id)
    )
"""
"""What the sources say of each pair, one row per pair: ``expected``."""

PAIRS_OF_COLLABORATION = """
    host_and_other AS (
        SELECT collaboration_id, host.facility_id AS host_id, other.facility_id AS other_id
        FROM parties host JOIN parties other USING (collaboration_id)
        WHERE host.role = 'host' AND other.role <> 'host'
    ), both_ways AS (
        SELECT collaboration_id, host_id AS facility_id, other_id AS partner_id FROM host_and_other
        UNION ALL
        SELECT collaboration_id, other_id, host_id FROM host_and_other
    )
"""
"""Every pair of every collaboration: ``both_ways``."""

EVENT_IDS = bindparam("event_ids", type_=ARRAY(Uuid))
CONTACT_TYPES = bindparam("contacts", type_=ARRAY(Text))
PAIR_IDS = (bindparam("facilities", type_=ARRAY(BigInteger)), bindparam("partners", type_=ARRAY(BigInteger)))
GIVEN_PAIRS = "pair AS (SELECT * FROM unnest(:facilities, :partners) AS given (facility_id, partner_id))"


def with_parts(*parts: str, then: str) -> TextClause:
    """Return the statement ``then`` with these CTEs before it."""
    return text("WITH " + ", ".join(parts) + then)


TOUCHED = with_parts(
    PAIRS_OF_COLLABORATION,
    then="""
    SELECT e.id AS event_id, e.occurred_at, e.collaboration_id, facility_id, partner_id
    FROM events e JOIN both_ways USING (collaboration_id)
    WHERE e.id = ANY (:event_ids) ORDER BY facility_id, partner_id, e.id
    """,
).bindparams(EVENT_IDS)

MAKE_ROWS = text(
    """
    INSERT INTO partner_records (facility_id, partner_id)
    SELECT * FROM unnest(:facilities, :partners) AS given (facility_id, partner_id)
    ORDER BY facility_id, partner_id ON CONFLICT DO NOTHING
    """
).bindparams(*PAIR_IDS)

LOCK_ROWS = text(
    """
    SELECT r.facility_id, r.partner_id FROM partner_records r
    JOIN unnest(:facilities, :partners) AS given (facility_id, partner_id) USING (facility_id, partner_id)
    ORDER BY r.facility_id, r.partner_id FOR UPDATE OF r
    """
).bindparams(*PAIR_IDS)

RECOMPUTE = with_parts(
    GIVEN_PAIRS,
    SHARED,
    EXPECTED,
    then="""
    UPDATE partner_records r
    SET (first_contact_on, last_contact_on, collaborations, visits_made, visits_hosted, themes,
         open_follow_ups, closed_follow_ups)
      = (x.first_contact_on, x.last_contact_on, x.collaborations, x.visits_made, x.visits_hosted, x.themes,
         x.open_follow_ups, x.closed_follow_ups)
    FROM expected x WHERE (r.facility_id, r.partner_id) = (x.facility_id, x.partner_id)
    """,
).bindparams(CONTACT_TYPES, *PAIR_IDS)

EXTEND_TIMELINE = with_parts(
    PAIRS_OF_COLLABORATION,
    then="""
    INSERT INTO partner_timeline (facility_id, partner_id, event_id, collaboration_id, occurred_at)
    SELECT facility_id, partner_id, e.id, e.collaboration_id, e.occurred_at
    FROM events e JOIN both_ways USING (collaboration_id)
    WHERE e.id = ANY (:event_ids)
    ORDER BY facility_id, partner_id, e.id
    ON CONFLICT DO NOTHING
    """,
).bindparams(EVENT_IDS)


def record(session: Session, event_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    """Bring the touched records up to date and extend their timelines; return ``{"records"}`` per event."""
    summaries = {event_id: {"records": 0} for event_id in event_ids}
    touched = session.execute(TOUCHED, {"event_ids": list(event_ids)}).all()
    for row in touched:
        summaries[row.event_id]["records"] += 1
    pairs = sorted({(row.facility_id, row.partner_id) for row in touched})
    if pairs:
        lock(session, pairs)
        recompute(session, pairs)
        session.execute(EXTEND_TIMELINE, {"event_ids": list(event_ids)})
    return summaries


def lock(session: Session, pairs: Sequence[tuple[int, int]]) -> None:
    """Lock the pairs' rows until the transaction ends, in the order of their keys; make the missing ones."""
    values = _columns(pairs)
    session.execute(MAKE_ROWS, values)
    session.execute(LOCK_ROWS, values)


def recompute(session: Session, pairs: Sequence[tuple[int, int]]) -> None:
    """Compute the records of locked pairs from their sources, as committed by now."""
    session.execute(RECOMPUTE, {**_columns(pairs), "contacts": CONTACTS})


def _columns(pairs: Sequence[tuple[int, int]]) -> dict[str, list[int]]:
    ordered = sorted(pairs)
    return {"facilities": [pair[0] for pair in ordered], "partners": [pair[1] for pair in ordered]}
