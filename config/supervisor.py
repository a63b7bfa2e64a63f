"""The supervisor of ``hub up``: a supervisord in the foreground, its configuration, and its answers.

Supervisor restarts what ends. It runs as a process of its own, asked over a socket that only its
owner can reach; secrets stand in its environment, never in its file.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from supervisor.xmlrpc import SupervisorTransport

from config.child import as_parent, wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config.processes import Process

ROOT = Path(__file__).resolve().parent.parent
GROUP = "hub"
"""The processes that need database and broker; they start and stop together."""
SETTLED_SECONDS = 2
"""A process that lived so long has started; one that ends sooner is tried again three times."""
STOP_SECONDS = 40


@dataclass(frozen=True, slots=True)
class State:
    """How one process is."""

    name: str
    state: str
    """Supervisor's word: STARTING, RUNNING, BACKOFF, FATAL, EXITED, STOPPING, STOPPED."""
    pid: int
    started: int
    """Seconds since 1970."""
    log: Path


def configuration(processes: Sequence[Process], *, logs: Path, records: Path, socket: Path) -> str:
    """Return the text of supervisord's configuration file."""
    lines = [
        "[supervisord]",
        "nodaemon=true",
        "silent=true",
        f"logfile={_quoted(logs / 'supervisord.log')}",
        "logfile_maxbytes=5MB",
        "logfile_backups=1",
        f"pidfile={_quoted(records.parent / 'supervisord.pid')}",
        *(["user=root"] if os.geteuid() == 0 else []),
        "[unix_http_server]",
        f"file={_quoted(socket)}",
        "chmod=0700",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
    ]
    grouped = [process.name for process in processes if not process.is_server]
    if grouped:
        lines += [f"[group:{GROUP}]", f"programs={','.join(grouped)}", "priority=200"]
    for process in processes:
        lines += _program(process, logs, records)
    return "\n".join(lines) + "\n"


def _program(process: Process, logs: Path, records: Path) -> list[str]:
    command = list(process.command)
    if not process.is_wrapped:
        command = wrapped(command, record=records / f"{process.name}.json")
    group_signals = "false" if process.is_server else "true"
    return [
        f"[program:{process.name}]",
        f"command={_quoted(shlex.join(command))}",
        f"directory={_quoted(ROOT)}",
        f"priority={100 if process.is_server else 200}",
        f"autostart={'true' if process.is_server else 'false'}",
        "autorestart=true",
        f"startsecs={SETTLED_SECONDS}",
        f"startretries={10 if process.is_server else 3}",
        f"stopsignal={process.stop_signal}",
        f"stopwaitsecs={process.stop_seconds}",
        f"stopasgroup={group_signals}",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={_quoted(logs / process.name)}.log",
        "stdout_logfile_maxbytes=10MB",
        "stdout_logfile_backups=2",
    ]


def _quoted(value: object) -> str:
    """Return a value for the file, in which % starts an expansion and a line ends a value."""
    if "\n" in str(value):
        raise ValueError(f"a line break in {value!r}")
    return str(value).replace("%", "%%")


class Supervisor:
    """A supervisord that runs as our child."""

    def __init__(self, file: Path, socket: Path, record: Path, environment: Mapping[str, str]) -> None:
        """Start it; ``record`` is where its pid is noted, ``environment`` what its processes get."""
        # It may outlive us by a moment, and must not hold our terminal or pipe open meanwhile.
        with file.with_suffix(".out").open("wb") as said:
            self._process = self._started(file, record, environment, said)
        self._address = f"unix://{socket}"

    @staticmethod
    def _started(
        file: Path, record: Path, environment: Mapping[str, str], said: BinaryIO
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own interpreter
            wrapped([sys.executable, "-m", "supervisor.supervisord", "-c", str(file)], record=record),
            cwd=ROOT,
            env=as_parent(environment),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            # Ctrl-C goes to the whole group of a terminal; only `hub up` shall hear it, and stop in order.
            start_new_session=True,
        )

    @property
    def is_alive(self) -> bool:
        """Return whether the supervisor itself runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Return the supervisor's pid."""
        return self._process.pid

    def states(self) -> dict[str, State]:
        """Return how each process is, by name. Raises OSError while the supervisor does not answer."""
        answers = cast("list[dict[str, Any]]", self._call("getAllProcessInfo"))
        return {
            answer["name"]: State(
                answer["name"], answer["statename"], answer["pid"], answer["start"], Path(answer["logfile"])
            )
            for answer in answers
        }

    def start_application(self) -> None:
        """Start the processes that need database and broker; returns at once."""
        self._call("startProcessGroup", GROUP, False)

    def start(self, name: str) -> None:
        """Start one process and wait until it has started."""
        self._call("startProcess", name)

    def stop(self, name: str) -> None:
        """Stop one process and wait for its end."""
        self._call("stopProcess", name)

    def end(self) -> None:
        """Stop every process in order, then the supervisor; waits for it, at last by force."""
        if self.is_alive:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()  # and the kernel signals its children
            self._process.wait()

    def _call(self, method: str, *arguments: object) -> object:
        transport = SupervisorTransport(None, None, serverurl=self._address)
        try:
            # The address is never used: the transport knows its socket.
            proxy = xmlrpc.client.ServerProxy("http://localhost", transport=transport)
            return getattr(proxy.supervisor, method)(*arguments)
        finally:
            transport.close()
