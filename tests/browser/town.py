"""A whole hub that the windows of this suite open: every process real, one hub per xdist worker."""

from __future__ import annotations

import dataclasses
import socket
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import urllib3
from sqlalchemy import text

from hub.cli.demo.client import Visitor
from hub.cli.demo.letters import read_letters
from hub.clock import now, travel
from hub.db.transaction import Database
from tests.support.cast import PASSWORD, add_member, add_unit, build_cast
from tests.support.fleet import Fleet, wait_until

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from config.settings import Settings
    from hub.cli.demo.letters import Letter
    from tests.browser.threads import Furniture
    from tests.support.cast import Cast, Member, Unit

WEB = (sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "hub.wsgi:app")
LONG_NAME = (
    "Lembaga Pemasyarakatan Khusus Kelas IIA Tanjungpinangkotabarusekupanglama "
    "dengan Sarana Asimilasi dan Edukasi Pertanian, Peternakan, dan Perikanan Terpadu "
    "di Wilayah Kepulauan dan Perbatasan Timurlaut"
)
"""A unit's name of 200 characters, one word of it wider than a phone."""
CATCHER = (sys.executable, "-m", "workers.delivery.catcher", "--bind")


class Person(Visitor):
    """A visitor whose sign-in a window may take over."""

    @property
    def cookie(self) -> str:
        """Return the value of the sign-in cookie."""
        return self._cookie.partition("=")[2]


@dataclass(slots=True)
class Town:
    """The running hub as people meet it: its address, its people, the mail it sends and its clock."""

    settings: Settings
    owner: Database
    cast: Cast
    mail: Path
    long_unit: Unit
    long_head: Member
    furniture: Furniture = field(init=False, repr=False)
    _signed_in: dict[int, Person] = field(default_factory=dict)
    _signed_in_at: dict[int, float] = field(default_factory=dict)
    _languages: dict[int, str] = field(default_factory=dict)
    _has_begun: bool = False

    @property
    def base_url(self) -> str:
        """Return the hub's address."""
        return self.settings.base_url

    def member(self, name: str) -> Member | None:
        """Return somebody by the name of their part; nobody for ''."""
        if not name:
            return None
        return self.long_head if name == "long_head" else cast("Member", getattr(self.cast, name))

    def person(self, member: Member) -> Person:
        """Return somebody with an API client, signed in since the clock was last moved."""
        # Once in five minutes, so that nobody is asked to prove again who they are.
        if member.id not in self._signed_in or self._signed_in_at[member.id] < time.monotonic() - 300:
            person = Person(self.base_url)
            person.sign_in(member.email, PASSWORD)
            self._signed_in[member.id], self._signed_in_at[member.id] = person, time.monotonic()
        return self._signed_in[member.id]

    def now(self) -> dt.datetime:
        """Return the hub's time, as the clocks in Jakarta show it."""
        with self.owner.transaction() as session:
            return now(session).astimezone(ZoneInfo("Asia/Jakarta"))

    def speak(self, member: Member, language: str) -> None:
        """Let somebody read the hub in this language, as the button on every page does."""
        if self._languages.get(member.id, "id") != language:
            self.person(member).fill_in("/language", {"language": language, "next": "/me"})
            self.note_language(member, language)

    def note_language(self, member: Member, language: str) -> None:
        """Note which language somebody chose on a page."""
        self._languages[member.id] = language

    def travel(self, to: dt.datetime) -> None:
        """Set the hub's clock forward; everybody signs in anew."""
        with self.owner.transaction() as session:
            assert to > now(session) or not self._has_begun, "the clock of a town only goes forward"
            travel(session, self.settings, to=to)
        self._has_begun = True
        self._signed_in.clear()

    def letters_to(self, address: str | None) -> list[Letter]:
        """Return the mail that an address has got, oldest first."""
        return [letter for letter in read_letters(self.mail) if letter.to == address]

    def invitation_about(self, title: str) -> str:
        """Return the newest link mailed to the host about a proposal; waits for the mail."""
        found: list[str] = []

        def look() -> bool:
            letters = self.letters_to(self.cast.host.mailbox)
            found[:] = [one.invitation for one in letters if one.invitation and title in one.text]
            return bool(found)

        wait_until(look, f"the host is invited to {title!r}")
        return found[-1]

    def park(self, event_id: str, consumer: str, reason: str) -> None:
        """Let a reaction have been given up, as after five failed attempts; for a test's beginning only."""
        with self.owner.transaction() as session:
            parked = session.execute(
                text(
                    "UPDATE reactions SET state = 'parked', attempts = 5, done_at = NULL, reason = :reason"
                    " WHERE event_id = :event AND consumer = :consumer RETURNING event_id"
                ),
                {"event": event_id, "consumer": consumer, "reason": reason},
            ).all()
        assert len(parked) == 1, (event_id, consumer)

    def settle(self, event_id: str) -> None:
        """Wait until nothing of what an event set in motion is due."""
        reader = self.person(self.cast.overseer)

        def is_settled() -> bool:
            totals = reader.get(f"/events/{event_id}/receipt").body["totals"]
            return not totals["reactions_due"] and not totals["mails_due"]

        wait_until(is_settled, f"event {event_id} is settled")


@contextmanager
def running_town(settings: Settings) -> Iterator[Town]:
    """Start a hub on the settings' database with the cast in it; stop it in the end."""
    web_port, mail_port = _free_port(), _free_port()
    here = dataclasses.replace(
        settings,
        base_url=f"http://localhost:{web_port}",
        smtp_url=f"smtp://127.0.0.1:{mail_port}",
        web_bind=f"127.0.0.1:{web_port}",
    )
    mail = here.home / "mail"
    owner = Database.connect(here, "owner")
    try:
        with owner.transaction() as session:
            players = build_cast(session)
            long_unit = add_unit(session, LONG_NAME, "lapas", region=players.region)
            long_head = add_member(session, "Nirmala Tejakusuma", long_unit, "Kalapas", "head")
        with Fleet(here) as fleet:
            fleet.start("mail", (*CATCHER, f"127.0.0.1:{mail_port}", str(mail)))
            web = fleet.start("web", WEB, HUB_WEB_BIND=here.web_bind, HUB_WEB_WORKERS="1")
            fleet.worker("reactions,mail,upkeep")
            fleet.relay()
            wait_until(lambda: _answers(here.base_url) or not web.is_alive, "the web process answers")
            assert web.is_alive, web.log.read_text(encoding="utf-8")
            yield Town(here, owner, players, mail, long_unit, long_head)
    finally:
        owner.dispose()


def _answers(base_url: str) -> bool:
    try:
        answer = urllib3.request("GET", f"{base_url}/healthz", retries=False, timeout=2)
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status == HTTPStatus.OK


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
