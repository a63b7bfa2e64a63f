"""F13: a mail server that is away, refuses, hangs, drips or hangs up after it has taken a message."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from tests.faults.driver import Driver
from tests.faults.fault import Fault, Plan, Struck
from tests.faults.mails import Newsroom
from tests.faults.paces import Span, moment, p95
from tests.support.fleet import wait_until
from workers.delivery.due import BACKOFF
from workers.delivery.message import message_id
from workers.delivery.transports.mail import CONNECTION_SECONDS

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

    from tests.faults.mailbox import Mail
    from tests.faults.rig import Rig

RATE = 15
MAILS = {False: 20, True: 200}
UNUSABLE = ("down", "refuse", "421", "hang", "drip")
"""Nobody can be spoken to: that costs no message an attempt."""
SPOKEN_TO = ("450", "550", "close-after-data")
"""Each message has its answer, or none."""
USUAL_SECONDS = 4
SLACK_SECONDS = 0.25
"""How much later than usual reactions may be answered while the mail waits."""
SLOT_SLACK_SECONDS = 1.0
"""What a ring takes beside the server: claiming, writing, settling."""
EARLIEST = 0.8
"""Back-off varies by a fifth."""

MINE = text(
    "SELECT id, occurrence, address, state, attempts, reason FROM deliveries"
    " WHERE event_id = :event AND channel = 'mail' ORDER BY id"
)
REFUSED = text("SELECT count(*) FROM deliveries WHERE state = 'failed' AND reason LIKE '%550%'")
TOOK = re.compile(r"Task deliver\[[^]]+\] succeeded in ([0-9.]+)s")


@dataclass(frozen=True, slots=True)
class Round:
    """The mails of one event that met one mode."""

    mode: str
    event: uuid.UUID

    def mails(self, rig: Rig) -> list[Any]:
        """Return its deliveries."""
        with rig.owner.transaction() as session:
            return list(session.execute(MINE, {"event": self.event}).all())


@dataclass(frozen=True, slots=True)
class Noted:
    """What the server wrote down: messages that it took, and recipients that it refused."""

    taken: list[Mail]
    refused: list[dict[str, Any]]


def run(rig: Rig, plan: Plan) -> Struck:
    """Let the server be ill in each way, and well again; look at the mails before and after."""
    with rig.owner.transaction() as session:
        newsroom = Newsroom(session, readers=MAILS[plan.is_full])
    members = rig.start_all()
    driver = Driver(rig)
    with driver.running(clients=4, rate=RATE):
        driver.wait_for(RATE)
        began = moment(rig)
        time.sleep(USUAL_SECONDS)
        struck = moment(rig)
        rounds = [_meet(rig, newsroom, mode) for mode in UNUSABLE]
        _recover(rig, rounds)
        for mode in SPOKEN_TO:
            rounds.append(_meet(rig, newsroom, mode))
            _recover(rig, rounds)
        ended = moment(rig)
    settled = rig.settle(FAULT.bound_s)
    noted = Noted(rig.sink.received(), rig.sink.log("refused"))
    unmet = [line for met in rounds for line in _judge(rig, met, noted)]
    usual, _ = p95(rig, Span(began, struck))
    ill, count = p95(rig, Span(struck, ended))
    if ill > usual + SLACK_SECONDS:
        unmet.append(f"reactions' p95 {ill:.3f} s while mail waited, {usual:.3f} s before")
    longest = max(float(took) for took in TOOK.findall(members["mail"].log.read_text(errors="replace")))
    if longest > CONNECTION_SECONDS / rig.pace + SLOT_SLACK_SECONDS:
        unmet.append(f"a ring held the mail worker for {longest:.1f} s")
    with rig.owner.transaction() as session:
        refused = int(session.scalar(REFUSED) or 0)
    said = len({(line["to"], line["at"]) for line in noted.refused if line["mode"] == "550"})
    if refused != said:
        unmet.append(f"{said} refused for good, {refused} failed")
    return Struck(
        rig.weakest,
        driver,
        extra={
            "mails": len(rounds) * MAILS[plan.is_full],
            "longest_ring_s": round(longest, 1),
            "p95_s": {"usual": round(usual, 3), "mail_ill": round(ill, 3), "of": count},
        },
        failed=refused,
        unmet=unmet,
        settled_s=settled,
        repeats=sum(mail.mode == "close-after-data" for mail in noted.taken),
    )


def _meet(rig: Rig, newsroom: Newsroom, mode: str) -> Round:
    """Publish to a server that is ill in one way, and wait until each mail has met that."""
    rig.sink.be(mode)
    with rig.app.transaction() as session:
        met = Round(mode, newsroom.publish(session))
    least = 0 if mode in UNUSABLE else 1

    def have_all_met_it() -> bool:
        rows = met.mails(rig)
        return len(rows) == len(newsroom.readers) and all(
            row.attempts >= least and row.reason is not None for row in rows
        )

    wait_until(have_all_met_it, f"every mail has met {mode}")
    rig.strikes.append(rig.in_flight())
    return met


def _recover(rig: Rig, rounds: list[Round]) -> None:
    """Let the server be well, and wait until it has all that it can have."""
    rig.sink.be("ok")
    wait_until(
        lambda: all(row.state != "due" for met in rounds for row in met.mails(rig)), "the mails go out"
    )


def _judge(rig: Rig, met: Round, noted: Noted) -> Iterator[str]:
    """Yield what did not end as it must, by what the server wrote down."""
    host = rig.settings.trusted_host
    refusals = [line for line in noted.refused if line["mode"] == met.mode]
    for row in met.mails(rig):
        identity = message_id(row.id, row.occurrence, host)
        taken = [mail for mail in noted.taken if mail.message_id == identity]
        refused = [line["at"] for line in refusals if line["to"] == row.address]
        cut_off = sum(mail.mode == "close-after-data" for mail in taken)
        said = (
            f"{met.mode}: {row.state} after {row.attempts}, refused {len(refused)}, taken {len(taken)} times"
        )
        if met.mode == "550":
            is_right = (row.state, row.attempts, len(refused), len(taken)) == ("failed", 1, 1, 0)
        else:
            # Each attempt is one that the server saw, whatever else went wrong between: none is charged for
            # another mail's refusal. Where it could not be used, there was but the last.
            is_right = row.state == "sent" and row.attempts == len(refused) + len(taken)
            is_right &= len(taken) == 1 + cut_off
            is_right &= (met.mode in UNUSABLE) == (row.attempts == 1)
        if not is_right:
            yield said
        elif refused and taken and taken[0].at - refused[-1] < EARLIEST * _wait(rig, len(refused)):
            yield f"{said}: again after {taken[0].at - refused[-1]:.1f} s"


def _wait(rig: Rig, attempt: int) -> float:
    return BACKOFF[attempt - 1] / rig.pace


FAULT = Fault(
    "F13",
    "The mail server is away, refuses, hangs, drips, hangs up",
    bound_s=20,
    run=run,
    bound_note="mail is tried again after 30 s of an outage, or on the schedule of its attempts",
)
