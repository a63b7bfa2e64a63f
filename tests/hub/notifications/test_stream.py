"""The live inbox: each notification once, over late inserts, reconnects, cuts and ended sign-ins."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pytest
from sqlalchemy import text

from hub.accounts.proofs import secret_hash
from hub.notifications.fanout import FanOut, Limits
from hub.notifications.positions import is_position
from hub.notifications.stream import NAME
from hub.notifications.telling import tell
from tests.hub.notifications.stage import Told
from tests.support.client import HubClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast

QUICK = Limits(
    tick=0.02, linger=0.01, ask=30, ask_unheard=0.1, heartbeat=0.2, recheck=0.1, reconnect=0.1, frames=8
)
PATIENCE = 10.0


@dataclass
class Message:
    """One message of a stream as a browser reads it."""

    id: str | None = None
    event: str = "message"
    data: Any = None

    @property
    def events(self) -> list[str]:
        """Return the ids of the events it tells of."""
        return [item["event_id"] for item in self.data["items"]] if self.data else []


@dataclass
class Reader:
    """A browser's EventSource: remembers the last id, and reads in a thread of its own."""

    client: HubClient
    after: str | None = None
    messages: list[Message] = field(default_factory=list)
    beats: int = 0
    is_over: bool = False

    def __enter__(self) -> Self:
        self.is_leaving = self.is_over = False
        headers = {"Last-Event-ID": self.after} if self.after else {}
        self.response = self.client.inner.get("/inbox/stream", headers=headers)
        assert self.response.status_code == 200, self.response.get_data(as_text=True)
        assert self.response.mimetype == "text/event-stream"
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_leaving = True
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()

    def _read(self) -> None:
        buffered = b""
        for chunk in self.response.iter_encoded():
            if self.is_leaving:
                break  # what has arrived just now is lost with the connection
            buffered += chunk
            while b"\n\n" in buffered:
                block, _, buffered = buffered.partition(b"\n\n")
                self._take(block.decode())
        self.response.close()
        self.is_over = True

    def _take(self, block: str) -> None:
        message = Message()
        for line in block.split("\n"):
            name, _, value = line.partition(": ")
            if name == "id":
                self.after = value
                message.id = value
            elif name == "event":
                message.event = value
            elif name == "data":
                message.data = json.loads(value)
        if message.data is None:
            self.beats += 1
        else:
            self.messages.append(message)

    @property
    def events(self) -> list[str]:
        """Return the ids of every event told so far, doubles included."""
        return [event for message in self.messages for event in message.events]

    def wait(self, until: Any) -> None:
        """Wait until the condition holds."""
        deadline = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < deadline, (self.messages, self.is_over)
            time.sleep(0.005)  # the stream works in threads of its own


@pytest.fixture
def streams(app: HubFlask) -> Iterator[FanOut]:
    """Yield the application's fan-out with short times; no thread of it outlives the test."""
    made = FanOut(app.database, app.settings.database_urls["app"], limits=QUICK)
    app.extensions[NAME] = made
    yield made
    made.close()


@pytest.fixture
def told(as_app: Database, as_worker: Database, cast: Cast) -> Told:
    return Told(as_app, as_worker, cast, 1)


@pytest.fixture
def reader(app: HubFlask, streams: FanOut, cast: Cast, told: Told) -> Reader:
    del streams, told
    return Reader(HubClient(app).signed_in(cast.host_head))


def test_first_message_counts_and_the_next_tells(reader: Reader, told: Told, streams: FanOut) -> None:
    with reader:
        reader.wait(lambda: reader.messages)
        first = reader.messages[0]
        assert first.event == "inbox"
        assert is_position(first.id or "")
        assert first.data["items"] == []
        assert first.data["unread"] == {"count": 1, "label": "1", "said": "1 belum dibaca"}
        reader.wait(lambda: streams.is_listening)
        event = told.happen()
        told.tell(event)
        reader.wait(lambda: len(reader.messages) > 1)
        news = reader.messages[1].data
        assert [item["event_id"] for item in news["items"]] == [str(event)]
        assert news["items"][0]["sentence"].startswith(told.cast.guest.name)
        assert news["items"][0]["href"] == f"/visits/{told.story.visit.id}"
        assert news["said"] == "1 pemberitahuan baru"
        assert news["unread"]["count"] == 2
        reader.wait(lambda: reader.beats > 1)


def test_nobody_else_hears_of_it(app: HubFlask, streams: FanOut, cast: Cast, told: Told) -> None:
    stranger = Reader(HubClient(app).signed_in(cast.stranger))
    with stranger:
        stranger.wait(lambda: stranger.messages and streams.is_listening)
        told.tell(told.happen())
        stranger.wait(lambda: stranger.beats > 2)
        assert stranger.events == []


def test_resumes_without_gap_or_double_over_late_inserts(
    reader: Reader, told: Told, as_worker: Database
) -> None:
    """Events are told in an order of its own, some while nobody listens, one in a transaction left open."""
    events = [told.happen() for _ in range(30)]
    shuffled = random.Random(6).sample(events, len(events))  # noqa: S311 -- a reproducible shuffle
    late, shuffled = shuffled[0], shuffled[1:]
    with as_worker.transaction() as session:
        # The oldest transaction of all commits last: a counter would have passed it by.
        session.execute(text("SELECT pg_current_xact_id()"))
        tell_in(session, late)
        with reader:
            reader.wait(lambda: reader.messages)
            for event in shuffled[:8]:
                told.tell(event)
            reader.wait(lambda: len(reader.events) == 8)
        for event in shuffled[8:16]:
            told.tell(event)
        with reader:
            reader.wait(lambda: len(reader.events) == 16)
            told.tell(*shuffled[16:20])
            reader.wait(lambda: len(reader.events) == 20)
        told.tell(*shuffled[20:25])
    for event in shuffled[25:]:
        told.tell(event)
    with reader:
        reader.wait(lambda: len(reader.events) >= 30)
    assert sorted(reader.events) == sorted(str(event) for event in events), "no gap"
    assert len(set(reader.events)) == len(reader.events), "no double"


def tell_in(session: Any, event: uuid.UUID) -> None:
    tell(session, [event])


def test_heartbeat_moves_the_position_on(reader: Reader, told: Told) -> None:
    with reader:
        reader.wait(lambda: reader.messages)
        first = reader.after
        told.tell(told.happen())
        reader.wait(lambda: reader.after != first and reader.beats > 3)
    seen = len(reader.events)
    with reader:
        reader.wait(lambda: len(reader.messages) >= 3)
        assert len(reader.events) == seen


def test_list_and_stream_leave_no_gap_between_them(reader: Reader, told: Told) -> None:
    html = reader.client.get("/inbox").get_data(as_text=True)
    position = html.partition('data-position="')[2].partition('"')[0]
    event = told.happen()
    told.tell(event)
    reader.after = position
    with reader:
        reader.wait(lambda: reader.events)
    assert reader.events == [str(event)]


def test_read_elsewhere_changes_the_count(reader: Reader, told: Told, streams: FanOut) -> None:
    with reader:
        reader.wait(lambda: reader.messages and streams.is_listening)
        reader.client.post_form(f"/inbox/{told.events[0]}/read", {})
        reader.wait(lambda: reader.messages[-1].data["unread"]["count"] == 0)
        assert reader.messages[-1].data["unread"]["label"] == ""


def test_revoked_sign_in_ends_the_stream(reader: Reader) -> None:
    with reader:
        reader.wait(lambda: reader.messages)
        reader.client.delete("sign-ins/current")
        reader.wait(lambda: reader.is_over)
    assert reader.client.inner.get("/inbox/stream").status_code == 401


def test_cut_listening_connection_is_replaced(
    reader: Reader, told: Told, streams: FanOut, as_owner: Database
) -> None:
    with reader:
        reader.wait(lambda: reader.messages and streams.is_listening)
        with as_owner.transaction() as session:
            session.execute(text("SET ROLE NONE"))
            ended = session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE query = 'LISTEN hub_inbox' AND datname = current_database()"
                )
            ).all()
        assert len(ended) == 1, "one connection listens, however many streams there are"
        event = told.happen()
        told.tell(event)
        reader.wait(lambda: reader.events == [str(event)])
        reader.wait(lambda: streams.is_listening)
        another = told.happen()
        told.tell(another)
        reader.wait(lambda: len(reader.events) == 2)


def test_stream_without_listening_asks(
    app: HubFlask, cast: Cast, told: Told, reader: Reader, streams: FanOut
) -> None:
    del app, cast
    streams.address = "postgresql://nobody@127.0.0.1:9/nothing"
    with reader:
        reader.wait(lambda: reader.messages)
        assert not streams.is_listening
        told.tell(told.happen())
        reader.wait(lambda: len(reader.events) == 1)


def test_a_waiting_stream_holds_no_connection(reader: Reader, app: HubFlask) -> None:
    with reader:
        reader.wait(lambda: reader.beats)
        reader.wait(lambda: app.database.engine.pool.checkedout() == 0)  # type: ignore[attr-defined]


def test_slow_reader_is_dropped_and_goes_on(app: HubFlask, cast: Cast, told: Told, streams: FanOut) -> None:
    client = HubClient(app).signed_in(cast.host_head)
    slow = streams.open(
        person_id=cast.host_head.id, locale="id", zone="Asia/Jakarta", proof=proof_of(client), after=None
    )
    watch = Reader(client)
    events = [told.happen() for _ in range(QUICK.frames + 3)]
    with watch:
        watch.wait(lambda: watch.messages)
        for number, event in enumerate(events, start=1):
            told.tell(event)
            watch.wait(lambda number=number: len(watch.events) == number)
        watch.wait(lambda: slow.is_ended)
        assert streams.count() == 1
    assert list(slow) == [], "what it had not read comes again when it goes on"


def proof_of(client: HubClient) -> bytes:
    return secret_hash(client.cookie or "")


def test_oldest_stream_of_a_person_gives_way(reader: Reader, streams: FanOut) -> None:
    with reader:
        reader.wait(lambda: reader.messages)
        more = [Reader(reader.client) for _ in range(QUICK.per_person)]
        for one in more:
            one.__enter__()
            one.wait(lambda one=one: one.messages)
        reader.wait(lambda: reader.is_over)
        assert reader.messages[-1].event == "moved"
        assert streams.count() == QUICK.per_person
        for one in more:
            one.__exit__()


@pytest.mark.parametrize(
    "after", ["1:1:", "nonsense", "5:4:", "5:9:4", "5:9:8,7", "９:９:", "1:2:3;DROP", "9" * 3000]
)
def test_odd_and_ancient_positions_lead_to_the_list(reader: Reader, told: Told, after: str) -> None:
    reader.after = after if after.isascii() else after.encode().decode("latin-1")
    if after == "1:1:":
        with told.as_worker.transaction() as session:
            session.execute(
                text(
                    "INSERT INTO tellings (event_id, told_in)"
                    " SELECT id, 3 FROM events ON CONFLICT (event_id) DO UPDATE SET told_in = 3"
                )
            )
    with reader:
        reader.wait(lambda: reader.messages)
        assert reader.messages[0].data["is_behind"] is (after != "1:1:")


def test_far_behind_reads_the_list_anew(reader: Reader, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.notifications.positions.MOST_TELLINGS", 3)
    with reader:
        reader.wait(lambda: reader.messages)
    told.tell(*[told.happen() for _ in range(4)])
    with reader:
        reader.wait(lambda: len(reader.messages) == 2)
        assert reader.messages[1].data["is_behind"]
        assert reader.messages[1].data["unread"]["count"] == 5


def test_nobody_streams_without_a_sign_in(app: HubFlask, streams: FanOut) -> None:
    response = app.test_client().get("/inbox/stream")
    assert response.status_code == 401
    assert (
        app.test_client().get("/inbox/stream", headers={"Authorization": "Bearer hub_x"}).status_code == 401
    )
    assert streams.count() == 0
