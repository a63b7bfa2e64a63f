"""Replace the web's workers without a gap: the old ones go on answering until the new ones can.

By itself gunicorn tells the old workers to stop as soon as the new ones are forked, and whoever comes while
those still load the application waits. So at a SIGHUP the master wants twice its workers, until each new one
has said through a pipe that it is ready; then it wants its usual number again, and ends the oldest.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from typing import Any

READY_SECONDS = 60
"""New workers that are not ready by then are not waited for."""


def begin(master: Any) -> None:
    """Keep the old workers for now; gunicorn forks the new ones next."""
    reading, writing = os.pipe()
    usual = master.cfg.workers
    master.num_workers = 2 * usual
    master.readiness = writing
    threading.Thread(target=_end, args=(master, usual, reading, writing), daemon=True).start()


def hand_over(master: Any, worker: Any) -> None:
    """Give a worker that is about to be forked the pipe, if somebody listens to it."""
    worker.readiness = getattr(master, "readiness", None)


def say_ready(worker: Any) -> None:
    """Let the master know, from the worker, that requests can come."""
    if worker.readiness is not None:
        with contextlib.suppress(BrokenPipeError):  # the master waits no more
            os.write(worker.readiness, b"1")
        os.close(worker.readiness)


def _end(master: Any, usual: int, reading: int, writing: int) -> None:
    """Wait, in a thread of the master, for the new workers, and let it end the old ones."""
    until = time.monotonic() + READY_SECONDS
    ready = 0
    while ready < usual and select.select([reading], [], [], max(0.0, until - time.monotonic()))[0]:
        ready += len(os.read(reading, usual))
    if ready < usual:
        master.log.warning("%d of %d new workers are not ready yet", usual - ready, usual)
    if master.readiness == writing:  # else another SIGHUP has come, and its workers are waited for
        master.readiness = None
        master.num_workers = usual
        master.wakeup()
    os.close(writing)
    os.close(reading)
