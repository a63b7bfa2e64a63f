"""The services of the tests themselves: databases of one's own, and a broker shared by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import redis
from kombu.connection import Connection

from config.celery import celery_config

if TYPE_CHECKING:
    from config.settings import Settings


def test_each_test_gets_a_migrated_database_of_its_own(settings: Settings, shared_settings: Settings) -> None:
    assert settings.database_urls["app"] != shared_settings.database_urls["app"]
    for one in (settings, shared_settings):
        with psycopg.connect(one.database_urls["app"]) as connection:
            assert connection.execute("SELECT hub_now() - now() = interval '0'").fetchone() == (True,)
            assert connection.execute("SELECT lower('É')").fetchone() == ("é",)


def test_celery_uses_the_same_numbered_database_as_redis(settings: Settings, broker_number: int) -> None:
    with redis.Redis.from_url(settings.redis_url) as client:
        assert client.connection_pool.connection_kwargs["db"] == broker_number
        name = f"test-{broker_number}"
        broker = celery_config(settings.redis_url)["broker_url"]
        with Connection(broker) as connection:  # type: ignore[no-untyped-call]
            connection.SimpleQueue(name).put({"a": 1})
        assert client.llen(name) == 1
        client.delete(name)
