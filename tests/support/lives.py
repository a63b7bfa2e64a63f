"""How long random lives are: a few in every run, many by ``make lives``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

if TYPE_CHECKING:
    from collections.abc import Callable

LIVES = int(os.environ.get("LIVES", "0"))
"""Lives of each kind; 0: the few of every run, always the same ones."""


def live(machine: Callable[[], Any], *, usual: int, steps: int) -> None:
    """Run random lives of a state machine; what is found wrong is shrunk to its shortest story."""
    run_state_machine_as_test(
        machine,  # type: ignore[arg-type] # documented as "a factory", annotated as a class
        settings=settings(
            max_examples=LIVES or usual,
            stateful_step_count=2 * steps if LIVES else steps,
            derandomize=not LIVES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
