"""How fast reactions pass: from the moment of an event to the end of a reaction, both by the database."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, Uuid, bindparam, text

from hub.clock import now

if TYPE_CHECKING:
    import datetime as dt
    import uuid
    from collections.abc import Collection

    from tests.faults.rig import Rig

TAKEN = text(
    """
    SELECT extract(epoch FROM r.done_at - e.occurred_at)
    FROM reactions r JOIN events e ON e.id = r.event_id
    WHERE r.state = 'done' AND e.occurred_at >= :since AND e.occurred_at < :until
      AND NOT e.id = ANY(:without) AND (CAST(:consumer AS text) IS NULL OR r.consumer = :consumer)
    """
).bindparams(bindparam("without", type_=ARRAY(Uuid)))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time by the database's clock."""

    since: dt.datetime
    until: dt.datetime


def moment(rig: Rig) -> dt.datetime:
    """Return what time the database says it is."""
    with rig.owner.transaction() as session:
        return now(session)


def p95(
    rig: Rig, span: Span, *, consumer: str | None = None, without: Collection[uuid.UUID] = ()
) -> tuple[float, int]:
    """Return the 95th percentile of the seconds that reactions to a span's events took, and how many."""
    values = {"since": span.since, "until": span.until, "without": list(without), "consumer": consumer}
    with rig.owner.transaction() as session:
        taken = sorted(float(seconds) for seconds in session.scalars(TAKEN, values))
    assert taken, "nothing was answered in that time"
    return taken[math.ceil(0.95 * len(taken)) - 1], len(taken)
