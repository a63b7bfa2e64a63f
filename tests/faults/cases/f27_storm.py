"""F27: everything at once: web, workers and relay killed, broker killed and emptied, database killed."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

import redis

from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.rig import Rig

CLIENTS = 8
RATE = {False: 60.0, True: None}
"""Requests a second; None: as fast as they are answered."""
STORM_SECONDS = {False: 30, True: 240}
PAUSE_SECONDS = (1.0, 3.0)
"""Between two blows."""
AWAY_SECONDS = (0.0, 1.5)
"""How long what was killed stays away."""


class Storm:
    """Deals one blow after the other, and puts back what it took away."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.dealt: Counter[str] = Counter()
        self.blows: dict[str, Callable[[], None]] = {
            "a web worker killed": self._web_worker,
            "web killed": lambda: self._member("web"),
            "reactions killed": lambda: self._member("reactions"),
            "mail killed": lambda: self._member("mail"),
            "relay killed": lambda: self._member("relay"),
            "broker killed": self._broker,
            "broker emptied": self._empty,
            "database killed": lambda: self._database(signal.SIGKILL),
            "database stopped at once": lambda: self._database(signal.SIGQUIT),
        }

    def rage(self, seconds: float) -> None:
        """Deal every blow once at least, in an order that the seed decides, and go on until time is up."""
        until = time.monotonic() + seconds
        waiting: list[str] = []
        while waiting or time.monotonic() < until:
            if not waiting:
                waiting = self.rig.random.sample(sorted(self.blows), len(self.blows))
            name = waiting.pop()
            self.rig.revive()  # who found the port taken may have ended during the pause
            self.blows[name]()
            self.dealt[name] += 1
            time.sleep(self.rig.random.uniform(*PAUSE_SECONDS))

    def _away(self) -> None:
        time.sleep(self.rig.random.uniform(*AWAY_SECONDS))

    def _member(self, name: str) -> None:
        self.rig.strike(lambda: self.rig.kill(self.rig.members[name]))
        self._away()
        self.rig.launch(name)

    def _web_worker(self) -> None:
        master = self.rig.prove(self.rig.members["web"].process.pid)
        workers = master.children()
        if workers:
            self.rig.strike(self.rig.random.choice(workers).kill)

    def _broker(self) -> None:
        self.rig.strike(lambda: self.rig.kill_server("valkey"))
        self._away()
        self.rig.servers.start_one("valkey")

    def _empty(self) -> None:
        self.rig.server_pid("valkey")
        with redis.Redis.from_url(self.rig.settings.redis_url) as broker:
            self.rig.strike(broker.flushall)

    def _database(self, number: signal.Signals) -> None:
        server = self.rig.server_pid("postgres")
        self.rig.strike(lambda: os.kill(server, number))
        self.rig.servers.children["postgres"].wait()
        self._away()
        self.rig.servers.start_one("postgres")


def run(rig: Rig, plan: Plan) -> Struck:
    """Let it rage; then everything must come to rest by itself."""
    rig.start_all()
    driver = Driver(rig)
    storm = Storm(rig)
    with driver.running(clients=CLIENTS, rate=RATE[plan.is_full]):
        driver.wait_for(20)
        storm.rage(STORM_SECONDS[plan.is_full])
    return Struck(rig.weakest, driver, extra={"blows": dict(sorted(storm.dealt.items()))})


FAULT = Fault("F27", "A storm of all kills", bound_s=60, run=run)
