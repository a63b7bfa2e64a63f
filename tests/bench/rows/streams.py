"""What a thousand open inboxes cost: memory, the way from a commit to its readers, everybody's pages."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from tests.bench.load import HUB, server
from tests.bench.stage import stage
from tests.bench.streams import READERS_OF_AN_EVENT, Live, Readers

if TYPE_CHECKING:
    import subprocess

    from tests.bench.harness import Bench

TITLE = "Open inboxes"
RATE = 20
STOP_SECONDS = 30
LATE_SECONDS = 2
"""What comes late, or twice, is waited for so long."""
LATEST_SECONDS = 60
"""And what has not come at all, on a machine that is slow."""
MOST_MEGABYTES, MOST_MS, MOST_RATIO = 50, 100, 1.3


@dataclass
class Taken:
    """What the rounds gave."""

    without: list[float] = field(default_factory=list)
    with_streams: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    delays: list[list[float]] = field(default_factory=list)
    """Seconds from an event's commit to each of its readers, in order, round for round."""
    owed: set[tuple[int, str]] = field(default_factory=set)


def rows(bench: Bench) -> None:
    """Ask for pages while events happen, without and with the streams, in turns."""
    count, seconds = bench.size(1000, 60), bench.size(12, 2)
    with stage() as servers, servers.hub() as hub:
        readers = Readers.in_hub(hub, count)
        hub.fleet.relay()
        hub.fleet.worker("reactions")
        with server(hub.fleet, HUB, workers=1) as port:
            web = hub.fleet.members[-1].process
            live, taken = Live(port, readers), Taken()
            stopped = asyncio.run(_measure(bench, live, taken, web, count, seconds))
    what = f"{count:,} streams"
    bench.say(
        f"{what}: memory of the web process",
        max(taken.megabytes),
        unit="MB more",
        better="lower",
        goal=MOST_MEGABYTES,
        spread=(min(taken.megabytes), max(taken.megabytes)),
        note="the most of the rounds, after each one's events; USS",
    )
    for share in (0.5, 0.99):
        bench.say(
            f"{what}: from the event's commit to its reader, p{share * 100:.0f}",
            [_at(delays, share) * 1000 for delays in taken.delays],
            unit="ms",
            better="lower",
            goal=MOST_MS if share > 0.5 else None,
            note=f"{RATE} events a second for {READERS_OF_AN_EVENT} each, by relay, worker and stream",
        )
    bench.say(
        f"{what}: notices lost, heard twice, or heard by others",
        len(taken.owed ^ live.heard.keys()) + sum(times - 1 for times in live.heard.values()),
        unit=f"of {len(taken.owed):,}",
        better="lower",
        goal=0,
    )
    bench.compare_taken(
        "page of the inbox, events running: p95 with streams",
        taken.with_streams,
        taken.without,
        against="the same without streams",
        unit="ms",
        better="lower",
        goal=MOST_RATIO,
    )
    bench.say(f"{what}: the web process stops", stopped, unit="s", better="lower")


async def _measure(
    bench: Bench, live: Live, taken: Taken, web: subprocess.Popen[bytes], count: int, seconds: int
) -> float:
    """Take all rounds; return the seconds in which the web process stops with the streams open."""
    (worker,) = psutil.Process(web.pid).children()
    await live.pages(bench.size(2, 1))
    for number in range(bench.rounds):
        for is_with in (False, True) if number % 2 == 0 else (True, False):
            before = worker.memory_full_info().uss
            if not is_with:
                pages, _ = await asyncio.gather(live.pages(seconds), live.happen(RATE, seconds))
                await asyncio.sleep(LATE_SECONDS)
                taken.without.append(_at(pages, 0.95))
                continue
            heard = len(live.delays)
            async with live.streams(count):
                pages, owed = await asyncio.gather(live.pages(seconds), live.happen(RATE, seconds))
                await _all_heard(live, owed)
                await asyncio.sleep(LATE_SECONDS)
                taken.delays.append(sorted(live.delays[heard:]))
                taken.megabytes.append((worker.memory_full_info().uss - before) / 2**20)
            taken.with_streams.append(_at(pages, 0.95))
            taken.owed |= owed
    async with live.streams(count):
        began = time.monotonic()
        web.terminate()
        await asyncio.to_thread(web.wait, STOP_SECONDS)
        return time.monotonic() - began


async def _all_heard(live: Live, owed: set[tuple[int, str]]) -> None:
    """Wait until everybody has heard of everything, or it is lost."""
    for _ in range(20 * LATEST_SECONDS):
        if owed <= live.heard.keys():
            return
        await asyncio.sleep(0.05)


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
