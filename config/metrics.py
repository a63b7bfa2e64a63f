"""The figures that processes keep of themselves: request, drain and delivery times, in files of one folder.

Every process of this machine counts in files of its own under HUB_HOME, and the web process adds them up
when it is asked (``hub.console.metrics``). What can be read from rows is not counted here. Nothing is
counted without HUB_METRICS_TOKEN.

A process takes the lowest free *slot* of its name (``web-0``) and goes on from the figures that an earlier
holder left there, so files do not grow in number with restarts, and counters never run backwards.
"""

from __future__ import annotations

import fcntl
import itertools
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.mmap_dict import MmapedDict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.settings import Settings

log = structlog.get_logger(__name__)

FOLDER: Final = "run/metrics"
"""Under HUB_HOME; ``hub up`` empties it at its start."""
ROOM: Final = {"histogram": 1 << 20, "counter": 1 << 18, "gauge_livesum": 1 << 16}
"""Bytes that files get at once: writing to a hole of a mapped file on a full disk ends the process."""
REQUEST_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
WORK_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)
LAG_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 90.0, 600.0)


class Slot:
    """A name that one living process holds at a time: called, it returns this process's own."""

    def __init__(self, folder: Path, process: str) -> None:
        self.folder = folder
        self.process = process
        self._pid = 0
        self._lock = -1
        self._name = ""

    def __call__(self) -> str:
        """Return the slot's name; a fork takes another one. Raises OSError if there is no room for it."""
        if self._pid != os.getpid():
            self._take()
        return self._name

    def release(self) -> None:
        """Let go of the slot; after a fork this is the parent's, whose lock lives on in the parent."""
        if self._lock >= 0:
            os.close(self._lock)
        self._pid, self._lock = 0, -1

    def _take(self) -> None:
        self.release()
        for number in itertools.count():
            name = f"{self.process}-{number}"
            lock = _locked(self.folder / f"{name}.lock")
            if lock is None:
                continue
            try:
                _make_room(self.folder, name)
            except OSError:
                os.close(lock)
                raise
            self._pid, self._lock, self._name = os.getpid(), lock, name
            return


class Figures:
    """What this process counts. Labels are few and known beforehand: a route's pattern, never an id."""

    def __init__(self, folder: Path, process: str) -> None:
        """Open the files. Raises OSError if there is no place or no room for them."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # the library reads it at each file
        self.slot = Slot(folder, process)
        values.ValueClass = values.MultiProcessValue(self.slot)  # as its documents ask
        own = CollectorRegistry()
        self._requests = Counter(
            "hub_requests", "Requests answered.", ("method", "route", "status"), registry=own
        )
        self._request_seconds = Histogram(
            "hub_request_seconds",
            "How long requests took, streams until their first byte.",
            ("method", "route"),
            buckets=REQUEST_SECONDS,
            registry=own,
        )
        self._reactions = Counter(
            "hub_reactions", "Reactions tried: done or failed.", ("consumer", "outcome"), registry=own
        )
        self._drain_seconds = Histogram(
            "hub_drain_seconds",
            "How long a batch of reactions took: effect and done, one transaction.",
            ("consumer",),
            buckets=WORK_SECONDS,
            registry=own,
        )
        self._lag_seconds = Histogram(
            "hub_reaction_lag_seconds",
            "From the event until the oldest reaction of a batch was claimed, and until it was settled.",
            ("consumer", "until"),
            buckets=LAG_SECONDS,
            registry=own,
        )
        self._deliveries = Counter(
            "hub_deliveries", "Deliveries tried, by outcome.", ("channel", "outcome"), registry=own
        )
        self._pool = Gauge(
            "hub_database_pool_connections",
            "Pooled database connections: in use, and how many there may be.",
            ("role", "kind"),
            registry=own,
            multiprocess_mode="livesum",
        )

    def request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(method, route).observe(seconds)

    def drained(self, *, consumer: str, count: int, seconds: float, claimed: float, settled: float) -> None:
        """Count one answered batch, with the lag of its oldest reaction until claimed and settled."""
        self._reactions.labels(consumer, "done").inc(count)
        self._drain_seconds.labels(consumer).observe(seconds)
        self._lag_seconds.labels(consumer, "claimed").observe(max(0.0, claimed))
        self._lag_seconds.labels(consumer, "settled").observe(max(0.0, settled))

    def reaction_failed(self, consumer: str) -> None:
        """Count one failed attempt at a reaction."""
        self._reactions.labels(consumer, "failed").inc()

    def delivery(self, outcome: str, *, channel: str = "mail") -> None:
        """Count one tried delivery: sent, skipped, failed, or postponed to be tried again."""
        self._deliveries.labels(channel, outcome).inc()

    def pool(self, role: str, kind: str, count: int) -> None:
        """Say how many pooled connections are in use (``in_use``), or may be (``most``)."""
        self._pool.labels(role, kind).set(count)


_open: dict[str, Figures] = {}


def open_figures(settings: Settings, process: str) -> None:
    """Let this process count, if anybody may ask; one that cannot goes on without."""
    if not settings.metrics_token:
        return
    try:
        _open["figures"] = Figures(settings.home / FOLDER, process)
    except OSError as error:
        log.warning("metrics.no_place", error=str(error))


def figures() -> Figures | None:
    """Return what this process counts in, or None where nobody may ask."""
    return _open.get("figures")


def count(record: Callable[[Figures], None]) -> None:
    """Let ``record`` count, where figures are kept; want of room for them stops no work."""
    counted = figures()
    if counted is None:
        return
    try:
        record(counted)
    except OSError as error:
        log.warning("metrics.not_counted", error=str(error))


def close_figures() -> None:
    """Count no longer: for a test that opened them."""
    if (opened := _open.pop("figures", None)) is not None:
        opened.slot.release()


def forget_the_dead(folder: Path) -> None:
    """Remove what only a living process can say (its pool) from the slots that nobody holds."""
    for path in folder.glob("*.lock"):
        lock = _locked(path)
        if lock is not None:
            (folder / f"gauge_livesum_{path.stem}.db").unlink(missing_ok=True)
            os.close(lock)


def _locked(path: Path) -> int | None:
    """Return a descriptor that holds the file's lock, or None if another one does."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _make_room(folder: Path, slot: str) -> None:
    """Give a slot's files their room on the disk, and drop what a crash left unreadable."""
    for kind, size in ROOM.items():
        path = folder / f"{kind}_{slot}.db"
        if kind.startswith("gauge"):
            path.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            try:
                for _ in MmapedDict.read_all_values_from_file(path):
                    pass
            except (RuntimeError, ValueError, OSError) as error:
                if isinstance(error, FileNotFoundError):
                    raise
                log.warning("metrics.file_unreadable", file=path.name, error=str(error))
                path.unlink()
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(handle, 0, size)
        finally:
            os.close(handle)
