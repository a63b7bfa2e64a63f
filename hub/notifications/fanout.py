"""Bring what is added to inboxes to the open streams of this process, each notification exactly once.

One thread listens on one connection for commits that told somebody of something; another looks, in one
transaction for all streams, what was told since the position they have all reached, and moves them on
together. A stream holds no connection and no transaction while it waits. Under gunicorn's gevent worker the
threads are greenlets; they run while there is a stream.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
import structlog
from sqlalchemy import exc as sql

from hub.accounts.validity import still_valid
from hub.actor import system_actor
from hub.db.engine import connect
from hub.notifications.channel import INBOX_CHANNEL
from hub.notifications.messages import MOVED, Stream, Told

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.transaction import Database

log = structlog.get_logger(__name__)

STREAMS = system_actor("streams of the inbox")
"""Who reads for many people at once; each is shown what they were told."""
AWAY = (sql.OperationalError, sql.InterfaceError, sql.InternalError, sql.TimeoutError)
"""The database cannot be asked just now; anything else is our fault and must be heard of."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how many; seconds, unless said otherwise."""

    tick: float = 0.5
    linger: float = 0.02
    """Commits of the same moment are looked at together."""
    ask: float = 10
    """Looked without being told to: what a lost notification may cost."""
    ask_unheard: float = 1
    """The same while nothing is listened to."""
    heartbeat: float = 15
    recheck: float = 30
    """How long a revoked sign-in may still read."""
    reconnect: float = 1
    frames: int = 64
    """Messages that wait for one slow reader before it is dropped; it comes back and goes on."""
    per_person: int = 4
    """Streams of one person in this process; the oldest gives way."""


class FanOut:
    """The streams of this process."""

    def __init__(
        self,
        database: Database,
        address: str,
        *,
        limits: Limits | None = None,
        is_alive: Callable[[], bool] = lambda: True,
    ) -> None:
        """``address`` is libpq's, for the connection that listens; ``is_alive`` says when to end all."""
        self.database = database
        self.address = address
        self.limits = limits or Limits()
        self.is_alive = is_alive
        self.is_listening = False
        self._lock = threading.Lock()
        self._live: dict[Stream, None] = {}
        self._joining: list[Stream] = []
        self._position: str | None = None
        self._changed: set[int] = set()
        self._wake = threading.Event()
        self._threads: list[threading.Thread] = []
        self._stopping: threading.Event | None = None
        self._looked = self._rechecked = 0.0

    def open(self, *, person_id: int, locale: str, zone: str, proof: bytes, after: str | None) -> Stream:
        """Return a new stream; its first message has what was added since ``after``, and the count."""
        stream = Stream(person_id, locale, zone, proof, after, self.limits.frames, self._leave)
        with self._lock:
            own = [other for other in (*self._live, *self._joining) if other.person_id == person_id]
            for oldest in own[: max(0, len(own) + 1 - self.limits.per_person)]:
                oldest.end(MOVED)
                self._forget(oldest)
            self._joining.append(stream)
            if self._stopping is None:
                self._stopping = threading.Event()
                self._threads = [
                    threading.Thread(target=work, args=(self._stopping,), daemon=True)
                    for work in (self._serve, self._listen)
                ]
                for thread in self._threads:
                    thread.start()
        self._wake.set()
        return stream

    def count(self) -> int:
        """Return how many streams are open."""
        return len(self._live) + len(self._joining)

    def close(self) -> None:
        """End every stream and wait until the threads have ended."""
        with self._lock:
            self._end_all()
        self._wake.set()
        for thread in self._threads:
            thread.join()

    def _leave(self, stream: Stream) -> None:
        with self._lock:
            self._forget(stream)

    def _end_all(self) -> None:
        for stream in (*self._live, *self._joining):
            stream.end()
            self._forget(stream)

    def _forget(self, stream: Stream) -> None:
        self._live.pop(stream, None)
        if stream in self._joining:
            self._joining.remove(stream)

    def _serve(self, stopping: threading.Event) -> None:
        """Move the streams on until there is none."""
        try:
            self._move_on(stopping)
        except Exception:
            # Their readers come back and go on from where they are, with new threads.
            log.exception("inbox.fan_out_failed")
            with self._lock:
                self._end_all()
                self._stopping = self._position = None
                stopping.set()

    def _move_on(self, stopping: threading.Event) -> None:
        while True:
            self._wake.wait(self.limits.tick)
            is_asked = self._wake.is_set()
            self._wake.clear()
            with self._lock:
                if not self.is_alive():
                    self._end_all()
                if not self._live and not self._joining:
                    self._stopping = self._position = None
                    stopping.set()
                    return
            if is_asked and self._live:
                time.sleep(self.limits.linger)
            self._take_care(is_asked=is_asked)

    def _take_care(self, *, is_asked: bool) -> None:
        moment = time.monotonic()
        ask = self.limits.ask if self.is_listening else self.limits.ask_unheard
        try:
            if is_asked or self._joining or moment - self._looked >= ask:
                self._looked = moment
                self._look()
            if moment - self._rechecked >= self.limits.recheck:
                self._rechecked = moment
                self._recheck()
        except AWAY as error:
            # The position has not moved, so the next look finds what this one would have.
            log.warning("inbox.database_away", error=type(error).__name__)
        beat = f": \nid: {self._position}\n\n".encode() if self._position else b": \n\n"
        for stream in [one for one in list(self._live) if moment - one.touched >= self.limits.heartbeat]:
            stream.put(beat)

    def _look(self) -> None:
        """Read in one snapshot what is new for every stream, and move all of them to that snapshot."""
        changed, self._changed = self._changed, set()
        live = list(self._live)
        joining = list(self._joining)
        try:
            with self.database.transaction(STREAMS) as session:
                options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                session.connection(execution_options=options)
                told = Told.read(session, self._position, live, joining, changed)
        except AWAY:
            self._changed |= changed
            raise
        with self._lock:
            self._position = told.position
            for stream in joining:
                if stream in self._joining:
                    self._joining.remove(stream)
                    self._live[stream] = None
        for stream in (*live, *joining):
            if not stream.is_ended and (frame := told.frame(stream)) is not None:
                stream.put(frame)
        self._drop_ended()

    def _recheck(self) -> None:
        """End the streams whose sign-in has ended."""
        streams = list(self._live)
        with self.database.transaction() as session:
            holding = still_valid(session, {stream.proof for stream in streams})
        for stream in streams:
            if stream.proof not in holding:
                stream.end()
        self._drop_ended()

    def _drop_ended(self) -> None:
        with self._lock:
            for stream in [one for one in self._live if one.is_ended]:
                self._forget(stream)

    def _listen(self, stopping: threading.Event) -> None:
        """Hear of commits. Without it the streams are a second late, never wrong."""
        while not stopping.is_set():
            try:
                with connect(self.address, "app", autocommit=True) as connection:
                    connection.execute(f"LISTEN {INBOX_CHANNEL}")
                    self.is_listening = True
                    self._wake.set()  # for what was told before
                    while not stopping.is_set():
                        for notice in connection.notifies(timeout=self.limits.tick):
                            if notice.payload.isascii() and notice.payload.isdigit():
                                self._changed.add(int(notice.payload))
                            self._wake.set()
            except psycopg.OperationalError as error:
                log.warning("inbox.not_listening", error=str(error).strip())
            self.is_listening = False
            stopping.wait(self.limits.reconnect)
