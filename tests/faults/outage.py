"""What every outage of the database must look like from outside: 2xx or 503, soon, and then over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.faults.driver import Attempt, Driver

ANSWER_SECONDS = 5.0
"""A request that cannot be carried out is answered by then."""
SLACK_SECONDS = 0.5
"""What the way to the server and a busy machine may add."""
BACK_SECONDS = 5.0


def unmet_by(attempts: Iterable[Attempt]) -> list[str]:
    """Say which answers were neither 2xx nor 503, and which came too late."""
    said: list[str] = []
    attempts = list(attempts)
    odd = {
        one.answer for one in attempts if not one.answer.startswith("2") and one.answer not in ("503", "409")
    }
    if odd:
        said.append(f"answered {', '.join(sorted(odd))} instead of 503")
    longest = max((one.seconds for one in attempts), default=0.0)
    if longest > ANSWER_SECONDS + SLACK_SECONDS:
        said.append(f"a request was answered only after {longest:.1f} s")
    return said


def answers_again(driver: Driver, clients: int, within: float = BACK_SECONDS) -> tuple[float, list[str]]:
    """Wait until requests are acknowledged again; return the seconds it took, and what was broken."""
    began = time.monotonic()
    before = len(driver.acknowledged)
    driver.wait_for(before + clients, seconds=60)
    took = time.monotonic() - began
    return took, [f"requests were carried out again only after {took:.1f} s"] if took > within else []


def wait_for_503(driver: Driver, seconds: float = 30) -> None:
    """Wait until somebody was answered 503; without one the fault did not reach anybody."""
    before = driver.statuses["503"]
    deadline = time.monotonic() + seconds
    while driver.statuses["503"] == before:
        assert time.monotonic() < deadline, "nobody was answered 503"
        time.sleep(0.02)
