"""Each process as it is shipped: how soon it is ready, and its memory before and after work."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil
from sqlalchemy import text

from config.processes import application, catcher
from tests.bench import flow, load, scene
from tests.bench.stage import quiet, stage
from tests.bench.undoing import Undoing, open_tasks
from tests.support.fleet import PATIENCE_SECONDS, Fleet, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from config.processes import Process
    from config.settings import Settings
    from tests.bench.harness import Bench
    from tests.bench.scene import Scene
    from tests.bench.stage import Hub
    from tests.support.fleet import Member

TITLE = "Processes"
SIGNS = {"relay": "relay.listening", "beat": "beat: Starting"}
"""What a process says when it is at work; the web process is asked instead."""
WORKER_SIGN = "ready."
LOOK_SECONDS = 0.005
MB = 1_000_000


@dataclass
class Taken:
    """Every figure by process, one for each round."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    started: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    worked: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    own: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    at_once: list[float] = field(default_factory=list)


def rows(bench: Bench) -> None:
    """Start every process alone and all at once; weigh them before and after work."""
    taken = Taken()
    with stage() as servers, servers.hub() as hub:
        shown = scene.build(hub, own=bench.size(60, 4), others=bench.size(300, 4))
        for _ in range(bench.rounds):
            port, mail_port = free_port(), free_port()
            settings = dataclasses.replace(
                hub.settings, web_bind=f"127.0.0.1:{port}", smtp_url=f"smtp://127.0.0.1:{mail_port}"
            )
            with quiet(Fleet(settings)) as fleet:
                _catch_mail(fleet, settings, mail_port)
                members = _one_by_one(fleet, port, taken)
                for name, member in members.items():
                    taken.started[name].append(_weigh(member)[0])
                _work(hub, shown, port, acts=bench.size(200, 10), seconds=bench.size(3, 1))
                for name, member in members.items():
                    shared, own = _weigh(member)
                    taken.worked[name].append(shared)
                    taken.own[name].append(own)
            with quiet(Fleet(settings)) as fleet:
                taken.at_once.append(_all_at_once(fleet, port))
    _say(bench, taken)


def _say(bench: Bench, taken: Taken) -> None:
    for name, seconds in taken.seconds.items():
        bench.say(f"{name}: from its start until it is ready", seconds, unit="s", better="lower")
    bench.say("all of them, started at once", taken.at_once, unit="s", better="lower")
    for moment, by_name in (("after its start", taken.started), ("after work", taken.worked)):
        for name, figures in by_name.items():
            note = f"its own alone (USS): {max(taken.own[name]):.0f} MB" if moment == "after work" else ""
            bench.say(f"{name}: memory {moment} (PSS)", figures, unit="MB", better="lower", note=note)
        together = [sum(figures) for figures in zip(*by_name.values(), strict=True)]
        bench.say(f"all of them: memory {moment} (PSS)", together, unit="MB", better="lower")


def _one_by_one(fleet: Fleet, port: int, taken: Taken) -> dict[str, Member]:
    members = {}
    for process in application():
        began = time.monotonic()
        members[process.name] = _start(fleet, process, port)
        _wait([_is_ready(members[process.name], port)], process.name)
        taken.seconds[process.name].append(time.monotonic() - began)
    return members


def _all_at_once(fleet: Fleet, port: int) -> float:
    began = time.monotonic()
    members = [_start(fleet, process, port) for process in application()]
    _wait([_is_ready(member, port) for member in members], "all of them")
    return time.monotonic() - began


def _start(fleet: Fleet, process: Process, port: int) -> Member:
    return fleet.start(process.name, process.command, HUB_WEB_BIND=f"127.0.0.1:{port}")


def _is_ready(member: Member, port: int) -> Callable[[], bool]:
    def look() -> bool:
        if not member.is_alive:
            raise RuntimeError(f"{member.name} ended with {member.process.returncode}")
        if member.name != "web":
            return member.said(SIGNS.get(member.name, WORKER_SIGN))
        try:
            return load.fetch(port, load.request("/healthz"))[0] == 200
        except ConnectionError:
            return False

    return look


def _wait(looks: Iterable[Callable[[], bool]], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    for look in looks:
        while not look():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not ready within {PATIENCE_SECONDS} s")
            time.sleep(LOOK_SECONDS)


def _catch_mail(fleet: Fleet, settings: Settings, port: int) -> None:
    fleet.start("catcher", catcher(f"127.0.0.1:{port}", str(settings.home / "mail")).command)
    wait_until(lambda: _listens(port), "the mail catcher listens")


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _work(hub: Hub, shown: Scene, port: int, *, acts: int, seconds: float) -> None:
    """Give every process something to do: pages, requests that publish, their notices and mails."""
    undoing = Undoing(port, shown.bearer, open_tasks(port, shown.bearer)[0])
    for _ in range(acts):
        undoing.act()
    load.hammer(port, load.request("/home", cookie=f"__Host-hub={shown.cookie}"), seconds=seconds)
    flow.wait_for(hub.owner, flow.NOTHING_DUE, 0, "the reactions")
    flow.wait_for(hub.owner, "SELECT count(*) FROM deliveries WHERE state = 'due'", 0, "the mails")
    with hub.owner.transaction() as session:
        sent = session.execute(text("SELECT count(*) FROM deliveries WHERE state = 'sent'")).scalar_one()
    assert sent >= acts, f"{sent} mails were sent for {acts} events"


def _weigh(member: Member) -> tuple[float, float]:
    """Return what a process and its children weigh: their share of memory, and what is theirs alone."""
    parent = psutil.Process(member.process.pid)
    weighed = [one.memory_full_info() for one in (parent, *parent.children(recursive=True))]
    return sum(one.pss for one in weighed) / MB, sum(one.uss for one in weighed) / MB
