"""Readers beside the driver: many connections that only look, and what they were answered."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import urllib3

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.rig import Rig

ANSWER_SECONDS = 20.0
PATH = "/api/v1/inbox"
PAUSE_SECONDS = 0.05


class Crowd:
    """So many readers of one rig, each with a connection of its own, asking again and again."""

    def __init__(self, rig: Rig, size: int) -> None:
        self.rig = rig
        self.size = size
        self.statuses: Counter[str] = Counter()
        self.longest = 0.0
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let all of them read while the block runs."""
        ending = threading.Event()
        threads = [
            threading.Thread(target=self._read, args=(number, ending), daemon=True)
            for number in range(self.size)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ending.set()
            for thread in threads:
                thread.join(2 * ANSWER_SECONDS)
                assert not thread.is_alive(), "a reader does not end"

    def _read(self, number: int, ending: threading.Event) -> None:
        guests = self.rig.town.guests
        headers = {"Authorization": f"Bearer {guests[number % len(guests)].token}"}
        pool = urllib3.PoolManager(retries=False, timeout=ANSWER_SECONDS)
        while not ending.is_set():
            began = time.monotonic()
            try:
                answer = str(pool.request("GET", f"{self.rig.base_url}{PATH}", headers=headers).status)
            except urllib3.exceptions.HTTPError as error:
                answer = type(error).__name__
            with self._lock:
                self.statuses[answer] += 1
                self.longest = max(self.longest, time.monotonic() - began)
            ending.wait(PAUSE_SECONDS)
