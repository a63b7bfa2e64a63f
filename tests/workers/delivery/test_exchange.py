"""A row of messages and a server that answers as its script says: each message has its own verdict."""

from __future__ import annotations

import smtplib
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from workers.delivery.transports.exchange import Exchange, Outgoing, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedRWPair

HANG_UP = b""
ROWS = ["250-script", "250-SIZE 1000", "250 PIPELINING"]
SINGLE = ["250 script"]
OK, GO = b"250 OK\r\n", b"354 go on\r\n"
TAKEN = (OK, OK, GO, OK)


class Script:
    """A server that answers one word after another with what its script says, whatever the word."""

    def __init__(self, greets: list[str], answers: tuple[bytes, ...]) -> None:
        self.greets = greets
        self.answers = list(answers)
        self.heard: list[bytes] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]

    def serve(self) -> None:
        """Speak with one client until the script or the client ends."""
        with self.listening, self.listening.accept()[0] as spoken, spoken.makefile("rwb") as wire:
            spoken.settimeout(5)
            self._say(wire, b"220 script\r\n")
            assert wire.readline().lower().startswith(b"ehlo")
            self._say(wire, "".join(f"{line}\r\n" for line in self.greets).encode())
            is_text = False
            while heard := self._hear(wire, is_text=is_text):
                self.heard.append(heard)
                if not self.answers:
                    self._say(wire, b"221 bye\r\n")
                    return
                answer = self.answers.pop(0)
                if answer == HANG_UP:
                    return
                self._say(wire, answer)
                is_text = heard == b"DATA\r\n" and answer.startswith(b"354")

    @staticmethod
    def _say(wire: BufferedRWPair, words: bytes) -> None:
        wire.write(words)
        wire.flush()

    @staticmethod
    def _hear(wire: BufferedRWPair, *, is_text: bool) -> bytes:
        lines = [wire.readline()]
        while is_text and lines[-1] not in (b".\r\n", b""):
            lines.append(wire.readline())
        return b"".join(lines)


@contextmanager
def scripted(greets: list[str], *answers: bytes) -> Iterator[tuple[Script, smtplib.SMTP]]:
    script = Script(greets, answers)
    thread = threading.Thread(target=script.serve)
    thread.start()
    try:
        with smtplib.SMTP(local_hostname="hub.test", timeout=5) as smtp:
            smtp.connect("127.0.0.1", script.port)
            smtp.ehlo()
            yield script, smtp
    finally:
        thread.join(10)
        assert not thread.is_alive()


def message(number: int) -> Outgoing[int]:
    return Outgoing(number, f"r{number}@unit.test", b"Subject: %d\r\n\r\n.dot\r\n" % number)


def send(smtp: smtplib.SMTP, count: int) -> list[tuple[int, object]]:
    exchange = Exchange[int](smtp, "hub@unit.test")
    return [(one.key, verdict) for one, verdict in exchange.send(message(n) for n in range(1, count + 1))]


def verbs(script: Script) -> list[str]:
    return [heard[:4].decode().strip() for heard in script.heard if not heard.startswith(b"Subject")]


@pytest.mark.parametrize("greets", [ROWS, SINGLE])
def test_each_message_arrives_with_its_dots_stuffed(greets: list[str]) -> None:
    with scripted(greets, *TAKEN * 3) as (script, smtp):
        assert send(smtp, 3) == [(1, None), (2, None), (3, None)]
    size = b" size=20" if greets is ROWS else b""
    assert script.heard[:4] == [
        b"MAIL FROM:<hub@unit.test>" + size + b"\r\n",
        b"RCPT TO:<r1@unit.test>\r\n",
        b"DATA\r\n",
        b"Subject: 1\r\n\r\n..dot\r\n.\r\n",
    ]
    assert verbs(script) == ["MAIL", "RCPT", "DATA"] * 3 + ["QUIT"]


def test_nothing_is_sent_of_an_empty_row() -> None:
    with scripted(ROWS) as (script, smtp):
        assert send(smtp, 0) == []
    assert verbs(script) == ["QUIT"]


def test_verdict_is_told_before_the_next_text_is_sent() -> None:
    with scripted(ROWS, *TAKEN * 2) as (script, smtp):
        row = Exchange[int](smtp, "hub@unit.test").send(message(n) for n in (1, 2))
        next(row)
        assert [heard for heard in script.heard if heard.startswith(b"Subject: 2")] == []
        assert [one.key for one, _ in row] == [2]


@pytest.mark.parametrize("greets", [ROWS, SINGLE])
def test_what_must_come_before_a_text_keeps_it_back_by_failing(greets: list[str]) -> None:
    asked: list[int] = []

    def ask() -> None:
        asked.append(len(asked))
        if len(asked) > 1:
            raise LookupError

    with scripted(greets, *TAKEN * 2) as (script, smtp):
        row = Exchange[int](smtp, "hub@unit.test").send((message(n) for n in (1, 2)), before_text=ask)
        assert next(row)[0].key == 1
        with pytest.raises(LookupError):
            next(row)
        smtp.close()  # the server still waits for the text
    assert [heard for heard in script.heard if heard.startswith(b"Subject: 2")] == []


@pytest.mark.parametrize("greets", [ROWS, SINGLE])
@pytest.mark.parametrize("code", [450, 550])
@pytest.mark.parametrize("stage", [0, 1, 2, 3])
def test_refusal_at_each_word_concerns_one_message(greets: list[str], code: int, stage: int) -> None:
    no = f"{code}-no\r\n{code} never\r\n".encode()
    first: tuple[bytes, ...] = (*TAKEN[:stage], no)
    if greets is ROWS and stage < 2:
        first += (b"503 bad sequence\r\n",) * (2 - stage)
    if stage < 3:
        first += (OK,)  # to RSET
    with scripted(greets, *first, *TAKEN) as (script, smtp):
        verdicts = send(smtp, 2)
    assert verdicts == [(1, Refused(code, b"no\nnever", is_sender=stage == 0)), (2, None)]
    assert ("RSET" in verbs(script)) == (stage < 3)
    assert script.answers == []


def test_server_that_wants_a_text_for_nobody_gets_an_empty_one() -> None:
    no = b"550 no such mailbox\r\n"
    with scripted(ROWS, OK, no, GO, b"554 nobody\r\n", OK, *TAKEN) as (script, smtp):
        assert send(smtp, 2) == [(1, Refused(550, b"no such mailbox")), (2, None)]
    assert script.heard[3] == b".\r\n"
    assert script.answers == []


@pytest.mark.parametrize("greets", [ROWS, SINGLE])
@pytest.mark.parametrize(
    ("answers", "keys"),
    [
        ((HANG_UP,), [1]),
        ((OK, HANG_UP), [1]),
        ((OK, OK, GO, HANG_UP), [1]),
        ((*TAKEN, HANG_UP), [1, 2]),
        ((*TAKEN, OK, OK, HANG_UP), [1, 2]),
        ((b"421 closing\r\n",), [1]),
        ((OK, b"421 closing\r\n"), [1]),
        ((OK, OK, GO, b"421 closing\r\n"), [1]),
        ((*TAKEN, b"421 closing\r\n"), [1, 2]),
        ((b"what?\r\n",), [1]),
        ((OK, b"2" * 9000 + b"\r\n"), [1]),
    ],
)
def test_connection_that_ends_says_nothing_of_messages_that_were_not_tried(
    greets: list[str], answers: tuple[bytes, ...], keys: list[int]
) -> None:
    with scripted(greets, *answers) as (_, smtp):
        verdicts = send(smtp, 3)
        assert smtp.sock is None
    assert [key for key, _ in verdicts] == keys
    assert [verdict is None for _, verdict in verdicts] == [True] * (len(keys) - 1) + [False]


def test_address_with_a_line_break_is_never_said() -> None:
    hostile = Outgoing(1, "a@b.test>\r\nRCPT TO:<c@d.test", b"\r\n")
    with scripted(ROWS) as (script, smtp):
        row = Exchange[int](smtp, "hub@unit.test").send([hostile])
        with pytest.raises(ValueError, match="line break"):
            next(row)
    assert verbs(script) == ["QUIT"]
