"""A whole hub on one machine: servers, migrations and processes, started in order and stopped together.

``hub up`` is this file and a loop. ``hub demo`` and the tests call it as well::

    with running_hub(home, mode="demo", web_port=0, mail_port=0, on_progress=print) as hub:
        hub.base_url        # "http://localhost:…"
        hub.environment     # DATABASE_URL, REDIS_URL, SMTP_URL, HUB_SECRET_KEYS, HUB_BASE_URL, HUB_MODE, …
        hub.settings        # the same as Settings
        hub.mail_folder     # where the mail catcher writes .eml files; None with a mail server of one's own
        hub.supervisor      # to look at single processes, or to stop and start them
        hub.watch()         # returns when the person wants an end

Whatever way the block is left, every process is stopped and waited for. Start it from the main
thread: the kernel ends our children when the thread that started them ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from config import processes
from config.addresses import gives, gives_database
from config.child import PARENT
from config.embedded.account import service_account
from config.embedded.failure import EmbeddedError
from config.embedded.places import own_folder, socket_folder
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from config.environment import planned_environment
from config.home import Home
from config.readiness import START_SECONDS, last_words, lives, settled, wait_port, wait_web
from config.settings import Mode, Settings, default_home
from config.supervisor import Supervisor, configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from config.processes import Process
    from config.supervisor import State

MIGRATE_SECONDS = 300


class Hub:
    """One hub in one home. ``start`` it once, ``stop`` it once."""

    def __init__(
        self,
        home: Path | str | None = None,
        *,
        mode: Mode | None = None,
        web_port: int | None = None,
        mail_port: int | None = None,
        environ: Mapping[str, str] | None = None,
        application: Sequence[Process] | None = None,
        on_progress: Callable[[str], None] = print,
    ) -> None:
        """Describe a hub; nothing is started or written yet.

        ``home`` and ``mode`` default to HUB_HOME and HUB_MODE. Port 0 means any free one; without a
        port the environment decides (HUB_WEB_BIND, HUB_MAIL_BIND), then 8000 and 1025.
        ``application`` are the processes to run; by default all.
        """
        self._given = dict(os.environ if environ is None else environ)
        self._given.pop(PARENT, None)  # whose child we are says nothing to our children
        chosen = Path(home or self._given.get("HUB_HOME") or default_home())
        self._home = Home(chosen.expanduser().resolve())
        self._mode = mode
        self._ports = {"HUB_WEB_BIND": web_port, "HUB_MAIL_BIND": mail_port}
        self._application = list(processes.application() if application is None else application)
        self._say = on_progress
        self._began = time.monotonic()
        self._sockets: Path | None = None
        self._supervisor: Supervisor | None = None
        self._seen: dict[str, State] = {}
        self.environment: dict[str, str] = {}
        """The variables that every process of this hub gets."""
        self.mail_folder: Path | None = None
        """Where caught mail lies, one .eml file a message; None if SMTP_URL names a mail server."""

    @property
    def home(self) -> Path:
        """Return the folder for data."""
        return self._home.path

    @property
    def base_url(self) -> str:
        """Return the address for a browser."""
        return self.environment["HUB_BASE_URL"]

    @property
    def settings(self) -> Settings:
        """Return the settings that every process of this hub reads."""
        return Settings.from_env(self.environment)

    @property
    def supervisor(self) -> Supervisor:
        """Return the supervisor, to look at single processes or to stop and start them."""
        if self._supervisor is None:
            raise RuntimeError("the hub has not been started")
        return self._supervisor

    def start(self) -> None:
        """Start everything; returns when pages are answered and every process has settled.

        Raises EmbeddedError or SettingsError, with everything stopped again, if that fails.
        """
        self._began = time.monotonic()
        try:
            ended = self._home.take()
            if ended:
                self._say(f"Ended what a killed hub had left behind: {', '.join(ended)}")
            self._start()
        except BaseException:
            self.stop(quietly=True)
            raise

    def stop(self, *, quietly: bool = False) -> None:
        """Stop every process and wait for all of them. Harmless if nothing runs."""
        say = (lambda _: None) if quietly else self._say
        if self._supervisor is not None:
            say(f"Stopping {len(self._seen)} processes …")
            self._supervisor.end()
            self._supervisor = None
            self._home.end_leftovers()
            say("Every process has stopped.")
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None
        self._home.release()

    def watch(self) -> None:
        """Say whenever a process ended and was started again; left only by an interrupt.

        Raises EmbeddedError if the supervisor itself is gone.
        """
        while True:
            time.sleep(1)
            self.look()

    def look(self) -> None:
        """Compare every process with the last look and say what changed. Raises as ``watch`` does."""
        if not self.supervisor.is_alive:
            raise EmbeddedError("Somebody ended the supervisor; its processes end with it.")
        for name, state in self.supervisor.states().items():
            before = self._seen.get(name)
            if before and before.state != state.state == "FATAL":
                self._say(f"{name} does not start any more; see {state.log}")
            elif before and before.pid and state.pid and before.pid != state.pid:
                self._say(f"{name} ended and was started again; see {state.log}")
            # A process between two lives has no pid: keep the one it had.
            if before is None or state.pid or state.state == "FATAL":
                self._seen[name] = state

    def _start(self) -> None:
        environment = planned_environment(self._given, self.home, self._mode, self._ports)
        if not gives(self._given, "SMTP_URL"):
            self.mail_folder = self._home.mail
        self._sockets = socket_folder(self.home, self._given.get("HUB_SOCKET_DIR"))
        account = service_account(self._given.get("HUB_EMBEDDED_USER"))
        servers: list[Process] = []
        waits: list[Callable[[], None]] = []
        if not gives_database(self._given):
            postgres = Postgres(self._home.postgres, self._sockets, self._home.password_file, account)
            if not postgres.data.exists():
                self._say(f"Making a PostgreSQL cluster in {postgres.data} …")
            version = f"PostgreSQL {postgres.prepare()}"
            servers.append(processes.postgres(postgres.command(self._home.records / "postgres.json")))
            environment["DATABASE_URL"] = postgres.url()
            waits.append(lambda: self._wait_server("postgres", version, postgres.wait_ready))
        if not gives(self._given, "REDIS_URL"):
            valkey = Valkey(self._sockets, account)
            valkey_version = f"Valkey {valkey.prepare()}"
            servers.append(processes.valkey(valkey.command(self._home.records / "valkey.json")))
            environment["REDIS_URL"] = valkey.url()
            waits.append(lambda: self._wait_server("valkey", valkey_version, valkey.wait_ready))
        if self.mail_folder:
            own_folder(self.mail_folder, 0o700)
            bind = environment["SMTP_URL"].removeprefix("smtp://")
            servers.append(processes.catcher(bind, str(self.mail_folder)))
            words = f"Mail catcher at {bind}, mail in {self.mail_folder},"
            waits.append(lambda: self._wait_server("mail", words, lambda alive: wait_port(bind, alive)))
        if not gives(self._given, "HUB_SECRET_KEYS"):
            environment["HUB_SECRET_KEYS"] = self._home.secret_keys()
        self.environment = environment
        self._start_supervisor(servers)
        for wait in waits:
            wait()
        self._migrate()
        self._home.tell(environment)
        self._start_application()
        self._say(f"The hub is up at {self.base_url} ({time.monotonic() - self._began:.1f} s)")

    def _start_supervisor(self, servers: Sequence[Process]) -> None:
        if self._sockets is None:
            raise RuntimeError("the sockets' folder comes first")
        socket = self._sockets / "supervisor.sock"
        socket.unlink(missing_ok=True)
        self._home.supervisor_file.write_text(
            configuration(
                [*servers, *self._application],
                logs=self._home.logs,
                records=self._home.records,
                socket=socket,
            ),
            encoding="utf-8",
        )
        record = self._home.records / "supervisord.json"
        self._supervisor = Supervisor(self._home.supervisor_file, socket, record, self.environment)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._seen = self._supervisor.states()
            except OSError as error:
                if not self._supervisor.is_alive or time.monotonic() > deadline:
                    said = last_words(self._home.supervisor_file.with_suffix(".out"))
                    raise EmbeddedError(f"The supervisor did not start:\n{said}") from error
                time.sleep(0.02)
            else:
                return

    def _wait_server(self, name: str, words: str, wait: Callable[[Callable[[], bool]], None]) -> None:
        wait(lives(self.supervisor, name, self.home))
        self._report(name, words)

    def _migrate(self) -> None:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "hub.cli.main", "migrate"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=MIGRATE_SECONDS,
            check=False,
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise EmbeddedError(f"The database could not be migrated:\n{said}")
        self._say(f"Migrations done ({time.monotonic() - began:.1f} s)")

    def _start_application(self) -> None:
        names = [process.name for process in self._application]
        if not names:
            return
        self.supervisor.start_application()
        if "web" in names:
            alive = lives(self.supervisor, "web", self.home)
            wait_web(self.environment["HUB_WEB_BIND"], self.base_url, alive)
        for name in settled(self.supervisor, names):
            self._report(name, name.capitalize())
        self._seen = self.supervisor.states()

    def _report(self, name: str, words: str) -> None:
        pid = self.supervisor.states()[name].pid
        self._say(f"{words} ready (pid {pid}, {time.monotonic() - self._began:.1f} s)")


@contextlib.contextmanager
def running_hub(
    home: Path | str | None = None,
    *,
    mode: Mode | None = None,
    web_port: int | None = None,
    mail_port: int | None = None,
    environ: Mapping[str, str] | None = None,
    application: Sequence[Process] | None = None,
    on_progress: Callable[[str], None] = print,
) -> Iterator[Hub]:
    """Yield a started hub (arguments as for ``Hub``) and stop it when the block is left.

    Ctrl-C, TERM and HUP leave the block with KeyboardInterrupt; while stopping, they change nothing.
    """
    hub = Hub(
        home,
        mode=mode,
        web_port=web_port,
        mail_port=mail_port,
        environ=environ,
        application=application,
        on_progress=on_progress,
    )
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    try:
        hub.start()
        yield hub
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        hub.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
