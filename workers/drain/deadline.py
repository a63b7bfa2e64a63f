"""A time limit for the work of one claim: longer than that, nobody may hold a lane.

The pools that are used run a task in a process's main thread, where a timer's signal can interrupt Python
wherever it is: in a loop that never ends, in a wait, in a query.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class TookTooLongError(Exception):
    """The work was interrupted; what it was doing to its connection is not known."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Interrupt the block with TookTooLongError after so many seconds.

    In another thread than the main one nothing is interrupted: signals arrive in that one only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise TookTooLongError(f"took longer than {seconds:g} seconds")

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
