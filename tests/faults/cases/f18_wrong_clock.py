"""F18: one process after the other has a clock that is two hours wrong: nothing is doubled, nothing early."""

from __future__ import annotations

import datetime as dt
import json
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import urllib3

from hub.clock import now
from hub.texts.links import LinkKeys
from hub.visits.links import InvitationFacts, invitation_url
from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, SkippedError, Struck
from tests.faults.mails import Newsroom
from tests.faults.sabotage import wrong_clock
from tests.support import world
from tests.support.fleet import wait_until
from workers.delivery.due import BACKOFF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.rig import Rig
    from tests.support.fleet import Member

RATE: Final = 20
READERS: Final = 5
WRONG_SECONDS: Final = 2
EARLIEST: Final = 0.8
WRONG_BY: Final = dt.timedelta(hours=2)
NEARLY: Final = dt.timedelta(minutes=10)
PROCESSES: Final = {
    False: ("web", "reactions", "mail"),
    True: ("web", "relay", "reactions", "mail", "upkeep", "beat"),
}
"""Which are struck; the short form takes those that judge times."""
OPEN, ENDED = 200, 410
LIBRARY: Final = "faketime/libfaketimeMT.so.1"


def run(rig: Rig, plan: Plan) -> Struck:
    """Give each process a wrong clock for a while, and look at what time would have it do."""
    library = _library()
    with rig.owner.transaction() as session:
        newsroom = Newsroom(session, readers=READERS)
    addresses = _invitations(rig)
    members = rig.start_all()
    driver = Driver(rig)
    unmet: list[str] = []
    wrong = [(name, sign) for name in PROCESSES[plan.is_full] for sign in _signs(rig, plan)]
    with driver.running(clients=4, rate=RATE):
        driver.wait_for(RATE)
        for name, sign in wrong:
            rig.strike(lambda name=name: _end(rig, members[name]))  # type: ignore[misc]
            members[name] = _start(rig, name, **_wrong_clock(library, sign))
            if name == "web":
                unmet += _judge_links(addresses, sign)
            if name == "mail":
                unmet += _judge_retries(rig, newsroom)
            time.sleep(WRONG_SECONDS)
            if not _is_wrong(members[name]):
                unmet.append(f"the clock of {name} was right, so nothing was struck")
            rig.strike(lambda name=name: _end(rig, members[name]))  # type: ignore[misc]
            members[name] = _start(rig, name)
    return Struck(
        rig.weakest,
        driver,
        extra={"wrong": [f"{name} {sign}2 h" for name, sign in wrong]},
        unmet=unmet,
    )


def _library() -> str:
    """Return where libfaketime is, wherever this machine's packages put it. Raises SkippedError."""
    for folder in ("/usr/lib", "/usr/lib64", "/usr/local/lib"):
        for path in sorted(Path(folder).glob(f"*/{LIBRARY}")) or [Path(folder, LIBRARY)]:
            if path.is_file():
                return str(path)
    raise SkippedError("faketime is not installed (Debian: apt-get install faketime)")


def _signs(rig: Rig, plan: Plan) -> list[str]:
    return ["+", "-"] if plan.is_full else [rig.random.choice("+-")]


def _start(rig: Rig, name: str, **extra: str) -> Member:
    starts = {"web": rig.web, "relay": rig.relay, "beat": rig.beat}
    return starts[name](**extra) if name in starts else rig.worker(name, **extra)


def _wrong_clock(library: str, sign: str) -> dict[str, str]:
    """Return the variables under which a process believes another time of day; it waits as before."""
    return {
        "LD_PRELOAD": library,
        "FAKETIME": f"{sign}2h",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": str(Path(wrong_clock.__file__).parent),
    }


def _end(rig: Rig, member: Member) -> None:
    rig.send(member, signal.SIGTERM)
    member.wait_for_end()


def _is_wrong(member: Member) -> bool:
    """Whether the times in its log show that it believed the wrong clock."""
    said = [line for line in member.log.read_text(errors="replace").splitlines() if '"timestamp"' in line]
    at = dt.datetime.fromisoformat(json.loads(said[-1])["timestamp"])
    return abs(abs(at - dt.datetime.now(dt.UTC)) - WRONG_BY) < NEARLY


def _invitations(rig: Rig) -> dict[int, str]:
    """Invite twice; return the links by what they must answer: one still open, one that ended an hour ago."""
    addresses = {}
    keys = LinkKeys(rig.settings.secret_keys)
    with rig.owner.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, _ = world.holder(session, guest, role="head", wants_mail=False)
        for status, hours in ((OPEN, 1), (ENDED, -1)):
            story = world.story(session, guest, host, opened_by=head, themes=("rehabilitasi.sosial",))
            invited = world.invitation(session, story)
            invited.respond_by = now(session) + dt.timedelta(hours=hours)
            session.flush()
            facts = InvitationFacts(invited.id, invited.generation, invited.address)
            addresses[status] = invitation_url(keys, rig.base_url, facts)
    return addresses


def _judge_links(addresses: dict[int, str], sign: str) -> Iterator[str]:
    """Yield each link that a web process with a wrong clock opens or ends at the wrong time."""
    pool = urllib3.PoolManager(retries=False, timeout=10)
    for wanted, address in addresses.items():
        status = pool.request("GET", address, redirect=False).status
        if status != wanted:
            yield f"web {sign}2 h: a link answered {status} instead of {wanted}"


def _judge_retries(rig: Rig, newsroom: Newsroom) -> Iterator[str]:
    """Yield each mail that a worker with a wrong clock tried again before its time."""
    known = len(rig.sink.log("refused"))
    readers = {reader.email for reader in newsroom.readers}
    rig.sink.be("450")
    with rig.app.transaction() as session:
        newsroom.publish(session)

    def refused() -> dict[str, float]:
        """Return when each reader's mail was first refused."""
        lines = reversed(rig.sink.log("refused")[known:])
        return {line["to"]: line["at"] for line in lines if line["to"] in readers}

    wait_until(lambda: len(refused()) == READERS, "each mail is refused for now")
    rig.sink.be("ok")

    def again() -> dict[str, float]:
        """Return when each reader's mail was next tried, refused once more or taken."""
        first = refused()
        tried = [(line["to"], line["at"]) for line in rig.sink.log() if line.get("to") in readers]
        return {to: at for to, at in reversed(tried) if at > first[to]}

    wait_until(lambda: len(again()) == READERS, "each mail is tried again")
    earliest = EARLIEST * BACKOFF[0] / rig.pace
    for to, at in again().items():
        if at - refused()[to] < earliest:
            yield f"{to} was tried again after {at - refused()[to]:.1f} s, before {earliest:.1f} s"


FAULT = Fault("F18", "A clock two hours wrong, one process after the other", bound_s=20, run=run)
