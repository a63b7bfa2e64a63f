"""One publisher in its own process: ``python -m tests.bench.publisher KIND FIRST …``.

It says "ready", waits for a line, publishes one visit's outcome after the other until the seconds are over,
at RATE a second or (0) as fast as it can, the way of the hub, of the peer or of bare SQL (KIND), and prints
how many it published and what CPU that took.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import text

from config.settings import Settings
from hub.db import engine
from hub.db.transaction import Database
from hub.registry import metadata
from tests.bench import flow
from tests.support.everybody import EVERYBODY
from tests.support.fleet import ROOT, environment

if TYPE_CHECKING:
    from tests.bench.stage import Hub

EVERY_TABLE_IS_KNOWN = metadata
END_SECONDS = 240
CONNECT_SECONDS = 20
"""As in ``tests.bench.stage``."""


def main() -> None:
    """Publish."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    kind, first, stop, step, seconds, rate, broker = sys.argv[1:]
    settings = Settings.from_env()
    engine.CONNECT_SECONDS = CONNECT_SECONDS
    database = Database.connect(settings, "app", acting=EVERYBODY)
    publish = partial(flow.publish_one, database)
    if kind == "bare":
        from tests.bench.peers import bare  # noqa: PLC0415 - as below

        publish = partial(bare.publish_one, bare.connect(settings.database_urls["app"], "app"))
    if kind == "peer":
        from tests.bench.peers import task_per_consumer  # noqa: PLC0415 - the hub's publisher has no Celery

        publish = partial(task_per_consumer.publish_one, database, task_per_consumer.celery_app(broker))
    with database.transaction() as session:
        session.execute(text("SELECT 1"))
    print("ready", flush=True)  # noqa: T201 -- its parent waits for this line
    sys.stdin.readline()
    began, cpu, published = time.monotonic(), time.process_time(), 0
    for visit_id in range(int(first), int(stop), int(step)):
        if published and time.monotonic() - began > float(seconds):
            break
        if float(rate):
            time.sleep(max(0.0, began + published / float(rate) - time.monotonic()))
        publish(visit_id)
        published += 1
    print(json.dumps({"published": published, "cpu": time.process_time() - cpu}), flush=True)  # noqa: T201 -- and reads this one


@dataclass
class Publishers:
    """Publishers that are ready; ``go`` lets them publish and says what came of it."""

    processes: list[subprocess.Popen[str]]

    @classmethod
    def ready(
        cls,
        hub: Hub,
        kind: str,
        *,
        events: int,
        count: int,
        seconds: float,
        rate: float = 0.0,
        broker: str = "",
    ) -> Publishers:
        """Start ``count`` publishers that share visits 1 to ``events`` and wait until they could begin."""
        made = cls([])
        for number in range(1, count + 1):
            command = [sys.executable, "-m", "tests.bench.publisher", kind]
            command += [*map(str, (number, events + 1, count, seconds, rate)), broker]
            made.processes.append(
                subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=environment(hub.settings),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
        for process in made.processes:
            assert process.stdout is not None
            said = process.stdout.readline().strip()
            assert said == "ready", said
        return made

    def go(self) -> tuple[int, float]:
        """Let them publish; return how many events they published and the CPU seconds it took them."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers: list[dict[str, Any]] = []
        for process in self.processes:
            said, _ = process.communicate(timeout=END_SECONDS)
            assert process.returncode == 0, f"a publisher ended with {process.returncode}"
            answers.append(json.loads(said))
        return sum(one["published"] for one in answers), sum(one["cpu"] for one in answers)


if __name__ == "__main__":
    main()
