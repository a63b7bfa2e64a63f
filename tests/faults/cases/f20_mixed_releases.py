"""F20: old and new code work on one database; what the old does not know waits for who knows it."""

from __future__ import annotations

import io
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from config.processes import worker
from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck
from tests.faults.mails import Newsroom
from tests.support.fleet import ROOT, wait_until

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

    from tests.faults.rig import Rig
    from tests.support.fleet import Member

RATE: Final = 30
TOGETHER_SECONDS: Final = {False: 5, True: 20}
OLD_ALONE_SECONDS: Final = {False: 3, True: 8}
MIGRATIONS: Final = "hub/db/migrations/versions"
CODE: Final = ("config", "hub", "workers")
NEWER: Final = "tests.faults.sabotage.newer"
CONSUMER: Final = "count-visits"
"""What the worker of the next release has and no worker of this one (tests.faults.sabotage.newer)."""
VERSION: Final = 99
DISCARDING: Final = ("unregistered task", "discarded", "Received and deleted")
"""What Celery says when it throws a message away."""

RENEW = text("UPDATE events SET version = :version WHERE id = :id")
SUBSCRIBE = text("INSERT INTO reactions (event_id, consumer) VALUES (:id, :consumer)")
FOREIGN = text(
    "SELECT r.consumer, r.state, r.attempts FROM reactions r"
    " WHERE r.event_id = :new OR (r.event_id = :known AND r.consumer = :consumer)"
)


def run(rig: Rig, plan: Plan) -> Struck:
    """Let old and new work side by side, then the old alone beside news, then the newer."""
    with rig.owner.transaction() as session:
        newsroom = Newsroom(session, readers=3)
    old, old_code = _old_code(rig)
    members = rig.start_all()
    unmet: list[str] = []
    driver = Driver(rig)
    with driver.running(clients=4, rate=RATE):
        driver.wait_for(RATE)
        older = {queue: _start_old(rig, queue, old) for queue in ("reactions", "mail")}
        rig.strikes.append(rig.in_flight())
        time.sleep(TOGETHER_SECONDS[plan.is_full])
        wait_until(lambda: _has_answered(older["reactions"]), "the old worker answers, too")
        rig.strike(lambda: _end(rig, members["reactions"]))
        new, known = _publish_news(rig, newsroom)
        time.sleep(OLD_ALONE_SECONDS[plan.is_full])
        with rig.owner.transaction() as session:
            rows = session.execute(FOREIGN, {"new": new, "known": known, "consumer": CONSUMER}).all()
        unmet += [f"the old worker touched {row}" for row in rows if (row.state, row.attempts) != ("due", 0)]
        rig.strikes.append(rig.in_flight())
        rig.commands["reactions"] = tuple(
            NEWER if word == "workers.app" else word for word in worker("reactions").command
        )
        rig.worker("reactions")
        wait_until(lambda: not _waiting(rig, new, known), "the newer worker does what waited")
    for member in older.values():
        _end(rig, member)
    unmet += [
        f"{member.name} threw a message away: {said}"
        for member in rig.fleet.members
        for said in DISCARDING
        if member.said(said)
    ]
    return Struck(
        rig.weakest,
        driver,
        extra={"old": old_code, "waited_for_newer": len(rows)},
        unmet=unmet,
    )


def _old_code(rig: Rig) -> tuple[Path | None, str]:
    """Unpack the code from before the latest migration; None where the clone does not reach so far back."""
    git = shutil.which("git")
    if git is None:
        return None, "a stand-in, for there is no git"

    def ask(*words: str) -> bytes:
        return subprocess.run([git, *words], cwd=ROOT, capture_output=True, check=True).stdout

    try:
        commit = ask("log", "-1", "--format=%H", "--", MIGRATIONS).decode().strip()
        packed = ask("archive", f"{commit}^", *CODE)
        name = ask("rev-parse", "--short", f"{commit}^").decode().strip()
    except subprocess.CalledProcessError:
        return None, "a stand-in, for this clone is shallow"
    folder = rig.folder / "old"
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    found = subprocess.run(
        [sys.executable, "-c", "import hub; print(hub.__file__)"], cwd=folder, capture_output=True, check=True
    )
    assert str(folder) in found.stdout.decode(), "a program in the old folder takes its code from elsewhere"
    return folder, name


def _start_old(rig: Rig, queue: str, old: Path | None) -> Member:
    """Start an old worker beside the new one."""
    command = worker(queue).command
    if old is None:
        rig.commands[f"old-{queue}"] = tuple(
            "tests.faults.sabotage.older" if word == "workers.app" else word for word in command
        )
    else:
        # Whatever lies in a program's own folder is imported before anything that is installed.
        rig.commands[f"old-{queue}"] = ("env", f"--chdir={old}", *command)
    return rig.worker(f"old-{queue}")


def _has_answered(member: Member) -> bool:
    lines = member.log.read_text(errors="replace").splitlines()
    return any("Task ring[" in line and "succeeded in" in line and not line.count("s: 0") for line in lines)


def _publish_news(rig: Rig, newsroom: Newsroom) -> tuple[uuid.UUID, uuid.UUID]:
    """Publish an event of a version to come, and one that a consumer to come has subscribed to."""
    with rig.owner.transaction() as session:
        new, known = newsroom.publish(session), newsroom.publish(session)
        session.execute(RENEW, {"version": VERSION, "id": new})
        session.execute(SUBSCRIBE, {"id": known, "consumer": CONSUMER})
    return new, known


def _waiting(rig: Rig, new: uuid.UUID, known: uuid.UUID) -> int:
    with rig.owner.transaction() as session:
        rows = session.execute(FOREIGN, {"new": new, "known": known, "consumer": CONSUMER}).all()
    return sum(row.state != "done" for row in rows)


def _end(rig: Rig, member: Member) -> None:
    """End it as a deployment does."""
    rig.send(member, signal.SIGTERM)
    member.wait_for_end()


FAULT = Fault("F20", "Old and new code on one database", bound_s=30, run=run)
