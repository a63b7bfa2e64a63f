"""People who read their inbox live: a stream each, events of which some of them are told, pages meanwhile.

The readers, and whoever lets things happen, share the machine with the hub.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.accounts.proofs import new_secret, secret_hash
from tests.bench.scene import SIGN_IN
from tests.support import world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hub.accounts.models import Person
    from tests.bench.stage import Hub

READERS_OF_AN_EVENT = 20
OPENED_AT_A_TIME = 50
OPEN_SECONDS = 120
ANSWER_SECONDS = 60


@dataclass
class Readers:
    """Collaborations that concern twenty people each, and a cookie for everybody."""

    hub: Hub
    stories: list[tuple[world.Story, Person]] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)

    @classmethod
    def in_hub(cls, hub: Hub, people: int) -> Readers:
        """Write them past the commands."""
        made = cls(hub)
        with hub.app.transaction() as session:
            guest = world.facility(session)
            head, _ = world.holder(session, guest, role="head", wants_mail=False)
            for _ in range(-(-people // READERS_OF_AN_EVENT)):
                host = world.facility(session)
                pool = world.post(session, host, role="pool")
                for _ in range(READERS_OF_AN_EVENT):
                    somebody = world.person(session, wants_mail=False)
                    world.appoint(session, somebody, pool)
                    secret = new_secret()
                    session.execute(SIGN_IN, {"hash": secret_hash(secret), "person": somebody.id})
                    made.cookies.append(secret)
                story = world.story(session, guest, host, opened_by=head)
                story.host_party.follow_up_post_id = pool.id
                made.stories.append((story, head))
        return made


@dataclass
class Live:
    """One web process, its readers, what was committed when and what each of them heard."""

    port: int
    readers: Readers
    committed: dict[str, float] = field(default_factory=dict)
    heard: Counter[tuple[int, str]] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def streams(self, count: int) -> AsyncIterator[None]:
        """Hold so many streams open; entered when each has answered. Raises TimeoutError."""
        opened: asyncio.Queue[int] = asyncio.Queue()
        listening = []
        try:
            for number, cookie in enumerate(self.readers.cookies[:count]):
                listening.append(asyncio.create_task(self._listen(number, cookie, opened)))
                if len(listening) % OPENED_AT_A_TIME == 0:
                    await asyncio.sleep(0.1)
            async with asyncio.timeout(OPEN_SECONDS):
                for _ in range(count):
                    await opened.get()
            yield
        finally:
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)

    async def _listen(self, number: int, cookie: str, opened: asyncio.Queue[int]) -> None:
        """Hold one stream; say when it is open, and note what comes and when."""
        async with self._asking("/inbox/stream", cookie, "keep-alive") as reader:
            is_open = False
            while line := await reader.readline():
                if not line.startswith(b"data: "):
                    continue
                moment = time.perf_counter()
                if not is_open:
                    is_open = True
                    opened.put_nowait(number)
                for item in json.loads(line[6:])["items"]:
                    self.heard[number, item["event_id"]] += 1
                    self.delays.append(moment - self.committed[item["event_id"]])

    async def pages(self, seconds: float) -> list[float]:
        """Ask for one reader's inbox page ten times a second; return the milliseconds each took, in order."""
        taken = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.perf_counter()
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._asking("/inbox", self.readers.cookies[0]) as reader,
            ):
                answer = await reader.read()
            taken.append((time.perf_counter() - began) * 1000)
            if b" 200 " not in answer[:20]:
                raise RuntimeError(answer[:200].decode())
            await asyncio.sleep(0.1)
        return sorted(taken)

    async def happen(self, rate: int, seconds: float) -> set[tuple[int, str]]:
        """Commit so many events a second; return who should hear of which."""
        owed = set[tuple[int, str]]()
        began = time.monotonic()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0, began + number / rate - time.monotonic()))
            pool = number % len(self.readers.stories)
            event = await asyncio.to_thread(self._publish, pool)
            first = pool * READERS_OF_AN_EVENT
            owed.update((reader, event) for reader in range(first, first + READERS_OF_AN_EVENT))
        return owed

    def _publish(self, pool: int) -> str:
        story, head = self.readers.stories[pool]
        with self.readers.hub.app.transaction() as session:
            event = str(world.submitted(session, story, by=head))
            # The commit follows; its time counts, too.
            self.committed[event] = time.perf_counter()
        return event

    @contextlib.asynccontextmanager
    async def _asking(
        self, path: str, cookie: str, connection: str = "close"
    ) -> AsyncIterator[asyncio.StreamReader]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: __Host-hub={cookie}\r\n"
                f"Connection: {connection}\r\n\r\n".encode()
            )
            yield reader
        finally:
            writer.close()
