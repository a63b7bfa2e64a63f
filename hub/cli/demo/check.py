"""Compare what the visit caused with what it should have caused: nothing lost, nothing doubled.

The truth is a file written by hand. What was caused is read as people read it: the collaboration's
events and their receipts, everybody's inbox, the units' tasks, the partner records' timelines, and the
messages in the mail catcher's folder.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from hub.cli.demo.cast import CAST, KALAPAS, KARUTAN
from hub.cli.demo.letters import read_letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from hub.cli.demo.letters import Letter
    from hub.cli.demo.stage import Stage

Line = tuple[str, ...]
"""One thing that was caused: ("notify", event type, recipient), ("mail", kind, address), …"""

EVENT = "event"
REACTION = "reaction"
NOTIFY = "notify"
OPEN_TASKS = "open-tasks"
PARTNER_RECORD = "partner-record"
INVITE = "invite"
MAIL = "mail"


@dataclass(slots=True)
class Found:
    """What the visit caused, line by line, and the counts that the verdict gives."""

    lines: Counter[Line] = field(default_factory=Counter)
    parked: int = 0
    partner_records: int = 0
    outcome_to_last_effect_ms: int = 0

    def count(self, kind: str) -> int:
        """Return how many lines of a kind there are."""
        return sum(times for line, times in self.lines.items() if line[0] == kind)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The last line of a check."""

    ok: bool
    events: int
    reactions: int
    notifications: int
    follow_ups: int
    partner_records: int
    mails: int
    lost: int
    doubled: int
    parked: int
    outcome_to_last_effect_ms: int
    seconds: int

    def line(self) -> str:
        """Return the verdict as one line of JSON."""
        return json.dumps(asdict(self))


def read_expected(path: Path) -> Counter[Line]:
    """Return the truth, line by line."""
    truth = orjson.loads(path.read_bytes())
    lines: Counter[Line] = Counter()
    for event, consumers in truth["events"].items():
        lines[EVENT, event] += 1
        for consumer, reached in consumers.items():
            lines[REACTION, event, consumer] += 1
            lines.update((consumer, event, whom) for whom in reached)
    for kind in ("invitation", "notification"):
        for address, times in truth["mails"][kind].items():
            lines[MAIL, kind, address] += times
    return lines


def collect(stage: Stage) -> Found:
    """Read what the visit caused, each thing by the door of those it concerns."""
    found = Found()
    types: dict[str, str] = {}
    for event in stage.events():
        name = event["type"].rpartition(".v")[0]
        types[event["id"]] = name
        found.lines[EVENT, name] += 1
        receipt = stage.receipt(event["id"])
        found.parked += receipt["totals"]["reactions_parked"]
        found.lines.update(_of_receipt(name, receipt))
        if name == "outcome.published":
            found.outcome_to_last_effect_ms = receipt["totals"]["last_effect_ms"] or 0
    for member in CAST:
        for item in stage.visitor(member).every("/inbox"):
            found.lines[NOTIFY, types.get(item["event_id"], "unknown"), member.email] += 1
    _collect_tasks(stage, types, found)
    _collect_records(stage, types, found)
    found.lines.update(of_letters(read_letters(stage.mail_folder)))
    return found


def compare(truth: Counter[Line], found: Found, *, seconds: float, say: Callable[[str], None]) -> Verdict:
    """Return the verdict, after saying line by line what is lost and what is doubled or unexpected."""
    lost, doubled = truth - found.lines, found.lines - truth
    for word, lines in (("lost", lost), ("doubled", doubled)):
        for line, times in sorted(lines.items()):
            say(f"{word}: {' · '.join(line)} ({times})")
    return Verdict(
        ok=not lost and not doubled and not found.parked,
        events=found.count(EVENT),
        reactions=found.count(REACTION),
        notifications=found.count(NOTIFY),
        follow_ups=found.count(OPEN_TASKS),
        partner_records=found.partner_records,
        mails=found.count(MAIL),
        lost=lost.total(),
        doubled=doubled.total(),
        parked=found.parked,
        outcome_to_last_effect_ms=found.outcome_to_last_effect_ms,
        seconds=round(seconds),
    )


def of_letters(letters: Iterable[Letter]) -> Iterator[Line]:
    """Return a line per message; one that came again says so, or it could stand in for a lost one."""
    seen: set[str] = set()
    for letter in letters:
        again = (letter.message_id,) if letter.message_id in seen else ()
        seen.add(letter.message_id)
        yield MAIL, letter.kind, letter.to, *again


def _of_receipt(name: str, receipt: dict[str, Any]) -> Iterator[Line]:
    for reaction in receipt["reactions"]:
        if reaction["state"] == "done":
            yield REACTION, name, reaction["consumer"]
    for asked in receipt["invited"]:
        if asked["mail"] == "sent":
            yield INVITE, name, asked["unit"]


def _collect_tasks(stage: Stage, types: dict[str, str], found: Found) -> None:
    """Read each unit's tasks as its head does."""
    for head in (KARUTAN, KALAPAS):
        for task in stage.visitor(head).every("/tasks", scope="unit", state="all"):
            owner = f"{task['unit']} / {task['owner']}"
            found.lines[OPEN_TASKS, types.get(task["event_id"], "unknown"), owner] += 1


def _collect_records(stage: Stage, types: dict[str, str], found: Found) -> None:
    """Read what each unit knows of its partners, and the timeline of each record."""
    for head in (KARUTAN, KALAPAS):
        visitor = stage.visitor(head)
        facility_id = visitor.get("/me").body["posts"][0]["facility"]["id"]
        for record in visitor.every("/partners", facility_id=facility_id):
            found.partner_records += 1
            timeline = visitor.get(f"/partners/{facility_id}/{record['partner_id']}", limit=100).body[
                "timeline"
            ]
            for entry in timeline["items"]:
                pair = f"{head.unit} / {record['partner']}"
                found.lines[PARTNER_RECORD, types.get(entry["event_id"], "unknown"), pair] += 1
