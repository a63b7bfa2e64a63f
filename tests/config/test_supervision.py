"""`hub up` as a process: one hub in a home, nothing left behind, whoever is killed."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import pwd
import queue
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from config.child import boot_id, start_ticks, wrapped
from config.embedded.failure import EmbeddedError
from config.embedded.places import socket_folder
from config.leftovers import end_leftovers
from config.processes import Process
from config.settings import SettingsError, running_environment
from config.supervision import Hub
from tests.config.small_hub import IDLE, application
from tests.support.services import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    StartHub = Callable[..., "RunningHub"]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can play another user")
UP = "The hub is up"
PATIENCE = 30.0
NAMELESS = 54321
"""A uid without a name, as a container may run under."""
SITE = Path(psycopg.__file__).parents[1]


class RunningHub:
    """A `hub up` in a process of its own, and the lines it has said."""

    def __init__(self, home: Path, *options: str, user: int | None = None, python: str = "") -> None:
        self.home = home
        # The whole environment of the hub: no HOME, no XDG_RUNTIME_DIR.
        path = f"PYTHONPATH={ROOT}:{SITE}"
        module = [python or sys.executable, "-m", "tests.config.small_hub", str(home), *options]
        command = ["/usr/bin/env", path, "PYTHONDONTWRITEBYTECODE=1", *module]
        self.process = subprocess.Popen(
            wrapped(command, user=(user, user) if user else None, clean=True),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip())
        self._lines.put("(end)")

    def wait_for(self, words: str) -> str:
        """Return the next line with these words."""
        deadline = time.monotonic() + PATIENCE
        while True:
            line = self._lines.get(timeout=max(deadline - time.monotonic(), 0.01))
            self.said.append(line)
            if words in line:
                return line
            assert line != "(end)", self.said

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.close()
        return code

    def close(self) -> None:
        """Stop it if it still runs."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def records(self) -> dict[str, tuple[int, int]]:
        """Return (pid, start) of every process it has recorded."""
        found = {}
        for path in (self.home / "run" / "pids").glob("*.json"):
            record = json.loads(path.read_text(encoding="utf-8"))
            found[path.stem] = (record["pid"], record["start_ticks"])
        return found


def is_gone(process: tuple[int, int]) -> bool:
    pid, ticks = process
    if start_ticks(pid) != ticks:
        return True
    state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    return state == "Z"  # ended; whoever has inherited it has not asked yet


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def start_hub(tmp_path: Path) -> Iterator[StartHub]:
    """Yield a function that starts a hub in the test's home; all are stopped at the end."""
    started: list[RunningHub] = []

    def start(*options: str, home: Path = tmp_path, user: int | None = None, python: str = "") -> RunningHub:
        hub = RunningHub(home, *options, user=user, python=python)
        started.append(hub)
        return hub

    yield start
    for hub in started:
        hub.close()


def test_it_tells_where_it_is_stops_all_at_ctrl_c_and_reuses_its_data_fast(start_hub: StartHub) -> None:
    hub = start_hub()
    hub.wait_for(UP)
    for part in ("PostgreSQL 18", "Valkey 9", "Mail catcher", "Migrations", "Idle", "Other"):
        assert any(line.startswith(part) for line in hub.said), part
    told = hub.home / "run" / "environment.json"
    assert stat.S_IMODE(told.stat().st_mode) == 0o600
    environment = running_environment(hub.home)
    assert environment["HUB_MODE"] == "test"
    assert environment["HUB_BASE_URL"].startswith("http://localhost:")
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT hub_now() - now() AS offset_by")
    processes = hub.records()
    assert set(processes) == {"supervisord", "postgres", "valkey", "mail", "idle", "other"}

    assert hub.end(signal.SIGINT) == 0
    hub.wait_for("Every process has stopped")
    assert all(is_gone(process) for process in processes.values())
    assert not told.exists()

    began = time.monotonic()
    second = start_hub()
    second.wait_for(UP)
    assert time.monotonic() - began < 10
    assert not any("Making" in line for line in second.said)
    again = running_environment(second.home)
    assert again["HUB_SECRET_KEYS"] == environment["HUB_SECRET_KEYS"]
    with psycopg.connect(again["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT offset_by FROM kept").fetchone() == (dt.timedelta(),)


def test_a_second_hub_in_the_same_home_is_refused_and_the_first_looks_after_its_own(
    start_hub: StartHub,
) -> None:
    first = start_hub()
    first.wait_for(UP)
    before = first.records()
    second = start_hub()
    assert str(first.process.pid) in second.wait_for("Error: A hub runs in")
    assert second.process.wait(PATIENCE) == 1
    assert first.records() == before
    assert not any(is_gone(process) for process in before.values())

    os.kill(before["idle"][0], signal.SIGKILL)
    first.wait_for("idle ended and was started again")
    wait_until(lambda: first.records()["idle"] != before["idle"])
    assert not is_gone(first.records()["idle"])


def test_when_hub_up_is_killed_its_processes_end_by_themselves(start_hub: StartHub) -> None:
    hub = start_hub()
    hub.wait_for(UP)
    processes = hub.records()
    assert hub.end(signal.SIGKILL) == -signal.SIGKILL
    wait_until(lambda: all(is_gone(process) for process in processes.values()))
    shutil.rmtree(socket_folder(hub.home))


def test_when_the_supervisor_is_killed_hub_up_says_so_and_ends_the_rest(start_hub: StartHub) -> None:
    hub = start_hub()
    hub.wait_for(UP)
    processes = hub.records()
    os.kill(processes["supervisord"][0], signal.SIGKILL)
    hub.wait_for("Somebody ended the supervisor")
    assert hub.process.wait(PATIENCE) == 1
    assert all(is_gone(process) for process in processes.values())


def test_what_outlives_a_killed_hub_is_ended_by_the_next_start(start_hub: StartHub) -> None:
    hub = start_hub("--stubborn")
    hub.wait_for(UP)
    processes = hub.records()
    # Both at once, so that no supervisor is left to end the process that ignores the kernel's TERM.
    os.kill(processes["supervisord"][0], signal.SIGSTOP)
    hub.process.kill()
    os.kill(processes["supervisord"][0], signal.SIGKILL)
    wait_until(lambda: all(is_gone(one) for name, one in processes.items() if name != "other"))
    assert not is_gone(processes["other"])

    again = start_hub()
    assert "other" in again.wait_for("Ended what a killed hub had left behind")
    assert is_gone(processes["other"])
    again.wait_for(UP)


def python_for(user: int) -> str:
    """Return a Python that another user can run this hub with; skip the test if there is none.

    One under /root is closed to everybody else, and the system's may be of another version.
    """
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        with contextlib.suppress(OSError):
            done = subprocess.run(
                [python, "-c", "import config.supervision"],
                user=user,
                group=user,
                extra_groups=[],
                env={"PYTHONPATH": f"{ROOT}:{SITE}"},
                capture_output=True,
                check=False,
            )
            if done.returncode == 0:
                return python
    pytest.skip("another user can reach no Python of this version here, or not this checkout")


@pytest.fixture
def home_of() -> Iterator[Callable[[int], Path]]:
    """Yield a function that makes a closed home for another user; pytest's own folders are root's."""
    made: list[Path] = []

    def make(user: int) -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="hub-of-another-")))
        shutil.chown(made[-1], user, user)
        return made[-1]

    yield make
    for home in made:
        shutil.rmtree(home)


@as_root
def test_an_ordinary_user_needs_neither_root_nor_a_runtime_folder(
    start_hub: StartHub, home_of: Callable[[int], Path]
) -> None:
    user = pwd.getpwnam("daemon").pw_uid
    hub = start_hub(home=home_of(user), user=user, python=python_for(user))
    hub.wait_for(UP)
    assert {Path(f"/proc/{pid}").stat().st_uid for pid, _ in hub.records().values()} == {user}
    assert hub.end() == 0


@as_root
def test_a_user_without_a_name_is_told_what_postgresql_wants(
    start_hub: StartHub, home_of: Callable[[int], Path]
) -> None:
    hub = start_hub(home=home_of(NAMELESS), user=NAMELESS, python=python_for(NAMELESS))
    hub.wait_for("Error: PostgreSQL wants its user to have a name")
    assert not list((hub.home / "postgres").iterdir())


def make_hub(home: Path, said: list[str], processes: list[Process] | None = None, **environ: str) -> Hub:
    return Hub(
        home,
        mode="test",
        web_port=None if "HUB_WEB_BIND" in environ else 0,
        mail_port=None if "HUB_MAIL_BIND" in environ else 0,
        environ={"PATH": os.environ["PATH"], **environ},
        application=application() if processes is None else processes,
        on_progress=said.append,
    )


@pytest.mark.parametrize("variable", ["HUB_WEB_BIND", "HUB_MAIL_BIND"])
def test_a_taken_port_is_found_before_anything_is_made(tmp_path: Path, variable: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        bind = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(EmbeddedError, match=rf"Port \d+ .* cannot be had.*set {variable}="):
            make_hub(tmp_path, [], **{variable: bind}).start()  # type: ignore[arg-type]
    assert not (tmp_path / "postgres").exists()


def test_bad_variables_are_named_together_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        make_hub(tmp_path, [], HUB_WEB_WORKERS="many", HUB_LOG_LEVEL="LOUD", HUB_SECRET_KEYS="short").start()
    assert len(caught.value.problems) == 3
    assert not (tmp_path / "postgres").exists()


def test_a_process_that_does_not_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    broken = Process("broken", (sys.executable, "-S", "-c", "raise SystemExit('the reason')"))
    idle = Process("idle", (sys.executable, "-S", "-c", IDLE), stop_seconds=3)
    hub = make_hub(tmp_path, [], [idle, broken])
    with pytest.raises(EmbeddedError, match=r"(?s)broken does not start.*the reason"):
        hub.start()
    assert not list((tmp_path / "run" / "pids").iterdir())


def test_servers_of_ones_own_are_used_instead_of_embedded_ones(
    tmp_path: Path, database_url: str, service_addresses: object
) -> None:
    said: list[str] = []
    broker = service_addresses.broker(0)  # type: ignore[attr-defined]
    hub = make_hub(tmp_path, said, DATABASE_URL=database_url, REDIS_URL=broker, SMTP_URL="smtp://127.0.0.1:9")
    hub.start()
    try:
        assert set(hub.supervisor.states()) == {"idle", "other"}
        assert (hub.settings.redis_url, hub.mail_folder) == (broker, None)
    finally:
        hub.stop()
    assert not (tmp_path / "postgres").exists()


def test_only_the_very_process_of_a_record_is_ended(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", IDLE]) as bystander:
        ticks = start_ticks(bystander.pid)
        assert ticks is not None
        record = {"pid": bystander.pid, "start_ticks": ticks, "boot_id": boot_id()}
        for name, changed in (
            ("other-start", {"start_ticks": ticks - 1}),
            ("other-boot", {"boot_id": "an earlier one"}),
        ):
            (tmp_path / f"{name}.json").write_text(json.dumps(record | changed), encoding="utf-8")
        (tmp_path / "cut-off.json").write_text('{"pid": 1', encoding="utf-8")
        assert end_leftovers(tmp_path) == []
        assert bystander.poll() is None

        (tmp_path / "mine.json").write_text(json.dumps(record), encoding="utf-8")
        assert end_leftovers(tmp_path) == ["mine"]
        assert bystander.wait(PATIENCE) == -signal.SIGTERM
