"""F11: PostgreSQL stands still, one of its processes or all of them: 503 within five seconds, no hang."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

import psutil
from sqlalchemy import text

from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck
from tests.faults.outage import answers_again, unmet_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.rig import Rig

RATE = 40
CLIENTS = 8
OF_THE_WEB = text(
    "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'hub-app-%'"
    " AND application_name <> :ours ORDER BY query_start DESC LIMIT 1"
)
OF_THE_RELAY = text("SELECT pid FROM pg_stat_activity WHERE application_name = 'hub-worker-' || :pid LIMIT 1")


def run(rig: Rig, plan: Plan) -> Struck:
    """Pause a backend of the web, the relay's, and then the whole server; let each go on after a while."""
    members = rig.start_all()
    driver = Driver(rig)
    unmet: list[str] = []
    again: list[float] = []
    with driver.running(clients=CLIENTS, rate=RATE):
        driver.wait_for(20)
        for chosen in (_busy(rig), _relays(rig), None):
            pids = _whole_server(rig) if chosen is None else [chosen]
            first = len(driver.attempts)
            rig.strike(lambda pids=pids: _send(rig, pids, signal.SIGSTOP))  # type: ignore[misc]
            try:
                time.sleep(30 if plan.is_full else 7)
            finally:
                _send(rig, pids, signal.SIGCONT)
            took, late = answers_again(driver, CLIENTS)
            again.append(took)
            unmet += [*late, *unmet_by(driver.attempts[first:])]
            if chosen is None and not any(attempt.answer == "503" for attempt in driver.attempts[first:]):
                unmet.append("the whole server stood still, and nobody was answered 503")
    unmet += [f"{name} ended" for name, member in members.items() if not member.is_alive]
    longest = max(attempt.seconds for attempt in driver.attempts)
    extra = {
        "longest_answer_s": round(longest, 2),
        "answers_again_s": round(max(again), 1),
        "answers": dict(driver.statuses),
    }
    return Struck(rig.weakest, driver, extra=extra, unmet=unmet)


def _busy(rig: Rig) -> int:
    """Return the backend that a web process used last."""
    with rig.owner.transaction() as session:
        return int(session.execute(OF_THE_WEB, {"ours": f"hub-app-{os.getpid()}"}).scalar_one())


def _relays(rig: Rig) -> int:
    """Return the backend of the relay."""
    with rig.owner.transaction() as session:
        values = {"pid": str(rig.members["relay"].process.pid)}
        return int(session.execute(OF_THE_RELAY, values).scalar_one())


def _whole_server(rig: Rig) -> list[int]:
    """Return every process of the server, its parent first, so that no new one is missed."""
    parent = psutil.Process(rig.server_pid("postgres"))
    return [parent.pid, *(child.pid for child in parent.children(recursive=True))]


def _send(rig: Rig, pids: list[int], number: signal.Signals) -> None:
    """Send each a signal; one that was ended meanwhile needs none."""
    for pid in pids:
        with _gone():
            rig.send(pid, number)


@contextlib.contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except (psutil.NoSuchProcess, AssertionError) as error:
        if isinstance(error, AssertionError) and not isinstance(error.__cause__, psutil.NoSuchProcess):
            raise


FAULT = Fault("F11", "SIGSTOP of PostgreSQL, one backend and all", bound_s=30, run=run)
