"""The account of the visit: its receipt, each side's view, and how to look around; read through the API."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import TYPE_CHECKING, Any

from hub.cli.demo.cast import (
    ADMINISTRATOR,
    KALAPAS,
    KARUTAN,
    KASI_BINADIK,
    KASUBSI_PELAYANAN,
    OVERSEER,
    STRANGER,
)
from hub.cli.demo.client import RefusedError
from hub.cli.demo.letters import read_letters
from hub.cli.demo.plot import WIB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hub.cli.demo.cast import Member
    from hub.cli.demo.stage import Stage

DEEDS = {
    "proposal.submitted": "proposes the visit",
    "invitation.accepted": "accepts by the link in the mail",
    "visit.scheduled": "and so the visit has its date",
    "visit.held": "notes that the visit took place",
    "outcome.published": "publishes the outcome",
    "task.closed": "closes a follow-up",
}
SHOWN = "outcome.published"
"""The event whose receipt is shown."""
SIGN_INS = (
    (KARUTAN, "head of the guest"),
    (KASUBSI_PELAYANAN, "section head of the guest"),
    (KALAPAS, "head of the host"),
    (KASI_BINADIK, "section head of the host"),
    (OVERSEER, "overseer of the region"),
    (ADMINISTRATOR, "administrator"),
    (STRANGER, "head of a unit that takes no part"),
)


def tell_again(stage: Stage) -> None:
    """Say in one line each what has happened, for a story that was played before."""
    stage.say("\nThe visit was played before. What happened:")
    for event in stage.events():
        moment = dt.datetime.fromisoformat(event["time"]).astimezone(WIB)
        name = event["type"].rpartition(".v")[0]
        stage.say(f"  {moment:%a %d %b %Y, %H.%M} WIB  {event['actor']} {DEEDS.get(name, name)}")


def print_account(stage: Stage) -> None:
    """Say what came of the visit, where the hub is, who may sign in, and what to try."""
    event = next(event for event in stage.events() if event["type"].startswith(f"{SHOWN}."))
    lines = [
        *_receipt(stage.receipt(event["id"])),
        *_sides(stage),
        *_doors(stage),
        *_tries(stage, event["id"]),
    ]
    for line in lines:
        stage.say(line)


def _receipt(receipt: dict[str, Any]) -> Iterator[str]:
    took = {reaction["consumer"]: reaction["took_ms"] for reaction in receipt["reactions"]}
    totals = receipt["totals"]
    yield f"\nWHAT THE OUTCOME SET IN MOTION (receipt of {SHOWN})"
    yield (
        f"  notify          {totals['notices']} people told, {totals['mails_sent']} of them by mail as well"
        f"  ({took.get('notify')} ms)"
    )
    for unit, people in groupby(receipt["told"], key=lambda told: told["unit"]):
        yield f"    {unit}: {', '.join(told['post'] for told in people)}"
    yield (
        f"  open-tasks      {totals['tasks']} follow-ups opened, {totals['reminders']} reminders planned"
        f"  ({took.get('open-tasks')} ms)"
    )
    for task in receipt["tasks"]:
        yield f"    {task['unit']}: {task['owner']}, by {_day(task['due_on'])}, {task['state']}"
        yield f"      {task['title']}"
    yield f"  partner-record  {totals['records']} records extended  ({took.get('partner-record')} ms)"
    for record in receipt["records"]:
        yield f"    {record['facility']} about {record['partner']}"
    failed = len(receipt["waiting"])
    yield (
        f"  The last of them was done {totals['last_effect_ms']} ms after the outcome was published; "
        + (f"{failed} of them failed or wait." if failed else "nothing failed, nothing waits.")
    )


def _sides(stage: Stage) -> Iterator[str]:
    yield "\nTHE SAME STORY FROM EACH SIDE"
    thread = stage.demand_thread()
    host, guest = (next(p for p in thread["parties"] if p["role"] == role) for role in ("host", "guest"))
    for head, own, other in ((KARUTAN, guest, host), (KALAPAS, host, guest)):
        path = f"/partners/{own['facility_id']}/{other['facility_id']}"
        record = stage.visitor(head).get(path).body
        yield f"  {_named(head)}, {own['name']}, has this record of {other['name']}:"
        yield (
            f"    {_day(record['first_contact_on'])} to {_day(record['last_contact_on'])}; visits made"
            f" {record['visits_made']}, hosted {record['visits_hosted']}; follow-ups open"
            f" {record['open_follow_ups']}, closed {record['closed_follow_ups']};"
            f" {', '.join(theme['name'] for theme in record['themes'])}"
        )
    seen = stage.thread(OVERSEER)
    records = list(stage.visitor(OVERSEER).every("/partners", facility_id=host["facility_id"]))
    yield (
        f"  {_named(OVERSEER)}, {OVERSEER.unit}, sees {seen['ref'] if seen else 'nothing'}"
        f" and the host's record of {', '.join(record['partner'] for record in records)}"
    )
    try:
        stage.visitor(STRANGER).get(f"/collaborations/{thread['id']}")
    except RefusedError as refused:
        yield f"  {_named(STRANGER)}, {STRANGER.unit}, takes no part and is answered {refused.status}"


def _doors(stage: Stage) -> Iterator[str]:
    yield f"\nTHE HUB RUNS AT {stage.base_url}"
    yield f"  Everybody's password: {stage.password}"
    for member, what in SIGN_INS:
        yield f"    {member.email:<30} {what}: {_named(member)}"
    count = sum(1 for _ in read_letters(stage.mail_folder))
    yield f"  Mail never leaves this machine: {count} messages lie in {stage.mail_folder}"
    yield f"  The hub's clock stands at {stage.now():%A %d %B %Y, %H.%M} WIB and goes on from there"


def _tries(stage: Stage, event_id: str) -> Iterator[str]:
    api = f"{stage.base_url}/api/v1"
    yield "\nTRY (in another terminal)"
    yield f"  curl -sc jar {api}/sign-ins -H 'Content-Type: application/json' \\"
    yield '    -H "Idempotency-Key: $(date +%s%N)" \\'
    yield f'    -d \'{{"email": "{KASI_BINADIK.email}", "password": "{stage.password}"}}\'; echo'
    yield '  show() { curl -sb jar "$1" | python3 -m json.tool --no-ensure-ascii; }'
    for path in ("inbox", "tasks", "collaborations", f"events/{event_id}/receipt"):
        yield f"  show {api}/{path}"
    yield f"  HUB_HOME={stage.settings.home} .venv/bin/hub doctor"


def _named(member: Member) -> str:
    return f"{member.name} ({member.title})"


def _day(text: str) -> str:
    return f"{dt.date.fromisoformat(text):%d %b %Y}"
