"""Programs that use the hub's API and keep a durable record of every request that it acknowledged.

Each client proposes a visit, submits it, gives it other dates and publishes an outcome; then again with
another host. Every logical request has one Idempotency-Key and is sent with it until it is answered; some
are sent once more afterwards, and must get the same answer.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import urllib3

if TYPE_CHECKING:
    from tests.faults.rig import Rig
    from tests.faults.town import Guest

API = "/api/v1"
ANSWER_SECONDS = 10.0
RETRY_SECONDS = 0.05
GIVE_UP_SECONDS = 60.0
"""After the end of the run an open request is tried for so long."""
DATES = 6
"""How often a visit is given another date before the next proposal."""
REPEATED = 0.05
"""Share of acknowledged requests that are sent once more."""
RETRIED = (408, 409, 429, 500, 502, 503, 504)
"""409: the same key is being worked on, or was just removed; any other conflict comes again and is seen."""
MOST_CONFLICTS = 20


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One request that the hub said it had carried out."""

    key: str
    kind: str
    """propose, submit, rearrange or publish."""
    status: int
    event: str | None
    proposal: int
    visit: int
    seconds: float
    """From the first sending to the answer."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sending: when it began, how long it took, what came (a status, or an error's name)."""

    at: float
    seconds: float
    answer: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """One logical request."""

    kind: str
    path: str
    body: dict[str, Any]
    key: str


class Driver:
    """Clients of one rig and what they were told."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.file = rig.folder / "acknowledged.jsonl"
        self.acknowledged: list[Acknowledged] = []
        self.statuses: Counter[str] = Counter()
        self.attempts: list[Attempt] = []
        self.refused: list[str] = []
        """Answers that no retry can mend: none is expected."""
        self.unequal: list[str] = []
        """Keys whose second answer was not the first."""
        self.unanswered: dict[str, Wanted] = {}
        """Requests under way; after the run, those that never got an answer."""
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._numbers = 0
        rig.open_requests = lambda: len(self.unanswered)

    @property
    def latencies(self) -> list[float]:
        """Return how long each answered sending took, in seconds."""
        return [attempt.seconds for attempt in self.attempts if attempt.answer.isdigit()]

    @contextlib.contextmanager
    def running(
        self, clients: int = 4, rate: float | None = None, at_most: int | None = None
    ) -> Iterator[None]:
        """Let so many clients (at most one per guest) act while the block runs.

        ``rate`` is logical requests a second of all together (None: as fast as they are answered);
        ``at_most`` ends them after so many. At the end of the block each open request is still tried.
        """
        self._stopping.clear()
        guests = self.rig.town.guests[:clients]
        wait = len(guests) / rate if rate else 0.0
        most = None if at_most is None else -(-at_most // len(guests))
        seeds = [self.rig.random.random() for _ in guests]
        threads = [
            threading.Thread(target=self._act, args=(number, guest, seed, wait, most), daemon=True)
            for number, (guest, seed) in enumerate(zip(guests, seeds, strict=True))
        ]
        for thread in threads:
            thread.start()
        self._threads = threads
        try:
            yield
        finally:
            self._stopping.set()
            for thread in threads:
                thread.join(GIVE_UP_SECONDS + ANSWER_SECONDS)
                assert not thread.is_alive(), "a client does not end"

    @property
    def is_busy(self) -> bool:
        """Return whether any client still acts."""
        return any(thread.is_alive() for thread in self._threads)

    def wait_for(self, count: int, seconds: float = 60) -> None:
        """Wait until so many requests have been acknowledged."""
        deadline = time.monotonic() + seconds
        while len(self.acknowledged) < count:
            assert time.monotonic() < deadline, f"{len(self.acknowledged)} of {count} acknowledged"
            time.sleep(0.01)

    def _act(self, number: int, guest: Guest, seed: float, wait: float, most: int | None) -> None:
        client = _Client(self, guest)
        story = _story(self, number, guest, self.rig.town.host_ids)
        answer: dict[str, Any] | None = None
        due = time.monotonic()
        done = 0
        while not self._stopping.is_set() and (most is None or done < most):
            wanted = story.send(answer)
            answer = client.carry_out(wanted, repeats=(seed * 1e6 + done) % (1 / REPEATED) < 1)
            if answer is None:
                return  # it is written down as refused or unanswered
            done += 1
            due = max(due + wait, time.monotonic() - 1)
            self._stopping.wait(max(0, due - time.monotonic()))

    def next_key(self, kind: str, number: int) -> str:
        """Return a key that no other request has."""
        with self._lock:
            self._numbers += 1
            return f"{kind}-{number}-{self._numbers:06d}"

    def note(self, attempt: Attempt) -> None:
        """Count one sending."""
        with self._lock:
            self.statuses[attempt.answer] += 1
            self.attempts.append(attempt)

    def keep(self, done: Acknowledged) -> None:
        """Write an acknowledged request down and wait for the disk."""
        line = json.dumps({name: getattr(done, name) for name in done.__slots__}) + "\n"
        with self._lock:
            with self.file.open("a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            self.acknowledged.append(done)
            self.unanswered.pop(done.key, None)

    @property
    def is_stopping(self) -> bool:
        """Return whether the run is over."""
        return self._stopping.is_set()


class _Client:
    """One program: its token and its connections."""

    def __init__(self, driver: Driver, guest: Guest) -> None:
        self.driver = driver
        self.pool = urllib3.PoolManager(retries=False, timeout=ANSWER_SECONDS)
        self.headers = {
            "Authorization": f"Bearer {guest.token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

    def carry_out(self, wanted: Wanted, *, repeats: bool) -> dict[str, Any] | None:
        """Send until answered; return the answer, or None where there never was one."""
        self.driver.unanswered[wanted.key] = wanted
        began = time.monotonic()
        conflicts = 0
        give_up: float | None = None
        while True:
            status, content = self._send(wanted)
            if 200 <= status < 300:
                body: dict[str, Any] = orjson.loads(content)
                self._keep(wanted, status, body, time.monotonic() - began)
                if repeats:
                    self._again(wanted, status, content)
                return body
            conflicts += status == 409
            if status and (status not in RETRIED or conflicts > MOST_CONFLICTS):
                self.driver.refused.append(f"{wanted.kind} {wanted.key}: {status} {content[:300]!r}")
                self.driver.unanswered.pop(wanted.key)
                return None
            if self.driver.is_stopping:
                give_up = give_up or time.monotonic() + GIVE_UP_SECONDS
                if time.monotonic() > give_up:
                    return None
            time.sleep(RETRY_SECONDS)

    def _send(self, wanted: Wanted) -> tuple[int, bytes]:
        began = time.monotonic()
        try:
            reply = self.pool.request(
                "POST",
                f"{self.driver.rig.base_url}{API}{wanted.path}",
                body=orjson.dumps(wanted.body),
                headers=self.headers | {"Idempotency-Key": wanted.key},
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            self.driver.note(Attempt(began, time.monotonic() - began, type(error).__name__))
            return 0, b""
        self.driver.note(Attempt(began, time.monotonic() - began, str(reply.status)))
        return reply.status, reply.data

    def _keep(self, wanted: Wanted, status: int, body: dict[str, Any], seconds: float) -> None:
        proposal = body.get("proposal", {}).get("id") or (body["id"] if wanted.kind == "propose" else 0)
        visit = body.get("visit", {}).get("id") or body.get("proposal", {}).get("visit_id") or 0
        self.driver.keep(
            Acknowledged(wanted.key, wanted.kind, status, body.get("event_id"), proposal, visit, seconds)
        )

    def _again(self, wanted: Wanted, status: int, content: bytes) -> None:
        """Send the same request with the same key once more: the answer must be the same."""
        again = self._send(wanted)
        if again[0] == 0 or again[0] >= 500:
            return  # not answered, so nothing was said
        if again != (status, content):
            self.driver.unequal.append(f"{wanted.key}: {status}, then {again[0]} {again[1][:200]!r}")


def _story(
    driver: Driver, number: int, guest: Guest, hosts: list[int]
) -> Generator[Wanted, dict[str, Any] | None, None]:
    """Yield what a client does next; it is sent the answer to what it did before."""
    host = number
    while True:
        host += 1
        key = driver.next_key("propose", number)
        made = yield Wanted("propose", "/proposals", _proposal(guest, hosts[host % len(hosts)], key), key)
        assert made is not None
        key = driver.next_key("submit", number)
        yield Wanted("submit", f"/proposals/{made['id']}/submit", {}, key)
        for _ in range(DATES):
            key = driver.next_key("rearrange", number)
            yield Wanted("rearrange", f"/visits/{made['visit_id']}/arrangements", {"place": key}, key)
        if guest.written:
            key = driver.next_key("publish", number)
            yield Wanted("publish", f"/visits/{guest.written.pop()}/outcome/publish", {}, key)


def _proposal(guest: Guest, host_id: int, key: str) -> dict[str, Any]:
    day = dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=20)
    return {
        "guest_id": guest.facility_id,
        "host_id": host_id,
        "kind": "studi_tiru",
        "title": key,
        "themes": ["rehabilitasi"],
        "urgency": "Program belum berjalan",
        "form": "Kunjungan",
        "subject": "Belajar dari sesama",
        "duration": "Satu hari",
        "starts_at": f"{day}T09:00",
        "ends_at": f"{day}T12:00",
        "place": "Aula",
        "agenda": [{"title": "Sambutan", "minutes": 30}],
    }


def read_acknowledged(file: Path) -> list[Acknowledged]:
    """Return what the durable record holds."""
    if not file.exists():
        return []
    return [Acknowledged(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
