"""Lives of the hub's things: people act alone and at once, and a book says what is right.

The book is a pure model: it tells for every act how it is answered, what happens and what stands in the
rows then. Acts at once are right if they are answered as in one order or the other. Every life has a
database of its own, copied from one in which the stage is set and everybody is signed in already.
"""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

import psycopg
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import text

from hub.messaging.subscriptions import consumers_of
from tests.hub.books import FAILURES, A
from tests.hub.visits.stage import Player, set_stage
from tests.support import services
from tests.support.application import application_on
from tests.support.client import COOKIE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from tests.hub.books import Book, Told
    from tests.hub.visits.stage import Reply, Stage
    from tests.support.cast import Cast

WHO = ("guest_head", "guest_service", "host_head", "host_training", "overseer", "stranger")
FAULTS = 500
MOST_LOOKS = 4000  # each asks the database whether both wait
UNTOUCHED = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'clock_offset'"
DIGEST = "SELECT '{0}', md5(string_agg(row::text, '|' ORDER BY row::text)) FROM \"{0}\" AS row"
EVENTS = """
    SELECT e.type, count(r.consumer) FROM events e LEFT JOIN reactions r ON r.event_id = e.id
    GROUP BY e.id ORDER BY e.id OFFSET %s
"""
WAITING = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
# Signing in again takes a tenth of a second, and time passes in every life.
STAY = "UPDATE sign_ins SET expires_at = 'infinity', last_seen_at = 'infinity', proven_at = 'infinity'"


@dataclass(frozen=True, slots=True)
class Request:
    """An act as it is sent."""

    method: str
    path: str
    options: Mapping[str, Any]

    @property
    def is_keyed(self) -> bool:
        """Return whether a repetition under the same key gets the first answer."""
        return self.method == "POST" and "data" not in self.options


@dataclass(frozen=True, slots=True)
class Start:
    """The database in which every life begins, and what is known of it."""

    addresses: services.Addresses
    name: str
    broker: int
    home: Path
    cast: Cast
    facts: Any
    cookies: Mapping[str, tuple[str, str]]
    """By name in the cast: the cookie and the token against forged requests."""


@contextmanager
def start_from(
    addresses: services.Addresses, broker: int, home: Path, play: Callable[[Stage], Any]
) -> Iterator[Start]:
    """Set the stage once, play up to where the lives begin, and yield that; ``play`` returns the facts."""
    name = services.clone_database(addresses)
    stage = set_stage(services.make_settings(addresses, name, broker, home))
    try:
        facts = play(stage)
        cookies: dict[str, tuple[str, str]] = {}
        for who in WHO:
            player = stage.client(getattr(stage.cast, who))
            assert player.cookie
            assert player.csrf
            cookies[who] = player.cookie, player.csrf
        with stage.owner.transaction() as session:
            session.execute(text(STAY))
    finally:
        # Nobody may be connected to what is copied.
        for database in (stage.owner, stage.rows, stage.app.database):
            database.dispose()
    yield Start(addresses, name, broker, home, stage.cast, facts, cookies)
    services.drop_database(addresses, name)


class HubLife(RuleBasedStateMachine, Generic[A]):
    """A hub in which people act; a subclass brings the book, the requests and the rules."""

    book: Book[A]
    lock: str
    """The statement that takes the lock under which the acts of this life change anything."""

    def __init__(self, start: Start) -> None:
        super().__init__()
        self.start = start
        self.name = services.clone_database(start.addresses, start.name)
        settings = services.make_settings(start.addresses, self.name, start.broker, start.home)
        self.app = application_on(settings)
        self.app.config["PROPAGATE_EXCEPTIONS"] = True
        self.look = psycopg.connect(start.addresses.database(self.name), autocommit=True)
        tables = [name for (name,) in self.look.execute(UNTOUCHED)]
        self.digest = " UNION ALL ".join(DIGEST.format(name) for name in tables)
        self.rows = self.read_rows()
        self.events = len(self.read_events(0))
        self.kept: list[tuple[A, str, Reply | None]] = []
        """Every act under a key, with the answer that was kept, if one was."""

    def teardown(self) -> None:
        """Give the database back."""
        self.app.database.dispose()
        self.look.close()
        services.drop_database(self.start.addresses, self.name)

    # What a subclass knows --------------------------------------------------------------------------

    def request(self, act: A) -> Request:
        """Return the request that an act is."""
        raise NotImplementedError

    def written(self) -> Book[A]:
        """Return the book that the rows say, having judged what must hold in any case."""
        raise NotImplementedError

    # Reading ----------------------------------------------------------------------------------------

    def now(self) -> dt.datetime:
        """Return the hub's time."""
        (moment,) = self.one("SELECT hub_now()")
        return moment  # type: ignore[no-any-return]

    def one(self, query: str, *values: object) -> tuple[Any, ...]:
        """Return the only row of a query."""
        (row,) = self.look.execute(query.encode(), values).fetchall()
        return row

    def read_rows(self) -> dict[str, str]:
        """Return a digest of every table, so that whatever changes shows."""
        return dict(self.look.execute(self.digest.encode(), prepare=True).fetchall())

    def read_events(self, known: int) -> list[tuple[str, int]]:
        """Return the type of each new event, and how many reactions it is owed."""
        return self.look.execute(EVENTS.encode(), (known,)).fetchall()

    # Acting -----------------------------------------------------------------------------------------

    def send(self, act: A, key: str | None) -> Reply:
        """Send an act as whoever does it, from a browser of their own."""
        asked, player = self.request(act), Player(self.app)
        if act.who in self.start.cookies:
            cookie, player.csrf = self.start.cookies[act.who]
            player.inner.set_cookie(COOKIE, cookie)
        options = {"key": key, **asked.options} if asked.is_keyed else asked.options
        return player.send(asked.method, asked.path, **options)

    def do(self, act: A, key: str | None = None) -> None:
        """Let somebody act, alone; ``key`` repeats what was refused under it before."""
        told = self.book.tell(act, self.now())
        used = key or uuid.uuid4().hex
        reply = self.send(act, used)
        assert reply.status_code == told.status, (act, told, reply.get_data(as_text=True))
        self.settle([(act, told, reply)], told.book)
        if self.request(act).is_keyed:
            self.kept.append((act, used, None if told.is_refused else reply))

    def do_again(self, back: int, *, is_other: bool) -> None:
        """Send an earlier request once more under its key, or another one under that key."""
        if not self.kept:
            return
        act, key, first = self.kept[-1 - back % len(self.kept)]
        if first is None:
            self.do(act, key)
            return
        if is_other:
            player = Player(self.app)
            cookie, player.csrf = self.start.cookies[act.who]
            player.inner.set_cookie(COOKIE, cookie)
            reply = player.post("tokens", {"label": "lain"}, key=key)
            assert reply.status_code == 422, (act, reply.get_data(as_text=True))
        else:
            reply = self.send(act, key)
            demand_same(first, reply)
            assert reply.headers["Idempotency-Replayed"] == "true", act
        assert self.read_rows() == self.rows, act

    def do_at_once(self, one: A, other: A, *, is_held: bool) -> None:
        """Let two act at once: what comes of it must be right for one order or the other."""
        acts, now = (one, other), self.now()
        replies = self.at_once([(act, uuid.uuid4().hex) for act in acts], is_held=is_held)
        written, happened = self.written(), [kind for kind, _ in self.read_events(self.events)]
        for order in ((0, 1), (1, 0)):
            book, told = self.book, {}
            for place in order:
                told[place] = book.tell(acts[place], now)
                book = told[place].book
            if book == written and all(
                is_right(acts[place], replies[place], one) for place, one in told.items()
            ):
                self.settle([(acts[place], told[place], replies[place]) for place in order], book)
                return
        answers = [reply.get_data(as_text=True) for reply in replies]
        raise AssertionError(f"no order explains {acts}: {self.book} -> {written}, {happened}, {answers}")

    def do_twice_at_once(self, act: A) -> None:
        """Let somebody press twice: the same request under the same key, at once."""
        if not self.request(act).is_keyed:
            return
        told, key = self.book.tell(act, self.now()), uuid.uuid4().hex
        first, second = self.at_once([(act, key)] * 2, is_held=False)
        for reply in (first, second):
            assert reply.status_code == told.status, (act, told, reply.get_data(as_text=True))
        if not told.is_refused:
            demand_same(first, second)
            repeated = [reply.headers.get("Idempotency-Replayed") for reply in (first, second)]
            assert Counter(repeated) == {None: 1, "true": 1}, act
        self.settle([(act, told, first)], told.book)

    def at_once(self, sent: Sequence[tuple[A, str]], *, is_held: bool) -> list[Reply]:
        """Send requests in threads; ``is_held``: all have read what they like before one may go on."""
        with ThreadPoolExecutor(len(sent)) as pool:

            def all_sent() -> list[Future[Reply]]:
                return [pool.submit(self.send, act, key) for act, key in sent]

            if is_held:
                with psycopg.connect(self.start.addresses.database(self.name)) as holder:
                    holder.execute(self.lock.encode())
                    futures = all_sent()
                    for _ in range(MOST_LOOKS):
                        (waiting,) = self.one(WAITING)
                        if waiting + sum(future.done() for future in futures) >= len(futures):
                            break
            else:
                futures = all_sent()
            return [future.result() for future in futures]

    def settle(self, done: Sequence[tuple[A, Told[A], Reply]], book: Book[A]) -> None:
        """Demand that answers, events, reactions and rows are those of the book; go on from there."""
        new = self.read_events(self.events)
        expected = [kind for _, told, _ in done for kind in told.events]
        assert sorted(kind for kind, _ in new) == sorted(expected), (done, new)
        for kind, owed in new:
            assert owed == len(consumers_of(kind)), (kind, owed)
        for act, told, reply in done:
            assert is_right(act, reply, told), act
        rows = self.read_rows()
        if all(told.is_refused for _, told, _ in done):
            changed = {name for name in rows if rows[name] != self.rows[name]}
            assert not changed, (done, changed)
        written = self.written()
        assert written == book, (done, written, book)
        self.book, self.rows, self.events = book, rows, self.events + len(new)

    def pass_time(self, by: dt.timedelta) -> None:
        """Let time pass."""
        self.look.execute("UPDATE clock_offset SET offset_by = offset_by + %s", (by,))


def is_right(act: A, reply: Reply, told: Told[A]) -> bool:
    """Return whether an answer is what the book says, and names the events that this very act caused."""
    if told.is_refused and act.who != "stranger":
        # Why not may depend on when was looked: gone, or changed, or hidden.
        return FAILURES <= reply.status_code < FAULTS
    if reply.status_code != told.status:
        return False
    if not reply.is_json or "events" not in reply.json:
        return True
    return [event["type"] for event in reply.json["events"]] == list(told.events)


def demand_same(first: Reply, second: Reply) -> None:
    """Demand that two answers are one."""
    assert (first.status_code, first.get_data()) == (second.status_code, second.get_data())
    assert first.headers.get("ETag") == second.headers.get("ETag")


def people(usually: str) -> Iterator[str]:
    """Return who may try something: mostly somebody who may, sometimes anybody."""
    return itertools.chain([usually] * len(WHO), WHO)
