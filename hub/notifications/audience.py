"""Select whom an event concerns: one SELECT, for events that happened and for one that has not yet.

The consumer wraps it in an INSERT (``telling``); a preview binds the same selection to an event that
does not exist. Both put a CTE ``subject`` in front of the CTE ``audience``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, bindparam, text

if TYPE_CHECKING:
    from sqlalchemy import TextClause
    from sqlalchemy.orm import Session

SUBJECT_OF_EVENTS = """
    subject (event_id, type, collaboration_id, visit_id, task_id, actor_id, post_id, person_id, unit_id) AS (
        SELECT id, type, collaboration_id, CAST(data ->> 'visit_id' AS bigint),
               CAST(data ->> 'task_id' AS bigint), actor_id, CAST(data ->> 'to_post_id' AS bigint),
               CAST(data ->> 'person_id' AS bigint),
               CASE WHEN collaboration_id IS NULL THEN CAST(data ->> 'facility_id' AS bigint) END
        FROM events WHERE id = ANY (:event_ids)
    )
"""
"""The events named by ``:event_ids``."""

SUBJECT_OF_PREVIEW = """
    subject (event_id, type, collaboration_id, visit_id, task_id, actor_id, post_id, person_id, unit_id) AS (
        VALUES (CAST('00000000-0000-0000-0000-000000000000' AS uuid), :type, :collaboration_id, :visit_id,
                :task_id, :actor_id, CAST(NULL AS bigint), CAST(NULL AS bigint), CAST(NULL AS bigint))
    )
"""
"""One event that has not happened."""

AUDIENCE = """
    party AS MATERIALIZED (
        SELECT s.event_id, s.collaboration_id, p.facility_id, p.role, p.follow_up_post_id, f.region_id,
               f.merged_into_id
        FROM subject s JOIN parties p USING (collaboration_id) JOIN facilities f ON f.id = p.facility_id
        -- Who does a unit's task is the unit's own affair.
        WHERE s.type NOT IN ('task.returned', 'task.kept')
    ), concerned_post AS (
        SELECT party.event_id, post.id AS post_id
        FROM party JOIN posts post ON post.facility_id IN (party.facility_id, party.merged_into_id)
             AND post.role = 'head'
        UNION
        SELECT event_id, follow_up_post_id FROM party WHERE follow_up_post_id IS NOT NULL
        UNION
        -- A draft's promises concern nobody yet, except in the event that publishes them.
        SELECT party.event_id, c.owner_post_id
        FROM subject s JOIN party USING (event_id)
        JOIN commitments c ON c.collaboration_id = s.collaboration_id AND c.facility_id = party.facility_id
        JOIN visits v ON v.id = c.visit_id
        WHERE v.published_at IS NOT NULL OR (s.type = 'outcome.published' AND v.id = s.visit_id)
        UNION
        SELECT party.event_id, item.owner_post_id
        FROM party JOIN visits v USING (collaboration_id)
        JOIN agenda_items item ON item.visit_id = v.id AND item.number = v.arrangement_no
        JOIN posts post ON post.id = item.owner_post_id AND post.facility_id = party.facility_id
        UNION
        SELECT s.event_id, unnest(ARRAY[t.owner_post_id, t.accountable_post_id])
        FROM subject s JOIN tasks t ON t.id = s.task_id
        WHERE s.type IN ('task.closed', 'task.reopened', 'task.returned', 'task.kept')
        UNION
        SELECT event_id, post_id FROM subject WHERE post_id IS NOT NULL
        UNION
        SELECT s.event_id, post.id
        FROM subject s JOIN posts post ON post.facility_id = s.unit_id AND post.role = 'head'
    ), concerned AS (
        SELECT concerned_post.event_id, a.person_id
        FROM concerned_post JOIN appointments a USING (post_id)
        WHERE CASE WHEN a.during @> (SELECT hub_now()) THEN true ELSE false END
        UNION
        SELECT party.event_id, g.person_id
        FROM party JOIN grants g ON g.scope_facility_id IN (party.region_id, party.facility_id)
        WHERE g.role = 'overseer' AND g.during @> (SELECT hub_now())
        UNION
        SELECT s.event_id, g.person_id
        FROM subject s JOIN grants g ON g.scope_facility_id IS NULL
        WHERE g.role = 'overseer' AND g.during @> (SELECT hub_now())
          AND s.collaboration_id IS NOT NULL AND s.type NOT IN ('task.returned', 'task.kept')
        UNION
        -- Who has the right to answer on loan is asked like the head.
        SELECT party.event_id, lent.person_id
        FROM subject s JOIN party USING (event_id)
        JOIN delegations lent ON lent.facility_id = party.facility_id
        WHERE s.type IN ('proposal.submitted', 'visit.rearranged') AND party.role = 'host'
          AND lent.revoked_at IS NULL AND lent.during @> (SELECT hub_now())
          AND EXISTS (SELECT FROM posts JOIN appointments serves ON serves.post_id = posts.id
                      WHERE posts.facility_id = lent.facility_id AND serves.person_id = lent.person_id
                        AND serves.during @> (SELECT hub_now()))
        UNION
        SELECT event_id, person_id FROM subject WHERE person_id IS NOT NULL
    ), audience AS (
        SELECT event_id, person.id AS person_id, person.email, person.wants_mail
        FROM concerned JOIN people person ON person.id = concerned.person_id
        WHERE person.is_active
          AND (event_id, person.id) NOT IN (
              -- Both sides of a loan get it in writing.
              SELECT event_id, actor_id FROM subject
              WHERE actor_id IS NOT NULL AND type NOT IN ('delegation.given', 'delegation.ended')
          )
    )
"""
"""CTEs that end in ``audience (event_id, person_id, email, wants_mail)``, each pair once.

The clock is asked in a subquery, so once for a statement and not once for each row. The CASE around the
range hides it from the planner, which would guess that one appointment in 200 is in force and fetch thousands
of people one by one.
"""

EVENT_IDS = bindparam("event_ids", type_=ARRAY(Uuid))


def with_audience(subject: str, then: str) -> TextClause:
    """Return the statement ``then`` with the CTEs ``subject`` and ``audience`` before it."""
    return text(", ".join(("WITH" + subject, AUDIENCE + then)))


PREVIEW = with_audience(
    SUBJECT_OF_PREVIEW, "SELECT person_id, wants_mail FROM audience ORDER BY person_id"
).bindparams(
    bindparam("type", type_=Text),
    *(bindparam(name, type_=BigInteger) for name in ("collaboration_id", "visit_id", "task_id", "actor_id")),
)


def preview(
    session: Session,
    *,
    event_type: str,
    collaboration_id: int,
    visit_id: int | None = None,
    task_id: int | None = None,
    actor_id: int | None = None,
) -> list[tuple[int, bool]]:
    """Return (person, wants a mail) for everybody the event would be told to, if it happened now."""
    rows = session.execute(
        PREVIEW,
        {
            "type": event_type,
            "collaboration_id": collaboration_id,
            "visit_id": visit_id,
            "task_id": task_id,
            "actor_id": actor_id,
        },
    )
    return [(row.person_id, row.wants_mail) for row in rows]
