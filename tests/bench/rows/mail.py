"""Mail through the whole delivery path, against smtplib that builds and sends one message at a time."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import smtplib
import subprocess
import sys
import time
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.notifications.facts import facts_of
from hub.notifications.letters import notice
from hub.notifications.telling import tell
from tests.bench.stage import stage
from tests.support import world
from workers.delivery.transports.exchange import Exchange, Outgoing

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

    from hub.notifications.letters import Letter
    from tests.bench.harness import Bench
    from tests.bench.stage import Hub

TITLE = "Mail"
AGAINST = "smtplib, one message built and sent at a time, one connection"
LONGEST_SECONDS = 120
PEOPLE = text(
    """
    WITH made AS (
        INSERT INTO people (name, email, locale)
        SELECT CASE WHEN n % 3 = 0 THEN 'Dr. Orang ' || n || ', S.H.' ELSE 'Orang ' || n END,
               'orang' || n || '@mail.test', CASE WHEN n % 5 = 0 THEN 'en' ELSE 'id' END
        FROM generate_series(1, :people) AS n RETURNING id
    )
    INSERT INTO grants (person_id, role) SELECT id, 'overseer' FROM made
    """
)
READERS = text("SELECT name, email FROM people WHERE email LIKE '%@mail.test' ORDER BY id")
LEFT = text("SELECT EXISTS (SELECT FROM deliveries WHERE state = 'due' AND channel = 'mail')")


@dataclass
class Sink:
    """A mail server in a process of its own."""

    process: subprocess.Popen[str]
    port: int

    def taken(self) -> tuple[int, int]:
        """Return how many messages it took, and of how many Message-IDs."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["taken"], answer["identities"]


@contextlib.contextmanager
def sink(*options: str) -> Iterator[Sink]:
    """Run a mail server until the block ends."""
    command = [sys.executable, "-m", "tests.bench.peers.smtp_sink", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Sink(process, json.loads(process.stdout.readline())["port"])
        finally:
            process.stdin.close()
            process.wait(10)


def rows(bench: Bench) -> None:
    """Measure with a server that takes commands in a row, and with one that does not."""
    people = bench.size(1200, 100)
    with stage() as servers:
        for options, goal, note in (
            ((), 4.0, "the server offers PIPELINING, as most do"),
            (("--plain",), None, "the server offers nothing: four round trips a message"),
        ):
            with sink(*options) as mail, servers.hub(smtp_url=f"smtp://127.0.0.1:{mail.port}") as hub:
                path = DeliveryPath(hub, mail, people)
                hub.fleet.relay()
                hub.fleet.worker("mail")
                path.ours()  # the worker's first letters, of both languages
                _take(bench, path, goal=goal, note=note)


def _take(bench: Bench, path: DeliveryPath, *, goal: float | None, note: str) -> None:
    """Take the three figures in turns, each going first in one of three rounds."""
    turns = [path.ours, path.bare, path.limit]
    taken: dict[str, list[float]] = {turn.__name__: [] for turn in turns}
    for _ in range(bench.rounds):
        for turn in turns:
            taken[turn.__name__].append(turn())
        turns.append(turns.pop(0))
    for name, figures, its_goal in (
        ("messages through planned rows, relay, Celery worker, SMTP, settled rows", taken["ours"], goal),
        ("the limit: finished bytes in a row, nothing read, written down or logged", taken["limit"], None),
    ):
        bench.compare_taken(
            name,
            figures,
            taken["bare"],
            against=AGAINST,
            unit="messages/s",
            better="higher",
            goal=its_goal,
            note=note,
        )


class DeliveryPath:
    """An event is told to everybody; all of them want mails."""

    def __init__(self, hub: Hub, mail: Sink, people: int) -> None:
        self.hub = hub
        self.mail = mail
        self.people = people
        with hub.app.transaction() as session:
            guest, host = world.facility(session), world.facility(session)
            self.head, _ = world.holder(session, guest, role="head")
            session.execute(PEOPLE, {"people": people})
            self.story = world.story(session, guest, host, opened_by=self.head)
            self.readers = [(row.name, row.email) for row in session.execute(READERS)]
        with hub.owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))

    def ours(self) -> float:
        """Return messages a second, from the commit that planned them to the last settled row."""
        before = self.mail.taken()
        with self.hub.app.transaction() as session:
            event_id = world.submitted(session, self.story, by=self.head)
        with self.hub.worker.transaction() as session:
            planned = tell(session, [event_id])[event_id]["mails"]
        began = time.perf_counter()
        assert planned == self.people, planned
        self._wait()
        seconds = time.perf_counter() - began
        after = self.mail.taken()
        sent = after[0] - before[0], after[1] - before[1]
        assert sent == (self.people, self.people), f"planned {self.people}, sent and distinct: {sent}"
        return self.people / seconds

    def _wait(self) -> None:
        deadline = time.monotonic() + LONGEST_SECONDS
        with self.hub.owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while connection.scalar(LEFT):
                assert time.monotonic() < deadline, "the mails are not sent"
                time.sleep(0.03)

    def bare(self) -> float:
        """Return messages a second of the plain way: the same letters to the same people."""
        letters = self._letters()
        began = time.perf_counter()
        with smtplib.SMTP("127.0.0.1", self.mail.port) as server:
            for number, (name, address) in enumerate(self.readers):
                server.send_message(_message(letters[number % 5 == 0], name, address))
        return self.people / (time.perf_counter() - began)

    def limit(self) -> float:
        """Return messages a second of the hub's own exchange alone, from a list of finished bytes."""
        letters = self._letters()
        ready = [
            Outgoing(number, address, _message(letters[number % 5 == 0], name, address).as_bytes(policy=SMTP))
            for number, (name, address) in enumerate(self.readers)
        ]
        began = time.perf_counter()
        with smtplib.SMTP("127.0.0.1", self.mail.port) as server:
            server.ehlo()
            verdicts = [verdict for _, verdict in Exchange[int](server, "hub@localhost").send(ready)]
        seconds = time.perf_counter() - began
        assert verdicts == [None] * self.people
        return self.people / seconds

    def _letters(self) -> dict[bool, Letter]:
        with self.hub.app.transaction() as session:
            event_id: uuid.UUID = session.scalars(text("SELECT id FROM events LIMIT 1")).one()
            facts = facts_of(session, [event_id])[event_id]
        return {
            is_english: notice(
                facts,
                locale="en" if is_english else "id",
                zone="Asia/Jakarta",
                base_url=self.hub.settings.base_url,
            )
            for is_english in (True, False)
        }


def _message(letter: Letter, name: str, address: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = Address("Sinergi Hub", addr_spec="hub@localhost")
    message["To"] = Address(name, addr_spec=address)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(dt.datetime.now(dt.UTC))
    message["Message-ID"] = make_msgid(domain="localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message
