"""Random lives of follow-up tasks: closed, taken back and closed anew, by everybody who may and may not.

``make lives`` leads many and longer ones. Two tasks live beside each other: one of the guest's section,
one of the host's.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from hub.db.transaction import Database
from hub.followups.opening import open_tasks
from hub.followups.rules import UNDO_WITHIN
from tests.hub.books import Refused, Told, demand
from tests.hub.lives import HubLife, Request, Start, people, start_from
from tests.support.lives import live

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from tests.hub.visits.stage import Stage
    from tests.support import services

MAY_CLOSE = (("guest_service", "guest_head"), ("host_training", "host_head"))
"""Who holds the task's post, and who heads its unit."""
SEES = ("guest_head", "guest_service", "host_head", "host_training", "overseer")
HAPPENS = {"close": "task.closed", "reopen": "task.reopened"}
NAMES = st.sampled_from(tuple(HAPPENS))
MEETINGS = st.tuples(NAMES, NAMES)
NOTES = st.sampled_from(("Jadwal sudah disusun.", "Modul sudah dikirim."))
SEEN = st.sampled_from(("current", "current", "current", "older", "none"))
TASKS = """
    SELECT t.id, t.state, t.version, t.closed_by_id, t.closed_at, t.closing_note,
           (SELECT count(*) FROM events e WHERE CAST(e.data ->> 'task_id' AS bigint) = t.id),
           (SELECT e.type FROM events e WHERE CAST(e.data ->> 'task_id' AS bigint) = t.id
            ORDER BY e.id DESC LIMIT 1),
           (SELECT array_agg(DISTINCT r.state) FROM reminders r WHERE r.task_id = t.id)
    FROM tasks t ORDER BY t.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAct:
    """Closing a task, or taking that back."""

    name: str
    who: str
    which: int
    seen: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one task stands."""

    version: int = 1
    closed_by: str | None = None
    note: str | None = None
    #: As it was when the closing was asked for, so a moment too early.
    closed_at: dt.datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class TaskBook:
    """What is right for the tasks."""

    tasks: tuple[Standing, ...]

    def tell(self, act: TaskAct, now: dt.datetime) -> Told[TaskAct]:
        """Return what has to come of an act."""
        try:
            demand(act.who in SEES, 404)
            task = (_close if act.name == "close" else _reopen)(self.tasks[act.which], act, now)
        except Refused as refused:
            return Told(refused.status, (), self)
        tasks = (*self.tasks[: act.which], task, *self.tasks[act.which + 1 :])
        return Told(200, (HAPPENS[act.name],), TaskBook(tasks))


def _close(task: Standing, act: TaskAct, now: dt.datetime) -> Standing:
    demand(act.seen is not None, 428)
    demand(act.seen == task.version, 412)
    demand(act.who in MAY_CLOSE[act.which], 403)
    demand(task.closed_by is None, 409)
    return Standing(version=task.version + 1, closed_by=act.who, note=act.note, closed_at=now)


def _reopen(task: Standing, act: TaskAct, now: dt.datetime) -> Standing:
    demand(task.closed_by is not None, 409)
    demand(act.who == task.closed_by, 403)
    assert task.closed_at is not None
    demand(now <= task.closed_at + UNDO_WITHIN, 409)
    return replace(task, version=task.version + 1, closed_by=None, closed_at=None)


def wish(name: str, **choices: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for acts as they are wished for, before anybody has looked what is current."""
    who = st.sampled_from(list(people("guest_service")) + list(people("host_head")))
    which = st.sampled_from((0, 0, 1))
    return st.fixed_dictionaries({"name": st.just(name), "who": who, "which": which, **choices})


WISHES = st.one_of(wish("close", seen=SEEN, note=NOTES), wish("reopen"))


class TaskLife(HubLife[TaskAct]):
    """The tasks of one outcome."""

    book: TaskBook
    lock = "SELECT FROM tasks FOR NO KEY UPDATE"

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self.ids: list[int] = start.facts[1]
        self.names = {getattr(start.cast, who).id: who for who in SEES}
        self.book = self.written()

    @initialize(is_closed=st.booleans(), meeting=MEETINGS)
    def begin(self, is_closed: bool, meeting: tuple[str, str]) -> None:  # noqa: FBT001 -- Hypothesis passes by name
        """Begin with an open task, or with one that has just been closed; two meet then."""
        if is_closed:
            self.do(TaskAct(name="close", who="guest_service", which=0, seen=1, note="Sudah."))
        one, other = meeting
        self.meet(one, other, is_held=True)

    @rule(wished=WISHES)
    def act(self, wished: dict[str, Any]) -> None:
        """Let somebody act."""
        self.do(self.meant(wished))

    @rule(one=WISHES, other=WISHES, is_held=st.booleans())
    def act_at_once(self, one: dict[str, Any], other: dict[str, Any], is_held: bool) -> None:  # noqa: FBT001 -- Hypothesis passes by name
        """Let two act at once."""
        self.do_at_once(self.meant(one), self.meant(other), is_held=is_held)

    @rule(one=NAMES, other=NAMES, is_held=st.booleans())
    def meet(self, one: str, other: str, is_held: bool) -> None:  # noqa: FBT001 -- Hypothesis passes by name
        """Let who closes and reopens do so in two windows at once, each showing what is current."""
        seen = self.book.tasks[0].version
        first, second = (
            TaskAct(name=name, who="guest_service", which=0, seen=seen, note=f"{number}. Sudah.")
            for number, name in enumerate((one, other))
        )
        self.do_at_once(first, second, is_held=is_held)

    @rule(wished=WISHES)
    def act_twice_at_once(self, wished: dict[str, Any]) -> None:
        """Let somebody press twice."""
        self.do_twice_at_once(self.meant(wished))

    @rule(back=st.integers(0, 3), is_other=st.booleans())
    def send_again(self, back: int, is_other: bool) -> None:  # noqa: FBT001 -- Hypothesis passes by name
        """Send an earlier request again."""
        self.do_again(back, is_other=is_other)

    @rule(seconds=st.sampled_from((61, 301)))
    def time_passes(self, seconds: int) -> None:
        """Let it become too late."""
        self.pass_time(dt.timedelta(seconds=seconds))

    @rule()
    def open_once_more(self) -> None:
        """Let a worker answer the outcome a second time, as after a crash: no task opens twice."""
        answer_outcome(self.app.settings, self.start.facts[0])
        assert self.read_rows() == self.rows

    @invariant()
    def closed_is_what_its_last_event_says(self) -> None:
        """Demand what must hold whatever the book says."""
        for _, state, version, _, _, _, events, last, reminders in self.look.execute(TASKS):
            assert (state == "closed") == (last == "task.closed"), (state, last)
            assert version == 1 + events, "each event has its version"
            assert reminders == (["cancelled"] if state == "closed" else ["planned"]), (state, reminders)

    def meant(self, wished: dict[str, Any]) -> TaskAct:
        """Return what somebody does who has seen the task, or an older version of it."""
        version = self.book.tasks[wished["which"]].version
        seen = {"current": version, "older": version - 1, "none": None}[wished.get("seen", "none")]
        return TaskAct(**{**wished, "seen": seen})

    def request(self, act: TaskAct) -> Request:
        """Return the request that an act is."""
        path = f"tasks/{self.ids[act.which]}/{act.name}"
        if act.name == "reopen":
            return Request("POST", path, {})
        return Request("POST", path, {"json": {"note": act.note}, "version": act.seen})

    def written(self) -> TaskBook:
        """Return the book that the rows say."""
        rows = {row[0]: row for row in self.look.execute(TASKS)}
        standings = []
        for number in self.ids:
            _, state, version, closed_by, closed_at, note, *_ = rows[number]
            assert (state == "closed") == (closed_at is not None) == (closed_by is not None)
            standings.append(
                Standing(version=version, closed_by=self.names.get(closed_by), note=note, closed_at=closed_at)
            )
        return TaskBook(tuple(standings))


def answer_outcome(settings: Settings, event_id: uuid.UUID) -> None:
    """Open the tasks of an outcome as a worker does."""
    worker = Database.connect(settings, "worker", pool_size=1)
    try:
        with worker.transaction() as session:
            open_tasks(session, [event_id])
    finally:
        worker.dispose()


def play(stage: Stage) -> tuple[uuid.UUID, list[int]]:
    """Publish an outcome and let a worker open its tasks; return the event and a task of each unit."""
    visit = stage.held()
    head = stage.client(stage.cast.guest_head)
    path = f"visits/{visit['id']}/outcome"
    assert head.put(path, stage.outcome(), version=visit["version"]).status_code == 200
    event_id = uuid.UUID(head.post(f"{path}/publish").json["event_id"])
    answer_outcome(stage.settings, event_id)
    tasks = head.get("tasks", query={"scope": "unit", "facility_id": stage.cast.guest.id}).json["items"]
    tasks += head.get("tasks", query={"scope": "unit", "facility_id": stage.cast.host.id}).json["items"]
    owned = {task["owner_post_id"]: task["id"] for task in tasks}
    return event_id, [owned[who.post_id] for who in (stage.cast.guest_service, stage.cast.host_training)]


@pytest.fixture(scope="module")
def start(
    service_addresses: services.Addresses, broker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Start]:
    """Yield a database in which an outcome was published and its tasks are open."""
    home = tmp_path_factory.mktemp("lives")
    with start_from(service_addresses, broker_number, home, play) as made:
        yield made


def test_tasks_keep_their_promises_in_any_life(start: Start) -> None:
    live(lambda: TaskLife(start), usual=5, steps=12)
