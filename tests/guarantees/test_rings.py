"""A ring is only a hint: lost, repeated or doubled, it changes nothing but the moment."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
from celery import Celery

from config.celery import celery_config
from config.queues import RING, ROUTES
from tests.support.fleet import wait_until
from tests.support.ledger import counts, is_settled
from tests.support.publishing import PEOPLE, TASKS, World, publish_outcomes
from workers.relay.bell import Bell, message

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.db.transaction import Database
    from tests.support.fleet import Fleet

EVENTS = 20


def assert_each_effect_once(database: Database) -> None:
    seen = counts(database)
    assert (seen.done, seen.parked, seen.due) == (3 * EVENTS, 0, 0)
    assert seen.notifications == PEOPLE * EVENTS
    assert seen.tasks == TASKS * EVENTS
    assert seen.timeline == 2 * EVENTS


def test_same_ring_ten_times_answers_once(
    fleet: Fleet, owner: Database, app_database: Database, world: World, settings: Settings
) -> None:
    publish_outcomes(app_database, world, EVENTS)
    with Celery(set_as_current=False) as ringer:
        ringer.conf.update(celery_config(settings.redis_url))
        for _ in range(10):
            ringer.send_task(RING)
    assert counts(owner).due == 3 * EVENTS, "everything was due when the rings were sent"
    workers = [fleet.worker(), fleet.worker()]
    wait_until(lambda: is_settled(owner), "everything is answered")
    # All ten: one left over would ring in the next test.
    wait_until(lambda: sum(worker.answered(RING) for worker in workers) >= 10, "ten rings")
    assert_each_effect_once(owner)


def test_a_ring_is_what_celery_would_send(settings: Settings) -> None:
    bell = Bell(settings)
    bell.clear(RING)
    queue = f"hub:{ROUTES[RING]}"
    bell.redis.delete(queue)  # an earlier test's last ring may wait there
    with Celery(set_as_current=False) as ringer:
        ringer.conf.update(celery_config(settings.redis_url))
        ringer.send_task(RING, ignore_result=True)
        theirs = shape(bell.redis.rpop(queue))
        assert bell.ring(ringer, RING) is True
        assert bell.ring(ringer, RING) is False, "one is under way"
    ours = bell.redis.lrange(queue, 0, -1)
    bell.redis.delete(queue)
    bell.clear(RING)
    assert [shape(one) for one in ours] == [theirs]


def test_rings_are_told_apart(settings: Settings) -> None:
    with Celery(set_as_current=False) as ringer:
        ringer.conf.update(celery_config(settings.redis_url))
        one, other = (json.loads(message(ringer, RING)) for _ in range(2))
    assert one["headers"]["id"] != other["headers"]["id"]
    assert one["properties"]["delivery_tag"] != other["properties"]["delivery_tag"]


def shape(sent: Any) -> Any:
    """Return a message without what is each one's own: ids, and for whom an answer would be."""
    read = json.loads(sent)
    for part, names in (
        ("headers", ("id", "root_id")),
        ("properties", ("correlation_id", "delivery_tag", "reply_to")),
    ):
        for name in names:
            uuid.UUID(read[part].pop(name))
    return read


def test_two_relays_double_nothing(
    fleet: Fleet, owner: Database, app_database: Database, world: World
) -> None:
    fleet.worker()
    fleet.relay()
    fleet.relay()
    publish_outcomes(app_database, world, EVENTS)
    wait_until(lambda: is_settled(owner), "everything is answered")
    assert_each_effect_once(owner)


def test_no_relay_for_a_while_keeps_everything_due(
    fleet: Fleet, owner: Database, app_database: Database, world: World
) -> None:
    worker = fleet.worker()
    publish_outcomes(app_database, world, EVENTS)
    assert worker.is_alive
    assert counts(owner).due == 3 * EVENTS, "nobody rang"
    fleet.relay()
    wait_until(lambda: is_settled(owner), "the relay that came late finds it all")
    assert_each_effect_once(owner)


def test_relay_killed_before_it_rings_loses_nothing(
    fleet: Fleet, owner: Database, app_database: Database, world: World
) -> None:
    fleet.worker()
    doomed = fleet.relay(HUB_CRASH_AT="before_ring:1")
    publish_outcomes(app_database, world, EVENTS)
    assert doomed.wait_for_end() == -9
    assert counts(owner).due > 0, "it had heard and not rung"
    fleet.relay()
    wait_until(lambda: is_settled(owner), "everything is answered")
    assert_each_effect_once(owner)


def test_lost_notify_is_cured_by_the_poll(
    fleet: Fleet, owner: Database, app_database: Database, world: World, settings: Settings
) -> None:
    fleet.worker()
    relay = fleet.relay()
    # The relay's connection is cut: what is notified until it listens again is lost for good.
    with psycopg.connect(settings.database_urls["owner"]) as superuser:
        cut = superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
            [f"hub-worker-{relay.process.pid}"],
        ).fetchall()
    assert cut == [(True,)], "its one connection was cut"
    publish_outcomes(app_database, world, EVENTS)
    wait_until(lambda: relay.said("relay.database_away"), "the relay noticed")
    wait_until(lambda: is_settled(owner), "everything is answered")
    assert relay.is_alive
    assert_each_effect_once(owner)
