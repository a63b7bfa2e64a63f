"""The rig finds what is broken: three spoiled processes each make a named fault fail.

Slow, so no suite of ``make test``: ``make faults`` runs it after the faults.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from config.processes import worker
from tests.faults.__main__ import strike
from tests.faults.fault import Plan, all_faults
from tests.faults.ownership import NotOursError, prove_process, prove_socket

PLAN = Plan(seed=1)


def spoiled(queue: str, module: str) -> tuple[str, ...]:
    """Return the command of a worker whose application is a spoiled one."""
    instead = f"tests.faults.sabotage.{module}"
    return tuple(instead if word == "workers.app" else word for word in worker(queue).command)


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("fault", "name", "command", "says"),
    [
        ("F03", "relay", (sys.executable, "-m", "tests.faults.sabotage.forgetful"), "still due"),
        ("F02", "reactions", spoiled("reactions", "apart"), "told"),
        ("F19", "mail", spoiled("mail", "unfenced"), "changed"),
    ],
    ids=["a relay that forgets", "effect and done apart", "a delivery without fencing"],
)
def test_a_spoiled_process_makes_a_fault_fail(
    fault: str, name: str, command: tuple[str, ...], says: str
) -> None:
    line = strike(all_faults()[fault], PLAN, {name: command})
    assert line["met"] is False
    assert any(says in broken for broken in line["broken"]), line["broken"]


def test_a_process_of_somebody_else_is_left_alone() -> None:
    here = (Path(tempfile.gettempdir()) / "no-such-rig",)
    with pytest.raises(NotOursError, match="not started by this rig"):
        prove_process(os.getppid(), here)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, cwd="/")
    try:
        with pytest.raises(NotOursError, match="does not live"):
            prove_process(child.pid, here)
    finally:
        child.kill()
        child.wait()
        assert child.stdin
        child.stdin.close()


def test_a_socket_that_nobody_of_us_holds_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(NotOursError, match="nobody of this rig"):
        prove_socket(tmp_path / "socket", (tmp_path,))
