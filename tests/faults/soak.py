"""The whole hub under a moderate load for a while: it must not grow, and must give back its connections.

``python -m tests.faults.soak --minutes 20`` prints one JSON line and ends with 1 if a promise is broken. The
first third is warm-up: what code and caches need is there by then.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import statistics
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import psycopg
import urllib3

from tests.faults.driver import Driver
from tests.faults.rig import Rig

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.support.fleet import Member

RATE = 12.0
"""Logical requests a second: about a fifth of what two cores can answer."""
CLIENTS = 4
SAMPLE_SECONDS = 3.0
SCRAPE_EVERY = 5
"""Samples between two scrapes of /metrics: 15 seconds, as Prometheus does."""
SETTLE_SECONDS = 60
MOST_GROWTH = 0.05
KEPT = {"app": 5, "worker": 2}
"""Connections that a process's pool keeps when it has nothing to do; what it opens beyond is closed again."""
IN_USE = re.compile(r'^hub_database_pool_connections\{kind="in_use",[^}]*\} (\S+)$', re.MULTILINE)
TOKEN = "soak-" + "0123456789" * 3
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: seconds since the load began, memory by process (bytes), connections by role."""

    at: float
    pss: Mapping[str, int]
    uss: Mapping[str, int]
    connections: int


def memory(member: Member) -> tuple[int, int]:
    """Return PSS and USS of a member with its children."""
    root = psutil.Process(member.process.pid)
    pss = uss = 0
    for process in (root, *root.children(recursive=True)):
        try:
            told = process.memory_full_info()
        except psutil.NoSuchProcess:
            continue
        pss, uss = pss + told.pss, uss + told.uss
    return pss, uss


def connections(address: str) -> dict[str, int]:
    """Return how many connections each of the hub's processes holds, by its name; ours do not count."""
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "SELECT application_name, count(*) FROM pg_stat_activity"
            " WHERE application_name ~ '^hub-(app|worker)-' AND split_part(application_name, '-', 3) <> %s"
            " GROUP BY 1",
            [str(psutil.Process().pid)],
        ).fetchall()
    return {str(name): int(held) for name, held in rows}


def leaked(at_rest: Mapping[str, int], *, in_use: float, left: int) -> int:
    """Return how many connections were not given back.

    At rest a process may keep its pool and no more, none of it in use; after its end it keeps nothing.
    """
    over = sum(max(0, held - KEPT[name.split("-")[1]]) for name, held in at_rest.items())
    return over + round(in_use) + left


def grown(samples: Sequence[Sample], kind: str, name: str | None = None) -> tuple[float, float, float]:
    """Return bytes at the first third's end and at the end (medians of a tenth), and the growth."""

    def size(sample: Sample) -> int:
        told: Mapping[str, int] = getattr(sample, kind)
        return told[name] if name else sum(told.values())

    third, tenth = len(samples) // 3, max(1, len(samples) // 10)
    before = statistics.median(size(sample) for sample in samples[max(0, third - tenth) : third])
    after = statistics.median(size(sample) for sample in samples[-tenth:])
    return before, after, after / before - 1


def soak(minutes: float) -> dict[str, object]:
    """Run the hub and return what was seen."""
    samples: list[Sample] = []
    scrapes: list[float] = []
    with Rig(pace=1, outcomes=400) as rig:
        rig.fleet.settings = dataclasses.replace(rig.fleet.settings, metrics_token=TOKEN)
        members = rig.start_all()
        driver = Driver(rig)
        pool = urllib3.PoolManager(retries=False, timeout=10)
        address = rig.settings.database_urls["owner"]
        with driver.running(clients=CLIENTS, rate=RATE):
            began = time.monotonic()
            while (at := time.monotonic() - began) < 60 * minutes:
                told = {name: memory(member) for name, member in members.items()}
                samples.append(
                    Sample(
                        at,
                        {name: pss for name, (pss, _) in told.items()},
                        {name: uss for name, (_, uss) in told.items()},
                        sum(connections(address).values()),
                    )
                )
                if len(samples) % SCRAPE_EVERY == 0:
                    scrape_began = time.monotonic()
                    scrape(pool, rig.base_url)
                    scrapes.append(time.monotonic() - scrape_began)
                time.sleep(SAMPLE_SECONDS)
        settled_s = rig.settle(SETTLE_SECONDS)
        at_rest = connections(address)
        in_use = sum(float(value) for value in IN_USE.findall(scrape(pool, rig.base_url)))
        ended = [name for name, member in members.items() if not member.is_alive]
        answers = dict(driver.statuses)
        acknowledged = len(driver.acknowledged)
        rig.fleet.end()
        left = sum(connections(address).values())
    return judge(
        samples,
        minutes=minutes,
        acknowledged=acknowledged,
        answers=answers,
        ended=ended,
        refused=driver.refused[:3],
        settled_s=round(settled_s, 1),
        scrape_ms=round(1000 * statistics.median(scrapes), 1) if scrapes else None,
        connections_at_rest=at_rest,
        connections_leaked=leaked(at_rest, in_use=in_use, left=left),
    )


def scrape(pool: urllib3.PoolManager, base_url: str) -> str:
    """Return what /metrics says."""
    answer = pool.request("GET", f"{base_url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status == 200, answer.status
    return answer.data.decode()


def judge(samples: Sequence[Sample], **seen: object) -> dict[str, object]:
    """Return what was seen with its verdict."""
    before, after, growth = grown(samples, "uss")
    _, _, pss_growth = grown(samples, "pss")
    by_process = {name: round(grown(samples, "uss", name)[2], 3) for name in samples[0].uss}
    is_met = growth < MOST_GROWTH and pss_growth < MOST_GROWTH
    return {
        "soak": True,
        **seen,
        "samples": len(samples),
        "uss_mib": [round(before / MEBIBYTE, 1), round(after / MEBIBYTE, 1)],
        "uss_growth": round(growth, 4),
        "pss_growth": round(pss_growth, 4),
        "growth_by_process": by_process,
        "connections": [samples[0].connections, samples[-1].connections],
        "met": is_met and not any(seen[trouble] for trouble in ("connections_leaked", "ended", "refused")),
    }


def main() -> int:
    """Run and print; return 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=20.0)
    seen = soak(parser.parse_args().minutes)
    sys.stdout.write(json.dumps(seen) + "\n")
    return 0 if seen["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
