"""What a sentence about an event needs to know: read for many events at once, in one query."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, Uuid, bindparam, text

from hub.db.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Facts:
    """One event with the names and times that it refers to by number.

    ``starts_at`` and ``ends_at`` are those of the arrangement the event is about (or the time asked for
    by a counter-proposal), ``zone`` is the host's. ``visit_id`` and what follows may be None, depending
    on the type.
    """

    event_id: uuid.UUID
    type: str
    occurred_at: dt.datetime
    actor: str
    collaboration_id: int
    ref: str
    title: str
    guest: str
    host: str
    visit_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    commitments: int | None
    reason: str | None
    task_id: int | None
    task: str | None
    task_unit: str | None
    task_note: str | None


# proposal.* name no visit: the collaboration's first one stands for it. An event that names no arrangement
# is told with the one of its time, so that an old notice does not change its date.
FACTS = Reading(
    text(
        """
    SELECT e.id AS event_id, e.type, e.occurred_at, e.actor_label AS actor, c.id AS collaboration_id,
           c.ref, c.title, guests.names AS guest, host.name AS host, v.id AS visit_id,
           coalesce(CAST(e.data ->> 'starts_at' AS timestamptz), a.starts_at) AS starts_at,
           coalesce(CAST(e.data ->> 'ends_at' AS timestamptz), a.ends_at) AS ends_at,
           a.iana_zone AS zone,
           CASE WHEN e.type = 'outcome.published' THEN CAST(e.data ->> 'commitments' AS integer) END
               AS commitments,
           coalesce(e.data ->> 'reason', reply.reason) AS reason,
           t.id AS task_id, t.title AS task, unit.name AS task_unit, t.closing_note AS task_note
    FROM events e
    JOIN collaborations c ON c.id = e.collaboration_id
    JOIN LATERAL (
        SELECT v.* FROM visits v
        WHERE v.collaboration_id = c.id
          AND (e.data ->> 'visit_id' IS NULL OR v.id = CAST(e.data ->> 'visit_id' AS bigint))
        ORDER BY v.stop_no LIMIT 1
    ) AS v ON true
    JOIN parties host_party ON host_party.id = v.host_party_id
    JOIN facilities host ON host.id = host_party.facility_id
    JOIN LATERAL (
        SELECT string_agg(f.name, ', ' ORDER BY p.id) AS names
        FROM parties p JOIN facilities f ON f.id = p.facility_id
        WHERE p.collaboration_id = c.id AND p.role = 'guest'
    ) AS guests ON true
    JOIN arrangements a ON a.visit_id = v.id
        AND a.number = coalesce(
            CAST(e.data ->> 'arrangement_no' AS integer),
            (SELECT max(number) FROM arrangements WHERE visit_id = v.id AND created_at <= e.occurred_at),
            v.arrangement_no
        )
    LEFT JOIN LATERAL (
        SELECT reason FROM answers
        WHERE invitation_id = CAST(e.data ->> 'invitation_id' AS bigint)
          AND number = CAST(e.data ->> 'arrangement_no' AS integer)
        ORDER BY id DESC LIMIT 1
    ) AS reply ON true
    LEFT JOIN tasks t ON t.id = CAST(e.data ->> 'task_id' AS bigint)
    LEFT JOIN facilities unit ON unit.id = t.facility_id
    WHERE e.id = ANY (:event_ids)
    """
    ).bindparams(bindparam("event_ids", type_=ARRAY(Uuid)))
)


def facts_of(session: Session, event_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Facts]:
    """Return the facts of each event, by its id; events that do not exist are left out."""
    return {row[0]: Facts(*row) for row in FACTS.rows(session, event_ids=list(event_ids))}
