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

from sqlalchemy import ARRAY, BigInteger, DateTime, Text, Uuid, bindparam, text

from hub.messaging.subscriptions import PARTNER_RECORD, SUBSCRIPTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import TextClause
    from sqlalchemy.orm import Session

CONTACTS = sorted(name for name, consumers in SUBSCRIPTIONS.items() if PARTNER_RECORD in consumers)
"""Event types that count as a contact and stand in the timeline."""

COMPUTED = """
    given AS (
        SELECT * FROM unnest(:facilities, :partners) AS given (facility_id, partner_id)
    ), couple AS MATERIALIZED (
        SELECT DISTINCT least(facility_id, partner_id) AS one_id,
               greatest(facility_id, partner_id) AS other_id FROM given
    ), shared AS MATERIALIZED (
        SELECT one_id, other_id, contact.*, trip.*, promise.*, c.themes || theme.themes AS themes
        FROM couple
        JOIN parties one ON one.facility_id = one_id
        JOIN parties other ON other.collaboration_id = one.collaboration_id AND other.facility_id = other_id
        JOIN collaborations c ON c.id = one.collaboration_id
        JOIN proposals p ON p.collaboration_id = c.id AND p.submitted_at IS NOT NULL  -- a draft is none yet
        CROSS JOIN LATERAL (
            SELECT min(e.occurred_at) AS first_at, max(e.occurred_at) AS last_at FROM events e
            WHERE e.collaboration_id = c.id AND e.type = ANY (:contacts)
        ) AS contact
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE v.host_party_id = one.id) AS to_one,
                   count(*) FILTER (WHERE v.host_party_id = other.id) AS to_other
            FROM visits v WHERE v.collaboration_id = c.id AND v.state IN ('held', 'concluded')
        ) AS trip
        CROSS JOIN LATERAL (
            SELECT array_agg(o.theme) AS themes FROM visits v JOIN outcomes o ON o.visit_id = v.id
            WHERE v.collaboration_id = c.id AND v.published_at IS NOT NULL
        ) AS theme
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE coalesce(task.state, 'open') = 'open') AS open,
                   count(*) FILTER (WHERE task.state = 'closed') AS closed
            FROM commitments m JOIN visits v ON v.id = m.visit_id
            LEFT JOIN LATERAL (  -- by its whole key, even if the planner thinks that there are hardly any
                SELECT t.state FROM tasks t
                WHERE t.source = 'commitment' AND t.source_key = CAST(m.id AS text)
                  AND t.facility_id = m.facility_id LIMIT 1
            ) AS task ON true
            WHERE m.collaboration_id = c.id AND m.facility_id IN (one_id, other_id)
              AND v.published_at IS NOT NULL
        ) AS promise
        WHERE (one.role = 'host') <> (other.role = 'host')
    ), theme AS (
        SELECT one_id, other_id, array_agg(DISTINCT theme COLLATE "C") AS themes
        FROM shared, unnest(themes) AS theme GROUP BY one_id, other_id
    ), summed AS (
        SELECT one_id, other_id, count(shared) AS collaborations,
               min(first_at) AS first_at, max(last_at) AS last_at,
               coalesce(sum(to_one), 0) AS to_one, coalesce(sum(to_other), 0) AS to_other,
               coalesce(sum(open), 0) AS open_follow_ups, coalesce(sum(closed), 0) AS closed_follow_ups
        FROM couple LEFT JOIN shared USING (one_id, other_id) GROUP BY one_id, other_id
    ), computed AS (
        SELECT way.*, summed.*, coalesce(theme.themes, '{}') AS themes
        FROM summed LEFT JOIN theme USING (one_id, other_id)
        CROSS JOIN LATERAL (
            VALUES (one_id, other_id, to_other, to_one), (other_id, one_id, to_one, to_other)
        ) AS way (facility_id, partner_id, visits_made, visits_hosted)
    )
"""
"""What the sources say of the given pairs, a row for each: ``computed``. Both directions share their sources,
so these are read once for a couple, one collaboration after the other by its own indexes."""

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


def with_parts(*parts: str, then: str) -> TextClause:
    """Return the statement ``then`` with these CTEs before it."""
    return text("WITH " + ", ".join(parts) + then)


TOUCHED = text(
    """
    SELECT e.id AS event_id, e.occurred_at, e.collaboration_id, way.facility_id, way.partner_id
    FROM events e
    JOIN parties host ON host.collaboration_id = e.collaboration_id AND host.role = 'host'
    JOIN parties other ON other.collaboration_id = e.collaboration_id AND other.role <> 'host'
    CROSS JOIN LATERAL (
        VALUES (host.facility_id, other.facility_id), (other.facility_id, host.facility_id)
    ) AS way (facility_id, partner_id)
    WHERE e.id = ANY (:event_ids) ORDER BY way.facility_id, way.partner_id, e.id
    """
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
    COMPUTED,
    then="""
    UPDATE partner_records r
    SET first_contact_on = CAST(x.first_at AT TIME ZONE f.iana_zone AS date),
        last_contact_on = CAST(x.last_at AT TIME ZONE f.iana_zone AS date),
        collaborations = x.collaborations, visits_made = x.visits_made, visits_hosted = x.visits_hosted,
        themes = x.themes, open_follow_ups = x.open_follow_ups, closed_follow_ups = x.closed_follow_ups
    FROM computed x JOIN facilities f ON f.id = x.facility_id
    WHERE (r.facility_id, r.partner_id) = (x.facility_id, x.partner_id)
      AND (x.facility_id, x.partner_id) IN (SELECT facility_id, partner_id FROM given)
    """,
).bindparams(CONTACT_TYPES, *PAIR_IDS)

EXTEND_TIMELINE = text(
    """
    INSERT INTO partner_timeline (facility_id, partner_id, event_id, collaboration_id, occurred_at)
    SELECT * FROM unnest(:facilities, :partners, :event_ids, :collaborations, :moments)
    ON CONFLICT DO NOTHING
    """
).bindparams(
    EVENT_IDS,
    *PAIR_IDS,
    bindparam("collaborations", type_=ARRAY(BigInteger)),
    bindparam("moments", type_=ARRAY(DateTime(timezone=True))),
)


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
        session.execute(
            EXTEND_TIMELINE,
            {
                "facilities": [row.facility_id for row in touched],
                "partners": [row.partner_id for row in touched],
                "event_ids": [row.event_id for row in touched],
                "collaborations": [row.collaboration_id for row in touched],
                "moments": [row.occurred_at for row in touched],
            },
        )
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
