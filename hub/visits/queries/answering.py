"""Read who may answer for a unit now, and why: its head, who stands in, and to whom that right is lent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import BigInteger, column, select, table, text
from sqlalchemy.dialects.postgresql import TSTZRANGE

from hub.accounts.models import Post

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor

#: Staffing stands above visits, so its model cannot be imported here; the table can be named.
delegations = table("delegations", column("id", BigInteger), column("during", TSTZRANGE))

Why = Literal["head", "acting", "delegated"]


@dataclass(frozen=True, slots=True)
class Answerer:
    """Somebody who may answer now; ``until`` is the last day, in the unit's zone, None without an end."""

    person_id: int
    name: str
    why: Why
    post: str
    until: dt.date | None
    delegation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Lent:
    """The right of a unit's head to answer, in somebody else's hands now."""

    delegation_id: int
    post: str


# Whoever heads the unit needs no delegation; one who left the unit has none any more.
ANSWERERS = text(
    """
    SELECT people.id, people.name, CASE WHEN bool_and(served.is_acting) THEN 'acting' ELSE 'head' END AS why,
           head.title AS post,
           CASE WHEN NOT bool_or(upper_inf(served.during))
                THEN CAST(timezone(unit.iana_zone, max(upper(served.during))) AS date) - 1 END AS until,
           CAST(NULL AS bigint) AS delegation_id, 1 AS place
    FROM posts head
    JOIN appointments served ON served.post_id = head.id AND served.during @> hub_now()
    JOIN people ON people.id = served.person_id AND people.is_active
    JOIN facilities unit ON unit.id = head.facility_id
    WHERE head.facility_id = :facility AND head.role = 'head'
    GROUP BY people.id, head.title, unit.iana_zone
    UNION ALL
    SELECT people.id, people.name, 'delegated', post.title,
           CAST(timezone(unit.iana_zone, upper(lent.during)) AS date) - 1, lent.id, 2
    FROM delegations lent
    JOIN facilities unit ON unit.id = lent.facility_id
    JOIN people ON people.id = lent.person_id AND people.is_active
    JOIN LATERAL (
        SELECT title FROM posts JOIN appointments served ON served.post_id = posts.id
        WHERE posts.facility_id = lent.facility_id AND served.person_id = lent.person_id
          AND served.during @> hub_now()
        ORDER BY posts.is_pool, posts.id LIMIT 1
    ) AS post ON true
    WHERE lent.facility_id = :facility AND lent.revoked_at IS NULL AND lent.during @> hub_now()
    ORDER BY place, until DESC, name
    LIMIT 50
    """
)
# Locked, so that an answer and a revocation at the same moment are one after the other.
LENT = text(
    """
    SELECT lent.id FROM delegations lent
    WHERE lent.facility_id = :facility AND lent.person_id = :person AND lent.revoked_at IS NULL
      AND lent.during @> hub_now()
      AND EXISTS (SELECT FROM posts JOIN appointments served ON served.post_id = posts.id
                  WHERE posts.facility_id = lent.facility_id AND served.person_id = lent.person_id
                    AND served.during @> hub_now())
    FOR SHARE
    """
)


def who_may_answer(session: Session, facility_id: int) -> list[Answerer]:
    """Return who may answer an invitation to this unit now, the head first."""
    rows = session.execute(ANSWERERS, {"facility": facility_id})
    return [Answerer(*row[:6]) for row in rows]


def lent_to(session: Session, actor: Actor, facility_id: int) -> Lent | None:
    """Return the delegation by which the actor may answer for a unit now, locked against its revocation."""
    values = {"facility": facility_id, "person": actor.person_id}
    found = session.scalars(LENT, values).one_or_none()
    if found is None:
        return None
    head = select(Post.title).where(Post.facility_id == facility_id, Post.role == "head")
    return Lent(found, session.scalars(head).one())
