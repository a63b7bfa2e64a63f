"""Measure what open inbox streams cost one web process: ``python -m tests.bench.streams``.

A hub's web process (gunicorn, gevent, one worker) on a PostgreSQL of its own; people with a sign-in each, one
stream each; events told to twenty of them at a time. Printed: memory of the worker before and with the
streams, from the commit to each reader, and how long a page takes meanwhile. The readers and the teller share
the machine with the hub.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click
import psutil
from sqlalchemy import text

import hub.registry
from hub.accounts.proofs import new_secret, secret_hash
from hub.db.transaction import Database
from hub.notifications.telling import tell
from tests.support import services, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from hub.accounts.models import Person

assert_every_table_is_known = hub.registry.metadata
READERS_OF_AN_EVENT = 20
SIGN_IN = text(
    "INSERT INTO sign_ins (token_hash, person_id, expires_at)"
    " VALUES (:hash, :person, hub_now() + interval '1 day')"
)
START_SECONDS = 30


@dataclass
class Stage:
    """Collaborations that concern twenty people each, and a cookie for everybody."""

    stories: list[tuple[world.Story, Person]]
    cookies: list[str]


def set_up(database: Database, people: int) -> Stage:
    """Write it all past the commands."""
    stage = Stage([], [])
    with database.transaction() as session:
        guest = world.facility(session)
        head, _ = world.holder(session, guest, role="head")
        for _ in range(people // READERS_OF_AN_EVENT):
            host = world.facility(session)
            pool = world.post(session, host, role="pool")
            for _ in range(READERS_OF_AN_EVENT):
                somebody = world.person(session, wants_mail=False)
                world.appoint(session, somebody, pool)
                secret = new_secret()
                session.execute(SIGN_IN, {"hash": secret_hash(secret), "person": somebody.id})
                stage.cookies.append(secret)
            story = world.story(session, guest, host, opened_by=head)
            story.host_party.follow_up_post_id = pool.id
            stage.stories.append((story, head))
    return stage


@contextlib.contextmanager
def web_process(settings: Settings) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Start gunicorn with one worker; yield its port and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = {
        **os.environ,
        "HUB_MODE": "test",
        "HUB_HOME": str(settings.home),
        "HUB_BASE_URL": f"http://localhost:{port}",
        "HUB_WEB_BIND": f"127.0.0.1:{port}",
        "HUB_WEB_WORKERS": "1",
        "HUB_LOG_LEVEL": "WARNING",
        "DATABASE_URL": settings.database_urls["app"],
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "HUB_SECRET_KEYS": settings.secret_keys[0],
        "SMTP_URL": settings.smtp_url,
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "hub.wsgi:app"]
    server = subprocess.Popen(command, env=environment)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if time.monotonic() > deadline:
                raise TimeoutError("gunicorn does not start")
            time.sleep(0.1)
        yield port, server
    finally:
        server.terminate()
        server.wait(START_SECONDS)


@dataclass
class Measure:
    """The readers, what they heard and when."""

    port: int
    told: dict[str, float] = field(default_factory=dict)
    heard: list[float] = field(default_factory=list)
    awaited: int = 0
    all_open: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, path: str, cookie: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send one GET."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\nCookie: __Host-hub={cookie}\r\n"
            f"Connection: {'keep-alive' if 'stream' in path else 'close'}\r\n\r\n".encode()
        )
        await writer.drain()
        return reader, writer

    async def listen(self, cookie: str) -> None:
        """Hold one stream and note what comes and when."""
        reader, _ = await self.ask("/inbox/stream", cookie)
        while line := await reader.readline():
            if line.startswith(b"data: "):
                moment = time.perf_counter()
                items = json.loads(line[6:])["items"]
                self.awaited -= not items
                if self.awaited == 0:
                    self.all_open.set()
                for item in items:
                    self.heard.append(moment - self.told[item["event_id"]])

    async def page(self, cookie: str) -> float:
        """Return how long the inbox's page takes, in seconds."""
        began = time.perf_counter()
        reader, writer = await self.ask("/inbox", cookie)
        answer = await reader.read()
        writer.close()
        if b" 200 " not in answer[:20]:
            raise RuntimeError(answer[:200].decode())
        return time.perf_counter() - began

    async def pages(self, cookie: str, seconds: float) -> list[float]:
        """Ask for the page ten times a second."""
        taken = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            taken.append(await self.page(cookie))
            await asyncio.sleep(0.1)
        return taken

    async def happen(self, app: Database, worker: Database, stage: Stage, rate: int, seconds: float) -> None:
        """Tell of so many events a second."""
        for number in range(int(rate * seconds)):
            began = time.monotonic()
            await asyncio.to_thread(self._tell, app, worker, stage, number)
            await asyncio.sleep(max(0, 1 / rate - (time.monotonic() - began)))

    def _tell(self, app: Database, worker: Database, stage: Stage, number: int) -> None:
        story, head = stage.stories[number % len(stage.stories)]
        with app.transaction() as session:
            event = world.submitted(session, story, by=head)
        self.told[str(event)] = float("inf")
        with worker.transaction() as session:
            tell(session, [event])
            self.told[str(event)] = time.perf_counter()  # the commit follows; its time counts as latency


async def measure(
    settings: Settings, stage: Stage, port: int, server: subprocess.Popen[bytes], options: Options
) -> None:
    """Run the three parts and print what came of them."""
    app, teller = Database.connect(settings, "app"), Database.connect(settings, "worker")
    (worker,) = psutil.Process(server.pid).children()
    run = Measure(port)
    reader = stage.cookies[0]
    await run.pages(reader, 3)
    idle = worker.memory_full_info().uss
    _say_pages("pages, no streams, no events", await run.pages(reader, options.seconds))
    both = asyncio.gather(
        run.pages(reader, options.seconds),
        run.happen(app, teller, stage, options.rate, options.seconds),
    )
    _say_pages(f"pages, no streams, {options.rate} events a second", (await both)[0])
    before = worker.memory_full_info().uss
    listening = []
    run.awaited = options.streams
    for cookie in stage.cookies[: options.streams]:
        listening.append(asyncio.create_task(run.listen(cookie)))
        if len(listening) % 50 == 0:
            await asyncio.sleep(0.25)
    await run.all_open.wait()
    held = worker.memory_full_info().uss
    both = asyncio.gather(
        run.pages(reader, options.seconds),
        run.happen(app, teller, stage, options.rate, options.seconds),
    )
    pages = (await both)[0]
    await asyncio.sleep(2)
    after = worker.memory_full_info().uss
    _say_pages(f"pages, {options.streams} streams, {options.rate} events a second", pages)
    expected = int(options.rate * options.seconds) * READERS_OF_AN_EVENT
    heard = sorted(run.heard)
    click.echo(
        f"told {expected}, heard {len(heard)}; from the telling to the reader:"
        f" p50 {_ms(heard, 0.5)} ms, p99 {_ms(heard, 0.99)} ms"
    )
    click.echo(
        f"memory of the worker (USS): {idle >> 20} MB idle, {before >> 20} MB before the streams,"
        f" {held >> 20} MB with them, {after >> 20} MB after the run"
    )
    began = time.monotonic()
    server.terminate()
    await asyncio.to_thread(server.wait, START_SECONDS)
    click.echo(f"stopped in {time.monotonic() - began:.1f} s with {options.streams} streams open")


@dataclass(frozen=True)
class Options:
    """What is asked for."""

    streams: int
    rate: int
    seconds: float


def _ms(values: list[float], share: float) -> int:
    return round(values[min(len(values) - 1, int(len(values) * share))] * 1000) if values else -1


def _say_pages(what: str, taken: list[float]) -> None:
    ordered = sorted(taken)
    click.echo(f"{what}: p50 {statistics.median(ordered) * 1000:.0f} ms, p95 {_ms(ordered, 0.95)} ms")


@click.command()
@click.option("--streams", default=1000, show_default=True)
@click.option("--rate", default=20, show_default=True, help="Events a second, each told to twenty people.")
@click.option("--seconds", default=15.0, show_default=True, help="How long each part runs.")
def main(streams: int, rate: int, seconds: float) -> None:
    """Measure what open inbox streams cost one web process."""
    gate = services.open_gate()
    try:
        addresses = services.ask_for_services()
        name = services.clone_database(addresses)
        settings = services.make_settings(addresses, name, 1, Path(tempfile.mkdtemp()))
        database = Database.connect(settings, "app")
        stage = set_up(database, streams)
        with web_process(settings) as (port, server):
            asyncio.run(measure(settings, stage, port, server, Options(streams, rate, seconds)))
    finally:
        services.close_gate(gate)


if __name__ == "__main__":
    main()
