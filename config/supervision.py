"""A whole hub on one machine: servers, migrations and processes, started in order and stopped together.

``hub up`` is this file and a loop. ``hub demo`` and the tests call it as well::

    with running_hub(home, mode="demo", web_port=0, mail_port=0, on_progress=print) as hub:
        hub.base_url        # "http://localhost:…"
        hub.environment     # DATABASE_URL, REDIS_URL, SMTP_URL, HUB_SECRET_KEYS, HUB_BASE_URL, HUB_MODE, …
        hub.mail_folder     # where the mail catcher writes .eml files; None with a mail server of one's own
        hub.watch()         # returns when the person wants an end

Whatever way the block is left, every process is stopped and waited for. Start it from the main
thread: the kernel ends our children when the thread that started them ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from config.embedded.account import service_account
from config.embedded.failure import EmbeddedError
from config.embedded.places import own_folder, socket_folder
from config.embedded.postgres import Postgres, explain
from config.embedded.valkey import Valkey
from config.leftovers import end_leftovers
from config.processes import Process, application, catcher
from config.settings import ROLES, RUN_FILE, Mode, Settings, default_home
from config.supervisor import Supervisor, configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from config.supervisor import State

WEB_PORT = 8000
MAIL_PORT = 1025
HEALTH_PATH = "/health"
MIGRATE_SECONDS = 300
START_SECONDS = 60
BROKEN = ("BACKOFF", "FATAL", "EXITED")


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
        on_progress: Callable[[str], None] = print,
    ) -> None:
        """Describe a hub; nothing is started or written yet.

        ``home`` and ``mode`` default to HUB_HOME and HUB_MODE. Port 0 means any free one; without a
        port the environment decides (HUB_WEB_BIND, HUB_MAIL_BIND), then 8000 and 1025.
        """
        self._given = dict(os.environ if environ is None else environ)
        chosen = Path(home or self._given.get("HUB_HOME") or default_home())
        self.home = chosen.expanduser().resolve()
        self._mode = mode
        self._web_port = web_port
        self._mail_port = mail_port
        self._say = on_progress
        self._lock: int | None = None
        self._supervisor: Supervisor | None = None
        self._sockets: Path | None = None
        self._seen: dict[str, State] = {}
        self.environment: dict[str, str] = {}
        """The variables that every process of this hub gets."""
        self.mail_folder: Path | None = None
        """Where caught mail lies, one .eml file a message; None if SMTP_URL names a mail server."""

    @property
    def base_url(self) -> str:
        """Return the address for a browser."""
        return self.environment["HUB_BASE_URL"]

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
        began = time.monotonic()
        try:
            self._take_home()
            self._start(began)
        except BaseException:
            self.stop(quietly=True)
            raise

    def stop(self, *, quietly: bool = False) -> None:
        """Stop every process and wait for all of them. Harmless if nothing runs."""
        if self._supervisor is not None:
            count = len(self._seen) or "all"
            if not quietly:
                self._say(f"Stopping {count} processes …")
            self._supervisor.end()
            self._supervisor = None
            end_leftovers(self._records)
            if not quietly:
                self._say("Every process has stopped.")
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None
        if self._lock is not None:
            (self.home / RUN_FILE).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def watch(self) -> None:
        """Say whenever a process ended and was started again; returns only by an interrupt.

        Raises EmbeddedError if the supervisor itself is gone.
        """
        while True:
            time.sleep(1)
            self.look()

    def look(self) -> None:
        """Compare every process with the last look and say what changed. Raises EmbeddedError as ``watch``."""
        if not self.supervisor.is_alive:
            raise EmbeddedError("The supervisor was ended by somebody; its processes end with it.")
        states = self.supervisor.states()
        for name, state in states.items():
            before = self._seen.get(name)
            if before and before.pid and before.pid != state.pid:
                self._say(f"{name} ended and is being started again; see {state.log}")
            elif before and before.state != "FATAL" and state.state == "FATAL":
                self._say(f"{name} does not start any more; see {state.log}")
        # A process between two lives has no pid; remember the one it had.
        self._seen = {
            name: state if state.pid else self._seen.get(name, state) for name, state in states.items()
        }

    # How it starts ---------------------------------------------------------------------------------

    @property
    def _records(self) -> Path:
        return self.home / "run" / "pids"

    @property
    def _logs(self) -> Path:
        return self.home / "logs"

    def _take_home(self) -> None:
        """Make the home's folders, lock it, and end what a killed hub left in it."""
        try:
            self.home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(f"HUB_HOME {self.home} cannot be made: {error.strerror}.") from error
        for name in ("run", "run/pids", "logs", "secrets"):
            own_folder(self.home / name, 0o700)
        lock = os.open(self.home / "run" / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 200, 0).decode(errors="replace").strip()
            os.close(lock)
            raise EmbeddedError(
                f"A hub runs in {self.home} already ({holder or 'it is just starting'}). Use that one, stop it "
                "with Ctrl-C, or set HUB_HOME to another folder for a second hub."
            ) from None
        self._lock = lock
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"pid {os.getpid()}\n".encode(), 0)
        ended = end_leftovers(self._records)
        if ended:
            self._say(f"Ended what a killed hub had left behind: {', '.join(ended)}")
        (self.home / RUN_FILE).unlink(missing_ok=True)

    def _start(self, began: float) -> None:
        environment = self._described()
        servers: list[Process] = []
        self._sockets = socket_folder(self.home, self._given.get("HUB_SOCKET_DIR"))
        postgres = valkey = None
        if not _gives_database(self._given):
            postgres, version = self._prepare_postgres()
            servers.append(
                Process(
                    "postgres",
                    tuple(postgres.command(self._records / "postgres.json")),
                    is_server=True,
                    is_wrapped=True,
                    stop_signal="INT",
                    stop_seconds=20,
                )
            )
            environment["DATABASE_URL"] = postgres.url()
        if not _gives(self._given, "REDIS_URL"):
            valkey = Valkey(self._sockets, service_account(self._given.get("HUB_EMBEDDED_USER")))
            valkey_version = valkey.prepare()
            command = tuple(valkey.command(self._records / "valkey.json"))
            servers.append(Process("valkey", command, is_server=True, is_wrapped=True))
            environment["REDIS_URL"] = valkey.url()
        if self.mail_folder:
            own_folder(self.mail_folder, 0o700)
            mail_bind = environment["SMTP_URL"].removeprefix("smtp://")
            servers.append(catcher(mail_bind, str(self.mail_folder)))
        environment.setdefault("HUB_SECRET_KEYS", self._secret_keys())
        self.environment = environment
        self._start_supervisor(servers)
        if postgres:
            postgres.wait_ready(self._lives("postgres"))
            self._came(f"PostgreSQL {version}", "postgres", began)
        if valkey:
            valkey.wait_ready(self._lives("valkey"))
            self._came(f"Valkey {valkey_version}", "valkey", began)
        if self.mail_folder:
            self._wait_port("mail", environment["SMTP_URL"].removeprefix("smtp://"))
            self._came(
                f"Mail catcher at {environment['SMTP_URL']}, mail in {self.mail_folder},", "mail", began
            )
        self._migrate()
        self._write_run_file()
        self.supervisor.start_application()
        self._wait_web()
        self._came("Web", "web", began)
        self._wait_settled(began)
        self._seen = self.supervisor.states()
        self._say(f"The hub is up at {self.base_url} ({time.monotonic() - began:.1f} s)")

    def _described(self) -> dict[str, str]:
        """Return the processes' variables, checked as a whole before anything starts."""
        environment = {key: value for key, value in self._given.items() if key != "HUB_PARENT_PID"}
        environment["HUB_HOME"] = str(self.home)
        if self._mode:
            environment["HUB_MODE"] = self._mode
        host, port = _address(self._given.get("HUB_WEB_BIND", ""), WEB_PORT, self._web_port)
        port = _demand_port(host, port, "web", "HUB_WEB_BIND=127.0.0.1:8010")
        environment["HUB_WEB_BIND"] = _joined(host, port)
        environment["HUB_BASE_URL"] = self._given.get("HUB_BASE_URL") or f"http://localhost:{port}"
        if not _gives(self._given, "SMTP_URL"):
            host, port = _address(self._given.get("HUB_MAIL_BIND", ""), MAIL_PORT, self._mail_port)
            port = _demand_port(host, port, "mail catcher", "HUB_MAIL_BIND=127.0.0.1:1030, or SMTP_URL")
            environment["SMTP_URL"] = f"smtp://{_joined(host, port)}"
            self.mail_folder = self.home / "mail"
        stand_ins = {"HUB_SECRET_KEYS": "0" * 32, "REDIS_URL": "unix:///to-come"}
        if not _gives_database(self._given):
            stand_ins["DATABASE_URL"] = "postgresql:///to-come"
        missing = {key: value for key, value in stand_ins.items() if not _gives(self._given, key)}
        settings = Settings.from_env({**environment, **missing})
        environment["HUB_MODE"] = settings.mode
        return environment

    def _prepare_postgres(self) -> tuple[Postgres, str]:
        if self._sockets is None:
            raise RuntimeError("sockets come first")
        account = service_account(self._given.get("HUB_EMBEDDED_USER"))
        password = self.home / "secrets" / "postgres_password"
        postgres = Postgres(self.home / "postgres", self._sockets, password, account)
        if not postgres.data.exists():
            self._say(f"Making a PostgreSQL cluster in {postgres.data} …")
        return postgres, postgres.prepare()

    def _secret_keys(self) -> str:
        """Return this home's keys, made at its first start."""
        if _gives(self._given, "HUB_SECRET_KEYS"):
            return self._given.get("HUB_SECRET_KEYS", "")
        path = self.home / "secrets" / "secret_keys"
        if not path.exists():
            fresh = path.with_name("secret_keys.making")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48) + "\n", encoding="ascii")
            fresh.rename(path)
        return path.read_text(encoding="ascii").strip()

    def _start_supervisor(self, servers: list[Process]) -> None:
        if self._sockets is None:
            raise RuntimeError("sockets come first")
        socket_path = self._sockets / "supervisor.sock"
        socket_path.unlink(missing_ok=True)
        file = self.home / "run" / "supervisord.conf"
        file.write_text(
            configuration(
                [*servers, *application()], logs=self._logs, records=self._records, socket=socket_path
            ),
            encoding="utf-8",
        )
        self._supervisor = Supervisor(file, socket_path, self._records / "supervisord.json", self.environment)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._seen = self._supervisor.states()
            except OSError as error:
                if not self._supervisor.is_alive or time.monotonic() > deadline:
                    raise EmbeddedError(
                        f"The supervisor did not start; see {self._logs / 'supervisord.log'}"
                    ) from error
                time.sleep(0.02)
            else:
                return

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
            raise EmbeddedError(f"The migrations failed, and were undone where they did:\n{said}")
        self._say(f"Migrations done ({time.monotonic() - began:.1f} s)")

    def _write_run_file(self) -> None:
        """Tell the other commands where this hub is (``config.settings.running_environment``)."""
        names = ("DATABASE_URL", "REDIS_URL", "SMTP_URL", "HUB_SECRET_KEYS", "HUB_BASE_URL", "HUB_MODE")
        values = {name: self.environment[name] for name in names if name in self.environment}
        fresh = self.home / f"{RUN_FILE}.making"
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(values), encoding="utf-8")
        fresh.rename(self.home / RUN_FILE)
        if self._lock is not None:
            os.pwrite(self._lock, f"pid {os.getpid()}, {self.base_url}\n".encode(), 0)

    # How it waits ----------------------------------------------------------------------------------

    def _lives(self, name: str) -> Callable[[], bool]:
        """Return a question whether a process is still trying."""

        def is_alive() -> bool:
            state = self.supervisor.states()[name]
            if state.state in BROKEN:
                said = _last_words(state.log)
                raise EmbeddedError(explain(said, self.home) if name == "postgres" else f"{name}: {said}")
            return True

        return is_alive

    def _wait_port(self, name: str, bind: str) -> None:
        host, port = _address(bind, MAIL_PORT, None)
        is_alive = self._lives(name)
        deadline = time.monotonic() + START_SECONDS
        while is_alive():
            try:
                with socket.create_connection((host, port), timeout=2):
                    return
            except OSError as error:
                if time.monotonic() > deadline:
                    raise EmbeddedError(f"{name} does not answer at {bind}") from error
            time.sleep(0.05)

    def _wait_web(self) -> None:
        host, port = _address(self.environment["HUB_WEB_BIND"], WEB_PORT, None)
        url = f"http://{_joined('127.0.0.1' if host in ('', '0.0.0.0') else host, port)}{HEALTH_PATH}"  # noqa: S104
        name = self.base_url.split("://", 1)[1].split("/", 1)[0]
        request = urllib.request.Request(url, headers={"Host": name})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + START_SECONDS
        is_alive = self._lives("web")
        while is_alive():
            try:
                with opener.open(request, timeout=5):
                    return
            except urllib.error.HTTPError as error:
                log = self._logs / "web.log"
                raise EmbeddedError(
                    f"The web process answers {error.code} at {HEALTH_PATH}; see {log}"
                ) from error
            except OSError as error:
                if time.monotonic() > deadline:
                    raise EmbeddedError(f"Nothing answers at {url}; see {self._logs / 'web.log'}") from error
            time.sleep(0.05)

    def _wait_settled(self, began: float) -> None:
        """Return when every process has lived long enough to have started."""
        names = [process.name for process in application() if process.name != "web"]
        deadline = time.monotonic() + START_SECONDS
        while names:
            states = self.supervisor.states()
            for name in list(names):
                state = states[name]
                if state.state == "RUNNING":
                    names.remove(name)
                    self._came(name.capitalize(), name, began)
                elif state.state in BROKEN or time.monotonic() > deadline:
                    raise EmbeddedError(f"{name} does not start:\n{_last_words(state.log)}")
            time.sleep(0.1)

    def _came(self, what: str, name: str, began: float) -> None:
        pid = self.supervisor.states()[name].pid
        self._say(f"{what} ready (pid {pid}, {time.monotonic() - began:.1f} s)")


@contextlib.contextmanager
def running_hub(
    home: Path | str | None = None,
    *,
    mode: Mode | None = None,
    web_port: int | None = None,
    mail_port: int | None = None,
    environ: Mapping[str, str] | None = None,
    on_progress: Callable[[str], None] = print,
) -> Iterator[Hub]:
    """Yield a started hub (arguments as for ``Hub``) and stop it when the block is left.

    Ctrl-C, TERM and HUP leave the block with KeyboardInterrupt; while stopping, they change nothing.
    """
    hub = Hub(
        home, mode=mode, web_port=web_port, mail_port=mail_port, environ=environ, on_progress=on_progress
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


def _gives(environ: Mapping[str, str], name: str) -> bool:
    """Return whether a variable is set, itself or by its file."""
    return bool(environ.get(name) or environ.get(f"{name}_FILE"))


def _gives_database(environ: Mapping[str, str]) -> bool:
    """Return whether the environment names a database for every role."""
    return _gives(environ, "DATABASE_URL") or all(
        _gives(environ, f"DATABASE_URL_{role.upper()}") for role in ROLES
    )


def _address(bind: str, default: int, port: int | None) -> tuple[str, int]:
    """Return host and port of a HOST:PORT text; ``port`` beats the one in the text."""
    host, _, number = bind.rpartition(":")
    if bind and not number.isdigit():
        raise EmbeddedError(f"{bind!r} is not an address of the form 127.0.0.1:8000.")
    return host.strip("[]") or "127.0.0.1", (int(number or default) if port is None else port)


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _demand_port(host: str, port: int, what: str, way_out: str) -> int:
    """Return the port (a free one for 0). Raises EmbeddedError if it cannot be had."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise EmbeddedError(
                f"Port {port} for the {what} cannot be had at {host}: {error.strerror}. Another program, or "
                f"another hub, uses it. End that one, or set {way_out}."
            ) from error
        return int(probe.getsockname()[1])


def _last_words(log: Path, lines: int = 12) -> str:
    """Return the end of a log file."""
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 8192))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return "(it wrote nothing)"
