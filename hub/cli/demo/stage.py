"""What the story stands on: the running hub, its doors, its clock, and patience with a limit."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hub.actor import Actor
from hub.cli.demo.cast import KARUTAN
from hub.cli.demo.client import Visitor
from hub.cli.demo.letters import Letter, read_letters
from hub.cli.demo.plot import TITLE, WIB
from hub.clock import now, travel

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from config.settings import Settings
    from hub.cli.demo.cast import Member
    from hub.db.transaction import Database

PATIENCE_SECONDS = 30
"""How long what is due may take; it takes less than one."""
LOOK_EVERY = 0.05
OPERATOR = Actor(kind="system", label="hub demo")


class StoryError(Exception):
    """The story cannot go on; the message says what was waited for."""


@dataclass(slots=True)
class Stage:
    """Where the story plays. ``owner`` may move the clock; nothing else is done through it."""

    base_url: str
    settings: Settings
    mail_folder: Path
    password: str
    owner: Database
    say: Callable[[str], None]
    _signed_in: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, member: Member) -> Visitor:
        """Return somebody of the cast, signed in today."""
        if member.email not in self._signed_in:
            visitor = Visitor(self.base_url)
            self._signed_in[member.email] = visitor.sign_in(member.email, self.password)
        return self._signed_in[member.email]

    def now(self) -> dt.datetime:
        """Return the hub's time as the units' clocks show it."""
        with self.owner.transaction() as session:
            return now(session).astimezone(WIB)

    def travel(self, to: dt.datetime) -> None:
        """Go forward to a moment, once nothing is due any more; never back. Everybody signs in anew."""
        self.settle()
        with self.owner.transaction(OPERATOR) as session:
            if now(session) < to:
                travel(session, self.settings, to=to)
        self._signed_in.clear()
        self.say("")
        self.say(f"{self.now():%a %d %b %Y, %H.%M} WIB")

    def thread(self, member: Member = KARUTAN) -> dict[str, Any] | None:
        """Return the story's collaboration as somebody sees it, or None before it began."""
        found = [item for item in self.visitor(member).every("/collaborations") if item["title"] == TITLE]
        return found[-1] if found else None  # newest first: whoever plays on may use the title again

    def demand_thread(self) -> dict[str, Any]:
        """Return the story's collaboration. Raises StoryError before it began."""
        found = self.thread()
        if found is None:
            raise StoryError("the proposal is not in the list of the unit that wrote it")
        return found

    def events(self) -> list[dict[str, Any]]:
        """Return what has happened so far, oldest first."""
        found = self.thread()
        if found is None:
            return []
        return list(self.visitor(KARUTAN).every(f"/collaborations/{found['id']}/events"))

    def receipt(self, event_id: str) -> dict[str, Any]:
        """Return what an event set in motion."""
        return self.visitor(KARUTAN).get(f"/events/{event_id}/receipt").body

    def settle(self) -> None:
        """Wait until no reaction and no mail of the story is due. Raises StoryError after its patience."""
        for event in self.events():
            self._settle(event)

    def _settle(self, event: dict[str, Any]) -> None:
        self.wait(lambda: not waiting(self.receipt(event["id"])), f"the reactions to {event['type']}")

    def wait(self, happened: Callable[[], object], what: str) -> None:
        """Wait until ``happened()`` is true. Raises StoryError after its patience."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            if time.monotonic() > deadline:
                raise StoryError(f"waited {PATIENCE_SECONDS} s in vain for {what}")
            time.sleep(LOOK_EVERY)

    def letters_to(self, address: str) -> list[Letter]:
        """Return the mail that an address has got, oldest first."""
        return [letter for letter in read_letters(self.mail_folder) if letter.to == address]


def waiting(receipt: dict[str, Any]) -> int:
    """Return how many of an event's reactions and mails are still due; what is parked waits for a person."""
    return int(receipt["totals"]["reactions_due"] + receipt["totals"]["mails_due"])
