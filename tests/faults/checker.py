"""Compare what was acknowledged with events, reactions, effects, deliveries and the sink's files.

The truth is the driver's durable record and the sink's log; the tables must agree with both. ``lost`` and
``doubled`` count each thing that is missing or there twice, and ``broken`` says in words what was wrong.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.messaging.subscriptions import NOTIFY, SUBSCRIPTIONS
from hub.notifications.audience import EVENT_IDS, SUBJECT_OF_EVENTS, with_audience
from hub.partners.rebuilding import rebuild
from tests.faults.driver import read_acknowledged
from tests.faults.town import PROMISES
from workers.delivery.message import message_id

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from sqlalchemy.orm import Session

    from tests.faults.driver import Driver
    from tests.faults.fault import Struck
    from tests.faults.rig import Rig

MOST_SAID = 10
"""Broken things that are told one by one; the rest is only counted."""


@dataclass
class Verdict:
    """What a run came to."""

    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    repeated_sends: int = 0
    parked: int = 0
    broken: list[str] = field(default_factory=list)

    def lose(self, what: str) -> None:
        """Count something that should be there and is not."""
        self.lost += 1
        self.say(f"lost: {what}")

    def double(self, what: str) -> None:
        """Count something that is there more often than it should be."""
        self.doubled += 1
        self.say(f"doubled: {what}")

    def say(self, what: str) -> None:
        """Keep a broken promise in words."""
        if len(self.broken) < MOST_SAID:
            self.broken.append(what)


EVENTS = text("SELECT id, type FROM events")
TITLES = text("SELECT title, count(*) FROM collaborations GROUP BY title")
PLACES = text("SELECT place, count(*) FROM arrangements GROUP BY place")
REACTIONS = text("SELECT event_id, consumer, state, reason FROM reactions")
TASKS = text(
    """
    SELECT v.id, count(DISTINCT t.commitment_id) AS promised, count(t.id) AS tasks
    FROM visits v LEFT JOIN commitments c ON c.visit_id = v.id LEFT JOIN tasks t ON t.commitment_id = c.id
    WHERE v.published_at IS NOT NULL GROUP BY v.id
    """
)
# What each reaction said that it added, against the rows that are there: where an effect was committed in
# another transaction than its "done", whoever did it again found nothing to do and said so.
TOLD = text(
    """
    SELECT r.event_id, said.what, CAST(r.summary ->> said.what AS integer) AS said, found.rows AS found
    FROM reactions r
    CROSS JOIN LATERAL (VALUES
        ('notify', 'notices'), ('notify', 'mails'), ('invite', 'mails'), ('open-tasks', 'tasks')
    ) AS said (consumer, what)
    CROSS JOIN LATERAL (
        SELECT count(*) AS rows FROM (
            SELECT FROM notifications WHERE event_id = r.event_id AND said.what = 'notices'
            UNION ALL
            SELECT FROM tasks WHERE event_id = r.event_id AND said.what = 'tasks'
            UNION ALL
            SELECT FROM deliveries d
            WHERE d.event_id = r.event_id AND said.what = 'mails'
              AND (d.kind = 'invitation') = (r.consumer = 'invite')
        ) AS each
    ) AS found
    WHERE r.state = 'done' AND r.consumer = said.consumer
    """
)
AUDIENCE = with_audience(SUBJECT_OF_EVENTS, "SELECT event_id, person_id FROM audience").bindparams(EVENT_IDS)
TOLD_TO = text(
    "SELECT event_id, recipient_id FROM notifications WHERE event_id = ANY (:event_ids)"
).bindparams(EVENT_IDS)
# Each may happen once, whatever it is that happens once.
ONCE = text(
    """
    SELECT type, coalesce(data ->> 'proposal_id', data ->> 'visit_id') AS of, count(*) AS times
    FROM events WHERE type IN ('proposal.submitted', 'outcome.published')
    GROUP BY 1, 2 HAVING count(*) > 1
    """
)
MOVES = text(
    """
    SELECT (SELECT count(*) FROM events WHERE type = 'visit.rearranged') AS told,
           (SELECT count(*) FROM arrangements WHERE number > 1) AS made
    """
)
TIMELINE = text(
    """
    SELECT r.event_id, (SELECT count(*) FROM partner_timeline t WHERE t.event_id = r.event_id) AS entries
    FROM reactions r WHERE r.consumer = 'partner-record' AND r.state = 'done'
    """
)
DELIVERIES = text("SELECT id, occurrence, state, reason FROM deliveries")
DIRECTIONS = 2


def check(rig: Rig, driver: Driver, struck: Struck) -> Verdict:
    """Return the verdict on a run that has settled."""
    verdict = Verdict()
    with rig.owner.transaction() as session:
        events: dict[UUID, str] = {row.id: row.type for row in session.execute(EVENTS)}
        _requests(session, driver, events, verdict)
        _reactions(session, events, set(struck.parked), verdict)
        _happened(session, verdict)
        _effects(session, verdict)
        silent = {event for event, consumer in struck.parked if consumer == NOTIFY}
        told = [event for event, kind in events.items() if NOTIFY in SUBSCRIPTIONS.get(kind, ())]
        _audiences(session, [event for event in told if event not in silent], verdict)
        _sent(session, rig, struck, verdict)
    with rig.owner.transaction() as session:
        rebuilt = rebuild(session, dry_run=True)
    if not struck.parked and not rebuilt.is_clean:
        verdict.double(f"the partner records differ from rebuilt ones: {rebuilt}"[:500])
    for what in (*driver.refused, *driver.unequal):
        verdict.say(what)
    return verdict


def _requests(session: Session, driver: Driver, events: dict[UUID, str], verdict: Verdict) -> None:
    """Look that every acknowledged request took effect, and no request twice, answered or not."""
    made = Counter({row.title: row.count for row in session.execute(TITLES)})
    placed = Counter({row.place: row.count for row in session.execute(PLACES)})
    known = {str(event) for event in events}
    done = read_acknowledged(driver.file)
    verdict.acknowledged = len(done)
    seen = Counter(entry.event for entry in done if entry.event)
    for entry in done:
        times = {"propose": made, "rearrange": placed}.get(entry.kind)
        if times is not None and not times[entry.key]:
            verdict.lose(f"{entry.key} was acknowledged, and nothing is there")
        if entry.event and entry.event not in known:
            verdict.lose(f"{entry.key}: event {entry.event}")
        if entry.event and seen[entry.event] > 1:
            verdict.double(f"event {entry.event} was given to two requests")
    for key in {entry.key for entry in done} | set(driver.unanswered):
        if made[key] > 1 or placed[key] > 1:
            verdict.double(f"{key} took effect twice")


def _reactions(
    session: Session, events: dict[UUID, str], parked: Collection[tuple[UUID, str]], verdict: Verdict
) -> None:
    """Look that each event has each of its reactions, done, or parked where that was to be."""
    found = {(row.event_id, row.consumer): row for row in session.execute(REACTIONS)}
    for event, kind in events.items():
        for consumer in SUBSCRIPTIONS.get(kind, ()):
            row = found.get((event, consumer))
            state = "parked" if (event, consumer) in parked else "done"
            if row is None:
                verdict.lose(f"{kind} {event} has no reaction {consumer}")
            elif row.state != state:
                verdict.lose(f"{kind} {event} {consumer} is {row.state}, not {state}: {row.reason}")
            verdict.parked += row is not None and row.state == "parked"


def _happened(session: Session, verdict: Verdict) -> None:
    """Look that state and events tell the same, past any request."""
    for row in session.execute(ONCE):
        verdict.double(f"{row.type} of {row.of}: {row.times} events")
    moves = session.execute(MOVES).one()
    if moves.told != moves.made:
        verdict.say(f"{moves.made} visits were moved, {moves.told} events tell of it")


def _effects(session: Session, verdict: Verdict) -> None:
    """Compare the rows with what the reactions account for."""
    for row in session.execute(TOLD):
        if row.found < row.said:
            verdict.lose(f"event {row.event_id}: {row.found} {row.what} of {row.said}")
        elif row.found > row.said:
            verdict.double(f"event {row.event_id}: {row.found} {row.what}, {row.said} told")
    for row in session.execute(TIMELINE):
        if row.entries < DIRECTIONS:
            verdict.lose(f"event {row.event_id}: {row.entries} entries in timelines")
    for row in session.execute(TASKS):
        if row.promised < PROMISES:
            verdict.lose(f"visit {row.id}: {row.promised} of {PROMISES} commitments became tasks")
        if row.tasks > row.promised:
            verdict.double(f"visit {row.id}: {row.tasks} tasks for {row.promised} commitments")


def _audiences(session: Session, events: Collection[UUID], verdict: Verdict) -> None:
    """Compare whom each event was told to with whom it concerns."""
    asked = {"event_ids": list(events)}
    concerned = {(row.event_id, row.person_id) for row in session.execute(AUDIENCE, asked)}
    told = {(row.event_id, row.recipient_id) for row in session.execute(TOLD_TO, asked)}
    for event, person in concerned - told:
        verdict.lose(f"event {event} was not told to person {person}")
    for event, person in told - concerned:
        verdict.double(f"event {event} was told to person {person}, whom it does not concern")


def _sent(session: Session, rig: Rig, struck: Struck, verdict: Verdict) -> None:
    """Compare deliveries with what the sink took: the sent are there, the others not; repeats are equal."""
    host = rig.settings.trusted_host
    received = rig.sink.received()
    times = Counter(mail.message_id for mail in received)
    planned = set()
    failed = 0
    for row in session.execute(DELIVERIES):
        identity = message_id(row.id, row.occurrence, host)
        planned.add(identity)
        failed += row.state == "failed"
        if row.state == "sent" and not times[identity]:
            verdict.lose(f"delivery {row.id} is sent, and the sink has no {identity}")
    if failed != struck.failed:
        verdict.lose(f"{failed} deliveries failed, {struck.failed} should have")
    for identity in times.keys() - planned:
        verdict.double(f"the sink took {identity}, which no delivery is")
    verdict.repeated_sends = times.total() - len(times)
    allowed = struck.repeats
    if allowed is None:
        allowed = max(len(rig.strikes), verdict.acknowledged // 200)
    if verdict.repeated_sends > allowed:
        verdict.say(f"{verdict.repeated_sends} mails were sent again, {allowed} may be")
