"""A whole hub of plain processes in one temporary folder, to be struck.

PostgreSQL waits for the disk, as in production. Nothing is killed, paused or flushed before it was
proven to be the rig's own (``ownership``), and no blow falls while no work is in flight.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import random
import shutil
import signal
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psycopg
from sqlalchemy import text

from config.processes import beat, relay, web, worker
from config.queues import QUEUES
from hub.db.migrate import upgrade
from hub.db.transaction import Database
from tests.faults.mailbox import Mailbox
from tests.faults.ownership import NotOursError, prove_process, prove_socket
from tests.faults.town import Town, build_town
from tests.support.everybody import EVERYBODY
from tests.support.fleet import Fleet, Member, free_port, wait_until
from tests.support.services import Servers, make_settings
from workers.watchdog import EXIT_CODE

if TYPE_CHECKING:
    from types import TracebackType

    import psutil

    from config.settings import Settings

PACE = 10
DATABASE = "rig"
TAKEN = "Address already in use"
"""The workers of a web process that was killed hold its port until they notice, longest while they boot."""
MOST_STARTS = 4
UNSETTLED = text(
    "SELECT (SELECT count(*) FROM reactions WHERE state = 'due')"
    " + (SELECT count(*) FROM deliveries WHERE state = 'due')"
)


class NotSettledError(AssertionError):
    """Something is still due when its time is over."""


class Rig:
    """The hub under test; a context manager that ends everything it started."""

    def __init__(self, *, pace: int = PACE, outcomes: int = 40, seed: int = 1) -> None:
        self.pace = pace
        self.random = random.Random(seed)  # noqa: S311 -- a seed shall give the same run again
        self.outcomes = outcomes
        self.commands: dict[str, tuple[str, ...]] = {
            "web": web().command,
            "relay": relay().command,
            "beat": beat().command,
            "sink": (sys.executable, "-m", "tests.faults.sink"),
            **{queue: worker(queue).command for queue in QUEUES},
        }
        """How each process is started; the rig's own tests put a spoiled one here."""
        self.open_requests: Callable[[], int] = lambda: 0
        self.strikes: list[int] = []
        """How much work was in flight at each blow."""
        self.members: dict[str, Member] = {}
        """Who was started last under each name."""
        self.said = io.StringIO()
        self._ending = contextlib.ExitStack()

    folder: Path
    servers: Servers
    settings: Settings
    fleet: Fleet
    sink: Mailbox
    owner: Database
    app: Database
    town: Town

    # Beginning and end --------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self.folder = Path(tempfile.mkdtemp(prefix="hub-faults-"))
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self.folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
            self.servers = Servers(self.folder, is_throw_away=False)
            stack.callback(self._stop_servers)
            self.servers.start()
            self._make_hub(stack)
            self._ending = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.redirect_stdout(self.said):  # what the fleet says at its end is for a failure only
            self._ending.close()

    def _make_hub(self, stack: contextlib.ExitStack) -> None:
        addresses = self.servers.addresses()
        home = self.folder / "home"
        home.mkdir()
        ports = [free_port(), free_port()]
        self.sink = Mailbox(self.folder / "mail", ports[1])
        self.settings = dataclasses.replace(
            make_settings(addresses, DATABASE, 0, home),
            base_url=f"http://localhost:{ports[0]}",
            web_bind=f"127.0.0.1:{ports[0]}",
            smtp_url=self.sink.url,
            relay_poll_seconds=1 / self.pace,
        )
        with psycopg.connect(addresses.database("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{DATABASE}"')
        upgrade(self.settings)
        self.owner = Database.connect(self.settings, "owner")
        self.app = Database.connect(self.settings, "app", acting=EVERYBODY)
        for database in (self.owner, self.app):
            stack.callback(database.dispose)
        with self.app.transaction() as session:
            self.town = build_town(session, outcomes=self.outcomes)
        self.fleet = stack.enter_context(Fleet(self.settings))
        self.commands["sink"] += (str(self.sink.folder), str(self.sink.port))
        self.launch("sink")

    def _stop_servers(self) -> None:
        for child in self.servers.children.values():
            if child.poll() is None:
                child.send_signal(signal.SIGCONT)
        self.servers.stop()

    # Processes ----------------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        """Return where the web process answers."""
        return self.settings.base_url

    def with_database(self, name: str) -> Settings:
        """Return the rig's settings for another database of its server."""
        urls = dict.fromkeys(self.settings.database_urls, self.servers.addresses().database(name))
        return dataclasses.replace(self.settings, database_urls=urls)

    def start_all(self, *, with_beat: bool = True) -> dict[str, Member]:
        """Start one of each process at once; return them by name (web, relay, reactions, mail, …)."""
        names = ["web", "relay", *QUEUES, *(["beat"] if with_beat else [])]
        started = {name: self.launch(name) for name in names}
        for name, member in started.items():
            self._await(name, member)
        return started

    def web(self, **extra: str) -> Member:
        """Start the web process; returns when it answers."""
        return self._start("web", **extra)

    def relay(self, **extra: str) -> Member:
        """Start a relay."""
        return self._start("relay", **extra)

    def worker(self, queue: str = "reactions", **extra: str) -> Member:
        """Start a worker of one queue."""
        return self._start(queue, **extra)

    def beat(self, **extra: str) -> Member:
        """Start beat."""
        return self._start("beat", **extra)

    def _start(self, name: str, **extra: str) -> Member:
        for _ in range(MOST_STARTS):
            member = self.launch(name, **extra)
            self._await_sign(name, member)
            if member.is_alive or not member.said(TAKEN):
                break
        self._await(name, member)
        return member

    def launch(self, name: str, command: tuple[str, ...] = (), /, **extra: str) -> Member:
        """Start a process, by another command if one is given, and do not wait until it is ready."""
        own = {"HUB_PACE": str(self.pace), "HUB_WEB_BIND": self.settings.web_bind, "HUB_WEB_WORKERS": "2"}
        self.members[name] = self.fleet.start(name, command or self.commands[name], **(own | extra))
        return self.members[name]

    def revive(self) -> None:
        """Start again, as a supervisor would, who was ended by a watchdog or found the port taken."""
        for name, member in list(self.members.items()):
            code = member.process.poll()
            if (name in QUEUES and code == EXIT_CODE) or (code and member.said(TAKEN)):
                self.launch(name)

    def _await_sign(self, name: str, member: Member) -> None:
        ready = {"web": "Booting worker", "relay": "relay.listening", "beat": "beat: Starting"}
        sign = ready.get(name, "ready.")
        wait_until(lambda: member.said(sign) or not member.is_alive, f"{name} is ready")

    def _await(self, name: str, member: Member) -> None:
        self._await_sign(name, member)
        if name == "web":  # a process that is booting hears nobody yet
            wait_until(lambda: self._answers() or not member.is_alive, "web answers")
        assert member.is_alive or member.process.returncode == -signal.SIGKILL, f"{name} did not start"

    def _answers(self) -> bool:
        """Return whether the web process answers: anything, for the database may be away."""
        try:
            with urllib.request.urlopen(f"{self.base_url}/healthz", timeout=10):  # noqa: S310 - our own http
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    # Proof and blows ----------------------------------------------------------------------------------

    @property
    def places(self) -> tuple[Path, ...]:
        """Return the folders that everything of the rig lives in."""
        return (self.folder, self.servers.sockets)

    def prove(self, pid: int) -> psutil.Process:
        """Return the process if it is the rig's own. Raises NotOursError."""
        return prove_process(pid, self.places)

    def prove_socket(self, where: Path | int) -> psutil.Process:
        """Return who listens at a socket or port, if it is the rig's own. Raises NotOursError."""
        return prove_socket(where, self.places)

    def server_pid(self, name: str) -> int:
        """Return the pid of "postgres" or "valkey", proven with its socket."""
        sockets = {
            "postgres": self.servers.postgres.socket_dir / ".s.PGSQL.5432",
            "valkey": self.servers.valkey.socket,
        }
        child = self.servers.children[name]
        listener = self.prove_socket(sockets[name])
        if listener.pid != child.pid:
            raise NotOursError(f"{name} is process {child.pid}, but {listener.pid} listens")
        return child.pid

    def send(self, target: Member | int, number: signal.Signals) -> None:
        """Send a signal to a member or pid after it was proven to be the rig's own."""
        pid = target if isinstance(target, int) else target.process.pid
        self.prove(pid).send_signal(number)

    def kill(self, member: Member) -> None:
        """End a member as a power cut would."""
        self.send(member, signal.SIGKILL)
        member.wait_for_end()

    def kill_server(self, name: str) -> None:
        """End "postgres" or "valkey" as a power cut would; ``servers.start_one(name)`` brings it back."""
        self.send(self.server_pid(name), signal.SIGKILL)
        self.servers.children[name].wait()

    def unsettled(self) -> int:
        """Return how many reactions and deliveries are due, now or later."""
        with self.owner.transaction() as session:
            return int(session.scalar(UNSETTLED) or 0)

    def in_flight(self) -> int:
        """Return how much work is under way: due reactions and deliveries, and open requests."""
        return self.unsettled() + self.open_requests()

    def strike(self, blow: Callable[[], object], *, patience: float = 20) -> int:
        """Deal a blow in a moment when work is in flight; return how much was. Never without any."""
        deadline = time.monotonic() + patience
        while not (found := self.in_flight()):
            assert time.monotonic() < deadline, "no work came to be in flight"
            time.sleep(0.002)
        blow()
        self.strikes.append(found)
        return found

    @property
    def weakest(self) -> int:
        """Return how much work was in flight at the blow that met least; 0 if there was none."""
        return min(self.strikes, default=0)

    def settle(self, bound_s: float) -> float:
        """Wait until nothing is due; return how many seconds that took. Raises NotSettledError."""
        began = time.monotonic()
        while left := self.unsettled():
            if time.monotonic() - began > bound_s:
                raise NotSettledError(f"{left} still due after {bound_s:.0f} s")
            self.revive()
            time.sleep(0.02)
        return time.monotonic() - began
