"""One PostgreSQL and one Valkey for a whole test run, started when the first test asks for them.

pytest's controller starts this file as a process (``python -m tests.support.services FOLDER``) that
waits at a socket in FOLDER. Whichever xdist worker comes first makes it start the servers and migrate
the template database; every caller then reads the same addresses. The servers end with this process,
and this process with the controller, however that ends: nothing is orphaned, and nothing is ended
that was not started here.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from config.child import as_parent, wrapped
from config.embedded.account import service_account
from config.embedded.places import socket_folder
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from config.settings import ROLES, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

GATE = "HUB_TEST_SERVICES"
"""Variable that tells xdist workers where the socket is."""
TEMPLATE = "hub_template"
START_SECONDS = 60
PREFIX = "hub-tests-"
YOUNG_SECONDS = 60
STOP_SECONDS = 20
MEMORY_BYTES = 1024**3
ROOT = Path(__file__).resolve().parents[2]
SECRET_KEY = "test-only-" + "k3y" * 12
NOBODY_LISTENS = "smtp://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers of this run are."""

    postgres: str
    """Address with ``__database__`` in the place of the database's name."""
    valkey: str
    """Address with ``__number__`` in the place of the database's number."""

    def database(self, name: str) -> str:
        """Return the address of a database."""
        return self.postgres.replace("__database__", name)

    def broker(self, number: int) -> str:
        """Return the address of a numbered Valkey database."""
        return self.valkey.replace("__number__", str(number))


class Servers:
    """A PostgreSQL and a Valkey in a folder, as children of this very process."""

    def __init__(self, folder: Path, *, is_throw_away: bool = True) -> None:
        account = service_account(os.environ.get("HUB_EMBEDDED_USER"))
        self.folder = folder
        self.sockets = self._socket_folder()
        self.postgres = Postgres(
            folder / "postgres", self.sockets, folder / "password", account, is_throw_away=is_throw_away
        )
        self.valkey = Valkey(self.sockets, account)
        self.log = folder / "servers.log"
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def _socket_folder(self) -> Path:
        return socket_folder(self.folder, os.environ.get("HUB_SOCKET_DIR"))

    def start(self) -> None:
        """Start both (again); returns when they answer."""
        self._socket_folder()
        self.postgres.prepare()
        self.valkey.prepare()
        for name in ("postgres", "valkey"):
            self.start_one(name)

    def start_one(self, name: str) -> None:
        """Start "postgres" or "valkey" (again); returns when it answers."""
        server = self.postgres if name == "postgres" else self.valkey
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C at pytest's terminal ends the run, and the run its servers.
            child = subprocess.Popen(
                server.command(),
                cwd="/",
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=as_parent(os.environ),
            )
        self.children[name] = child
        server.wait_ready(lambda: child.poll() is None)

    def stop(self) -> None:
        """Stop both and remove their sockets."""
        for name, child in self.children.items():
            child.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
        for child in self.children.values():
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.children.clear()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def addresses(self) -> Addresses:
        """Return where both are."""
        return Addresses(
            postgres=self.postgres.url("__database__"),
            valkey=self.valkey.url().replace("db=0", "db=__number__"),
        )


@contextlib.contextmanager
def private_servers(folder: Path, *, is_throw_away: bool = True) -> Iterator[Servers]:
    """Yield servers of one's own, for a test that kills, pauses or flushes them.

    Unless ``is_throw_away``, PostgreSQL waits for the disk and vacuums as it does for people.
    """
    servers = Servers(folder, is_throw_away=is_throw_away)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


def make_settings(addresses: Addresses, database: str, number: int, home: Path) -> Settings:
    """Return the settings of a hub in mode "test" on one database of this run."""
    return Settings(
        mode="test",
        home=home,
        base_url="http://localhost:8000",
        database_urls=dict.fromkeys(ROLES, addresses.database(database)),
        redis_url=addresses.broker(number),
        secret_keys=(SECRET_KEY,),
        smtp_url=NOBODY_LISTENS,
        mail_from="Sinergi Hub <hub@localhost>",
        relay_poll_seconds=0.1,
    )


# In the tests' processes ---------------------------------------------------------------------------


def open_gate() -> subprocess.Popen[bytes]:
    """Start the process that will start the servers; it ends when its standard input is closed."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=fast_folder()))
    _sweep(folder.parent)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        process = subprocess.Popen(
            wrapped([sys.executable, "-m", "tests.support.services", str(folder)]),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            start_new_session=True,
            env=as_parent(os.environ),
            pass_fds=[lock],  # held as long as that process lives
        )
    finally:
        os.close(lock)
    os.environ[GATE] = str(folder / "gate.sock")
    return process


def _sweep(place: Path) -> None:
    """Remove what runs left that were killed by force: nobody holds their lock any more."""
    for path in place.glob(f"{PREFIX}*/lock"):
        with contextlib.suppress(OSError), path.open("rb") as lock:  # another user's, or just being removed
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - path.stat().st_mtime > YOUNG_SECONDS:  # else its run is just starting
                shutil.rmtree(path.parent)


def fast_folder() -> Path | None:
    """Return a folder in memory, where a copy of a database takes 9 ms instead of 400; None if too small."""
    memory = Path("/dev/shm")  # noqa: S108 -- the folder made in it is closed to others
    with contextlib.suppress(OSError):
        if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_BYTES:
            return memory
    return None


def close_gate(process: subprocess.Popen[bytes]) -> None:
    """End the servers and wait for it."""
    os.environ.pop(GATE, None)
    assert process.stdin is not None
    process.stdin.close()
    process.wait(2 * STOP_SECONDS)


def ask_for_services() -> Addresses:
    """Return the addresses, having the servers started if nobody has asked before."""
    deadline = time.monotonic() + START_SECONDS
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(START_SECONDS)
        while True:
            try:
                client.connect(os.environ[GATE])
                break
            except (FileNotFoundError, ConnectionRefusedError):
                # The process is being started; it makes its socket first of all.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        with client.makefile(encoding="utf-8") as lines:
            answer = json.loads(lines.readline())
    if "error" in answer:
        raise RuntimeError(f"The test services did not start: {answer['error']}")
    return Addresses(**answer)


_numbers = itertools.count()


def clone_database(addresses: Addresses, template: str = TEMPLATE) -> str:
    """Return the name of a fresh copy of the migrated database."""
    name = f"t_{os.getpid()}_{next(_numbers)}_{secrets.token_hex(2)}"
    with psycopg.connect(addresses.database("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return name


def drop_database(addresses: Addresses, name: str) -> None:
    """Remove a copy, whoever is still connected to it."""
    with psycopg.connect(addresses.database("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


# In the services' process --------------------------------------------------------------------------


def make_template(addresses: Addresses, folder: Path) -> None:
    """Migrate the template once, then close it: a copy needs it to have no connection."""
    from hub.db.migrate import upgrade  # noqa: PLC0415 - only when a test needs the database

    with psycopg.connect(addresses.database("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{TEMPLATE}"')
        upgrade(make_settings(addresses, TEMPLATE, 0, folder))
        connection.execute(f'ALTER DATABASE "{TEMPLATE}" ALLOW_CONNECTIONS false')


def _serve(folder: Path) -> None:
    """Answer callers until the controller closes our input, dies, or somebody sends TERM."""
    servers: Servers | None = None
    answer: bytes | None = None
    # Input ends and TERM arrives in the same moment when the controller dies: neither may interrupt the
    # cleaning up, so a signal only makes this pipe readable.
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "gate.sock"))
        listener.listen(64)
        try:
            while True:
                ready, _, _ = select.select([listener, sys.stdin, woken], [], [])
                if ready != [listener]:
                    return  # nothing is ever written to our input: it is closed
                client, _ = listener.accept()
                with client:
                    if answer is None:
                        servers = Servers(folder)
                        answer = _start(servers, folder)
                    with contextlib.suppress(ConnectionError):  # that worker has ended meanwhile
                        client.sendall(answer)
        finally:
            if servers:
                servers.stop()
            shutil.rmtree(folder)


def _start(servers: Servers, folder: Path) -> bytes:
    try:
        servers.start()
        addresses = servers.addresses()
        make_template(addresses, folder)
    except Exception as error:  # noqa: BLE001 - every worker is told why, and fails with it
        return json.dumps({"error": repr(error)}).encode() + b"\n"
    return json.dumps({"postgres": addresses.postgres, "valkey": addresses.valkey}).encode() + b"\n"


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
