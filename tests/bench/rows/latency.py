"""From a commit to the notice that it owes: at ten events a second and at saturation."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from sqlalchemy import text

from hub.db.engine import connect
from hub.messaging.append import append
from hub.notifications.channel import INBOX_CHANNEL
from tests.bench import flow
from tests.bench.peers import bare
from tests.bench.peers.round_trip import RoundTrip
from tests.bench.publisher import Publishers
from tests.bench.quantiles import quantile
from tests.bench.stage import stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.harness import Bench
    from tests.bench.stage import Hub, Stage

TITLE = "From a commit to its notice"
AGAINST = "a bare Celery round trip: .delay() of a task that does nothing, to the client that sees it done"
LIMIT = "the limit: commit, NOTIFY, a push through Redis, a claim and the notices, by bare clients"
PER_SECOND = 10
WARM = 20
PATIENCE_SECONDS = 60
STOP_SECONDS = 20
# Both moments are PostgreSQL's own, each noted when the commit record is written: nobody has to look, and the
# processes that are measured are not disturbed. The first notice of an event stands for all: they are one
# transaction.
WAITS = text(
    """
    SELECT extract(epoch FROM pg_xact_commit_timestamp(n.xmin) - pg_xact_commit_timestamp(e.xmin)) * 1000
    FROM events e CROSS JOIN LATERAL (SELECT xmin FROM notifications WHERE event_id = e.id LIMIT 1) AS n
    WHERE e.collaboration_id <= :last
    """
)


@dataclass
class Round:
    """What one round took, milliseconds."""

    ours: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)
    least: list[float] = field(default_factory=list)


class Measures(NamedTuple):
    """How each is measured: given a visit's number, milliseconds."""

    ours: Callable[[int], float]
    peer: Callable[[int], float]
    least: Callable[[int], float]


def rows(bench: Bench) -> None:
    """Measure each slot of a tenth of a second one event, one round trip, one bare event; then saturation."""
    count = bench.size(100, 20)
    with stage() as servers:
        note_commits(servers)
        with servers.hub() as hub, servers.hub() as other:
            rounds = list(take_rounds(hub, other, bench.rounds, count))
        _say(bench, rounds)
        seconds = bench.size(5, 1)
        waits = [saturate(servers, seconds=seconds) for _ in range(bench.rounds)]
    for share, goal in ((0.5, None), (0.99, 100.0)):
        bench.say(
            f"at saturation, commit to commit: p{share * 100:g}",
            [quantile(taken, share) for taken in waits],
            unit="ms",
            better="lower",
            goal=goal,
            note="one publisher at full speed",
        )


def _say(bench: Bench, rounds: list[Round]) -> None:
    ours = f"{PER_SECOND} events a second, from before the commit to a client that hears of the notice"
    for share, goal in ((0.5, 2.5), (0.99, 8.0)):
        mine, trip, least = (
            [quantile(taken, share) for taken in each]
            for each in zip(*((taken.ours, taken.peer, taken.least) for taken in rounds), strict=True)
        )
        for name, taken, others, against, wanted in (
            (ours, mine, trip, AGAINST, goal),
            (ours, mine, least, LIMIT, None),
            (LIMIT, least, trip, AGAINST, None),
        ):
            bench.compare_taken(
                f"{name}: p{share * 100:g}",
                taken,
                others,
                against=against,
                unit="ms",
                better="lower",
                goal=wanted,
                note=f"{len(rounds[0].ours)} of each a round",
            )


def take_rounds(hub: Hub, other: Hub, rounds: int, count: int) -> Iterator[Round]:
    """Yield rounds of ``count`` of each, in turns; demand every effect. ``other`` is for the bare clients."""
    events = WARM + rounds * count
    for one in (hub, other):
        flow.seed(one.owner, events)
    hub.fleet.relay()
    hub.fleet.worker()
    for part in ("relay", "worker"):
        bare.start(other, part)
    trip = RoundTrip.on(hub)
    with (
        _listening(hub) as ours,
        _listening(other) as theirs,
        bare.connect(other.settings.database_urls["app"], "app") as own,
    ):
        measures = Measures(
            lambda visit_id: _publish(hub, ours, visit_id),
            lambda visit_id: _round_trip(trip, visit_id),
            lambda visit_id: _publish_bare(own, theirs, visit_id),
        )
        _take(measures, range(1, WARM + 1))
        for number in range(rounds):
            first = WARM + 1 + number * count
            yield _take(measures, range(first, first + count))
    for one in (hub, other):
        flow.wait_for(one.owner, flow.NOTHING_DUE, 0, "the events")
        flow.demand_effects(one.owner, events)


def _take(measures: Measures, visits: range) -> Round:
    taken = Round()
    began = time.perf_counter()
    for number, visit_id in enumerate(visits):
        for place, (took, measure) in enumerate(
            zip((taken.ours, taken.peer, taken.least), measures, strict=True)
        ):
            _sleep_until(began + (number + place / len(measures)) / PER_SECOND)
            took.append(measure(visit_id))
    return taken


def _round_trip(trip: RoundTrip, number: int) -> float:
    sent = time.perf_counter()
    trip.make(number)
    return (time.perf_counter() - sent) * 1000


def _publish_bare(own: psycopg.Connection, listening: psycopg.Connection, visit_id: int) -> float:
    """Publish one event by bare SQL; return the milliseconds until this client hears of its notices."""
    with own.transaction():
        bare.publish_one(own, visit_id)
        committing = time.perf_counter()
    return _heard(listening, visit_id, committing)


def _publish(hub: Hub, connection: psycopg.Connection, visit_id: int) -> float:
    """Publish one event; return the milliseconds from just before COMMIT until this client hears of it.

    An event's notices are told in one transaction, whose commit sends exactly one notification.
    Raises TimeoutError.
    """
    actor = flow.actor_of(visit_id)
    with hub.app.transaction(actor) as session:
        append(session, flow.conclude(session, visit_id), actor=actor)
        committing = time.perf_counter()
    return _heard(connection, visit_id, committing)


def _heard(connection: psycopg.Connection, visit_id: int, committing: float) -> float:
    heard = next(connection.notifies(timeout=PATIENCE_SECONDS, stop_after=1), None)
    if heard is None:
        raise TimeoutError(f"no notice of visit {visit_id} within {PATIENCE_SECONDS} s")
    return (time.perf_counter() - committing) * 1000


@contextmanager
def _listening(hub: Hub) -> Iterator[psycopg.Connection]:
    with connect(hub.settings.database_urls["app"], "app", autocommit=True) as connection:
        connection.execute(f"LISTEN {INBOX_CHANNEL}")
        yield connection


def saturate(servers: Stage, *, seconds: float) -> list[float]:
    """Let one publisher publish at full speed; return each event's wait, commit to commit, milliseconds."""
    events = int(2500 * seconds)
    with servers.hub() as hub:
        flow.seed(hub.owner, events + WARM)
        hub.fleet.relay()
        hub.fleet.worker()
        for visit_id in range(events + 1, events + WARM + 1):
            flow.publish_one(hub.app, visit_id)
        flow.wait_for(hub.owner, flow.NOTHING_DUE, 0, "the first events")
        crew = Publishers.ready(hub, "hub", events=events, count=1, seconds=seconds)
        published, _ = crew.go()
        flow.wait_for(hub.owner, flow.NOTHING_DUE, 0, "the stream")
        flow.demand_effects(hub.owner, WARM + published)
        with hub.owner.transaction() as session:
            waits = [float(wait) for wait in session.execute(WAITS, {"last": events}).scalars()]
    assert len(waits) == published, f"{published} published, {len(waits)} told"
    return waits


def note_commits(servers: Stage) -> None:
    """Have PostgreSQL keep the moment of every commit, which needs a restart."""
    with psycopg.connect(servers.servers.addresses().database("postgres"), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    child = servers.servers.children["postgres"]
    child.send_signal(signal.SIGINT)
    child.wait(STOP_SECONDS)
    servers.servers.start_one("postgres")


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.perf_counter()))
