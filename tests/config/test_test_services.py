"""The services of the tests themselves: databases of one's own, and a broker shared by number."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import redis
from kombu.connection import Connection

from config.celery import celery_config
from config.child import as_parent, wrapped
from tests.support.services import ROOT

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


def test_a_run_that_is_killed_leaves_neither_servers_nor_folders() -> None:
    """Play a controller that is killed while its servers run."""
    program = (
        "import os, sys\n"
        "from tests.support import services\n"
        "gate = services.open_gate()\n"
        "services.ask_for_services()\n"
        "print(gate.pid, os.path.dirname(os.environ[services.GATE]), flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        wrapped([sys.executable, "-c", program]),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=as_parent(os.environ),
    ) as controller:
        assert controller.stdout is not None
        pid, folder = controller.stdout.readline().split()
        servers = psutil.Process(int(pid)).children()
        assert {server.name() for server in servers} == {"postgres", "valkey-server"}
        controller.kill()
    _, alive = psutil.wait_procs(servers, timeout=20)
    assert not alive
    deadline = time.monotonic() + 20
    while Path(folder).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
