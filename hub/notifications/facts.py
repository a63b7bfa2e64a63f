"""What a sentence about an event needs to know: read for many events at once, in one query."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Uuid, bindparam, text

from hub.db.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class OfUnit:
    """What an event inside a unit is about: a post, who has it or a right from then on, what goes with it."""

    id: int
    post_id: int | None
    post: str
    person: str
    tasks: int
    invitations: int
    visits: int


@dataclass(frozen=True, slots=True)
class Facts:
    """One event with the names and times that it refers to by number.

    ``starts_at`` and ``ends_at`` are those of the arrangement the event is about (or the time asked for
    by a counter-proposal), ``zone`` is the host's. An event inside a unit (``unit``) has no collaboration:
    guest and host are the unit, the times are those of who holds the post or the right. ``visit_id`` and
    what follows may be None, depending on the type.
    """

    event_id: uuid.UUID
    type: str
    occurred_at: dt.datetime
    actor: str
    collaboration_id: int | None
    ref: str
    title: str
    guest: str
    host: str
    visit_id: int | None
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    commitments: int | None
    reason: str | None
    task_id: int | None
    task: str | None
    task_unit: str | None
    task_note: str | None
    unit: OfUnit | None = None


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
    LEFT JOIN LATERAL (
        SELECT * FROM tasks WHERE tasks.id = CAST(e.data ->> 'task_id' AS bigint) OFFSET 0
    ) AS t ON true
    LEFT JOIN facilities unit ON unit.id = t.facility_id
    WHERE e.id = ANY (:event_ids)
    """
    ).bindparams(bindparam("event_ids", type_=ARRAY(Uuid)))
)


# What is lent is the right of the head's post.
OF_UNITS = Reading(
    text(
        """
    SELECT e.id, e.type, e.occurred_at, e.actor_label, unit.name, unit.iana_zone,
           coalesce(CAST(e.data ->> 'starts_at' AS timestamptz), CAST(e.data ->> 'ends_at' AS timestamptz)),
           coalesce(CAST(e.data ->> 'ends_at' AS timestamptz), CAST(e.data ->> 'starts_at' AS timestamptz)),
           unit.id, CAST(e.data ->> 'post_id' AS bigint), coalesce(post.title, ''), person.name,
           coalesce(CAST(e.data ->> 'tasks' AS integer), 0),
           coalesce(CAST(e.data ->> 'invitations' AS integer), 0),
           coalesce(CAST(e.data ->> 'visits' AS integer), 0)
    FROM events e
    JOIN facilities unit ON unit.id = CAST(e.data ->> 'facility_id' AS bigint)
    JOIN people person ON person.id = CAST(e.data ->> 'person_id' AS bigint)
    LEFT JOIN posts post ON post.facility_id = unit.id AND CASE WHEN e.data ->> 'post_id' IS NULL
        THEN post.role = 'head' ELSE post.id = CAST(e.data ->> 'post_id' AS bigint) END
    WHERE e.id = ANY (:event_ids) AND e.collaboration_id IS NULL
    """
    ).bindparams(bindparam("event_ids", type_=ARRAY(Uuid)))
)


def facts_of(session: Session, event_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Facts]:
    """Return the facts of each event, by its id; events that do not exist are left out."""
    asked = list(event_ids)
    found = {row[0]: Facts(*row) for row in FACTS.rows(session, event_ids=asked)}
    others = [event_id for event_id in asked if event_id not in found]
    if others:
        found |= {row[0]: _of_unit(row) for row in OF_UNITS.rows(session, event_ids=others)}
    return found


def _of_unit(row: tuple[Any, ...]) -> Facts:
    event_id, what, occurred_at, actor, unit, zone, starts_at, ends_at, *about = row
    return Facts(
        event_id=event_id,
        type=what,
        occurred_at=occurred_at,
        actor=actor,
        collaboration_id=None,
        ref="",
        title=unit,
        guest=unit,
        host=unit,
        visit_id=None,
        starts_at=starts_at,
        ends_at=ends_at,
        zone=zone,
        commitments=None,
        reason=None,
        task_id=None,
        task=None,
        task_unit=None,
        task_note=None,
        unit=OfUnit(*about),
    )
