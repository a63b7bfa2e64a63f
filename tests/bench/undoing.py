"""Requests that publish: one task closed and reopened in turns, over one kept connection."""

from __future__ import annotations

import http.client
import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER_SECONDS = 20
KEPT_SECONDS = 2
"""What is idle for longer is connected anew before the clock starts: the server hangs up after five."""
API = "/api/v1"


@dataclass
class Undoing:
    """Who closes and reopens a task of the guest's through a server's API."""

    port: int
    bearer: str
    task_id: int
    acts: int = 0
    _connection: http.client.HTTPConnection = field(init=False)
    _version: str = ""
    _answered: float = 0.0

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        self._ask("GET", "")

    def act(self) -> float:
        """Close the task, or reopen it when it is closed; return the milliseconds that the answer took.

        Raises RuntimeError unless the answer is 200.
        """
        is_open = self.acts % 2 == 0
        self.acts += 1
        return (
            self._ask("POST", "/close", {"note": "Sudah dilaksanakan."})
            if is_open
            else self._ask("POST", "/reopen")
        )

    def _ask(self, method: str, step: str, body: dict[str, str] | None = None) -> float:
        headers = {"Authorization": f"Bearer {self.bearer}", "Accept-Language": "id"}
        if method == "POST":
            headers |= {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
        if body is not None:
            headers["If-Match"] = self._version
        content = orjson.dumps(body) if body is not None else None
        if time.perf_counter() - self._answered > KEPT_SECONDS:
            self._connection.close()
            self._connection.connect()
        began = time.perf_counter()
        self._connection.request(method, f"{API}/tasks/{self.task_id}{step}", content, headers)
        answer = self._connection.getresponse()
        said = answer.read()
        self._answered = time.perf_counter()
        lasted = (self._answered - began) * 1000
        if answer.status != 200:
            raise RuntimeError(f"{method} {step}: {answer.status} {said[:300]!r}")
        self._version = answer.headers["ETag"]
        return lasted


def open_tasks(port: int, bearer: str) -> list[int]:
    """Return the ids of the open tasks of the guest's unit that may be closed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request(
            "GET", f"{API}/tasks?scope=unit&limit=25", headers={"Authorization": f"Bearer {bearer}"}
        )
        items: list[dict[str, Any]] = orjson.loads(connection.getresponse().read())["items"]
    finally:
        connection.close()
    return [item["id"] for item in items if item["may_close"]]


def paced(per_second: float, count: int) -> Iterator[int]:
    """Yield numbers at their moments; one that is late is not made up for by hurrying."""
    begins = time.perf_counter()
    for number in itertools.islice(itertools.count(), count):
        begins = max(begins, time.perf_counter() - 1 / per_second)
        time.sleep(max(0.0, begins - time.perf_counter()))
        yield number
        begins += 1 / per_second
