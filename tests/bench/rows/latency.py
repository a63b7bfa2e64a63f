"""From a commit to the notice that it owes: at ten events a second and at saturation."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import text

from hub.db.engine import connect
from hub.messaging.append import append
from hub.notifications.channel import INBOX_CHANNEL
from tests.bench import flow
from tests.bench.peers.round_trip import RoundTrip
from tests.bench.publisher import Publishers
from tests.bench.quantiles import quantile
from tests.bench.stage import stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.harness import Bench
    from tests.bench.stage import Hub, Stage

TITLE = "From a commit to its notice"
AGAINST = "a bare Celery round trip: .delay() of a task that does nothing, to the client that sees it done"
PER_SECOND = 10
WARM = 20
PATIENCE_SECONDS = 5
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


def rows(bench: Bench) -> None:
    """Measure both, each slot of a tenth of a second one event and one round trip; then saturation."""
    count = bench.size(100, 20)
    with stage() as servers:
        note_commits(servers)
        with servers.hub() as hub:
            rounds = list(take_rounds(hub, bench.rounds, count))
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
    for share, goal in ((0.5, 2.5), (0.99, 8.0)):
        bench.compare_taken(
            f"{PER_SECOND} events a second, from before the commit to a client that hears of the notice:"
            f" p{share * 100:g}",
            [quantile(taken.ours, share) for taken in rounds],
            [quantile(taken.peer, share) for taken in rounds],
            against=AGAINST,
            unit="ms",
            better="lower",
            goal=goal,
            note=f"{len(rounds[0].ours)} of each a round",
        )


def take_rounds(hub: Hub, rounds: int, count: int) -> Iterator[Round]:
    """Yield rounds of ``count`` events and as many round trips, in turns; demand every effect."""
    events = WARM + rounds * count
    flow.seed(hub.owner, events)
    hub.fleet.relay()
    hub.fleet.worker()
    trip = RoundTrip.on(hub)
    with _listening(hub) as connection:
        _take(hub, trip, connection, range(1, WARM + 1))
        for number in range(rounds):
            first = WARM + 1 + number * count
            yield _take(hub, trip, connection, range(first, first + count))
    flow.wait_for(hub.owner, flow.NOTHING_DUE, 0, "the events")
    flow.demand_effects(hub.owner, events)


def _take(hub: Hub, trip: RoundTrip, connection: psycopg.Connection, visits: range) -> Round:
    taken = Round()
    began = time.perf_counter()
    for number, visit_id in enumerate(visits):
        _sleep_until(began + number / PER_SECOND)
        taken.ours.append(_publish(hub, connection, visit_id))
        _sleep_until(began + (number + 0.5) / PER_SECOND)
        sent = time.perf_counter()
        trip.make(visit_id)
        taken.peer.append((time.perf_counter() - sent) * 1000)
    return taken


def _publish(hub: Hub, connection: psycopg.Connection, visit_id: int) -> float:
    """Publish one event; return the milliseconds from just before COMMIT until this client hears of it.

    An event's notices are told in one transaction, whose commit sends exactly one notification.
    Raises TimeoutError.
    """
    actor = flow.actor_of(visit_id)
    with hub.app.transaction(actor) as session:
        append(session, flow.conclude(session, visit_id), actor=actor)
        committing = time.perf_counter()
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
