"""One correlation id leads from the request to the last mail, and no log names a person or holds a token."""

from __future__ import annotations

import dataclasses
import json
import socket
from typing import TYPE_CHECKING, Any

import pytest
import urllib3
from sqlalchemy import text

from config.logs import withheld
from config.processes import web
from hub.accounts.commands.tokens import create_token
from hub.actor import system_actor
from tests.support import world as rows
from tests.support.fleet import Fleet, wait_until
from tests.workers.delivery.sink import Sink, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from hub.db.transaction import Database

NAMES = ("Sutrisna", "Wagiyem", "Kertanegara")
"""Of people who exist in this test only."""
MAILS = 2
"""To the host's head and the overseer: who publishes is told nothing."""
SCRAPER = "scraper-" + "z" * 32


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Yield a mail server that refuses one address, with its name in the refusal."""
    with running(Sink()) as made:
        yield made


@pytest.fixture
def whole(settings: Settings, sink: Sink) -> Iterator[Fleet]:
    """Yield a fleet with a web process, whose mail goes to the sink."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    asked = dataclasses.replace(
        settings, smtp_url=sink.url, base_url=f"http://localhost:{port}", web_bind=f"127.0.0.1:{port}"
    )
    with Fleet(asked) as started:
        yield started


@dataclasses.dataclass(frozen=True)
class Written:
    """What the test wrote beforehand."""

    token: str
    visit_id: int


def write(as_app: Database) -> Written:
    """Write a held visit whose outcome waits to be published, between people with the seeded names."""
    with as_app.transaction() as session:
        region = rows.facility(session, kind="kanwil")
        guest, host = rows.facility(session, region=region), rows.facility(session, region=region)
        head, seat = rows.holder(session, guest, role="head", name=NAMES[0], email="sutrisna@seeded.example")
        _, other = rows.holder(session, host, role="head", name=NAMES[1], email="wagiyem@seeded.example")
        third = rows.person(session, name=NAMES[2], email="kertanegara@seeded.example")
        rows.grant(session, third, "overseer", scope=region)
        story = rows.story(session, guest, host, opened_by=head)
        story.proposal.state, story.visit.state = "accepted", "held"
        session.execute(text("SELECT 1"))
        story.visit.held_at = session.scalar(text("SELECT hub_now()"))
        rows.commit_to(session, story, [(guest, seat), (host, other)], due_on=None)
        session.flush()
        token = create_token(
            session,
            actor=system_actor("test"),
            person_id=head.id,
            label="t",
            days=3,
            scopes=["read", "visits:write"],
        )
        return Written(token.secret, story.visit.id)


def lines(fleet: Fleet) -> list[dict[str, Any]]:
    """Return every structured line of every log, with its member's name."""
    return [
        {"member": member.name, **json.loads(line)}
        for member in fleet.members
        for line in member.log.read_text(encoding="utf-8").splitlines()
        if line.startswith("{")
    ]


def tells_of(line: dict[str, Any], correlation_id: str) -> bool:
    return correlation_id in (line.get("correlation_id"), *line.get("correlation_ids", ()))


def test_one_id_leads_through_every_process_and_no_log_names_anybody(
    whole: Fleet, sink: Sink, as_app: Database, as_owner: Database
) -> None:
    written = write(as_app)
    server = whole.start(
        "web",
        web().command,
        HUB_WEB_BIND=whole.settings.web_bind,
        HUB_WEB_WORKERS="1",
        HUB_METRICS_TOKEN=SCRAPER,
    )
    whole.relay()
    whole.worker("reactions", HUB_METRICS_TOKEN=SCRAPER)
    whole.worker("mail", HUB_METRICS_TOKEN=SCRAPER)
    wait_until(lambda: server.said("Booting worker"), "the web process is up")
    sink.refused, sink.mode = frozenset({"wagiyem@seeded.example"}), "550"
    pool = urllib3.PoolManager(retries=False, timeout=10)
    bearer = {
        "Authorization": f"Bearer {written.token}",
        "Idempotency-Key": "publish-it-just-once",
        "Host": "localhost",
    }
    pool.request("GET", f"{whole.settings.base_url}/invitations/7.1.{'x' * 32}")
    answer = pool.request(
        "POST",
        f"{whole.settings.base_url}/api/v1/visits/{written.visit_id}/outcome/publish",
        json={},
        headers=bearer,
    )
    assert answer.status == 200, answer.data
    correlation_id = answer.headers["X-Correlation-ID"]
    wait_until(lambda: is_settled(as_owner), "every mail is settled")
    # Logs are written after the commit that settles.
    wait_until(lambda: len(heard(whole, correlation_id, "delivery.tried")) == MAILS, "each mail is logged")
    event_id = answer.json()["event_id"]

    (request,) = heard(whole, correlation_id, "request")
    assert (request["member"], request["method"], request["status"]) == ("web", "POST", 200)
    assert request["route"] == "/api/v1/visits/<int:visit_id>/outcome/publish"
    assert request["ms"] > 0
    (appended,) = heard(whole, correlation_id, "event.appended")
    assert (appended["member"], appended["event_id"]) == ("web", event_id)
    (rang,) = heard(whole, correlation_id, "relay.rang")
    assert (rang["member"], rang["task"]) == ("relay", "ring")
    answered = heard(whole, correlation_id, "drain.answered")
    assert {line["consumer"] for line in answered} == {"notify", "open-tasks", "partner-record"}
    assert all(line["events"] == [event_id] for line in answered)
    tried = heard(whole, correlation_id, "delivery.tried")
    assert sorted(line["outcome"] for line in tried) == ["failed", "sent"]
    assert {line["event_id"] for line in tried} == {event_id}
    assert len({line["delivery_id"] for line in tried}) == MAILS

    told = "\n".join(member.log.read_text(encoding="utf-8") for member in whole.members)
    for secret in (*NAMES, "seeded.example", written.token, "x" * 32, SCRAPER):
        assert secret.lower() not in told.lower(), secret

    scraped = pool.request(
        "GET", f"{whole.settings.base_url}/metrics", headers={"Authorization": f"Bearer {SCRAPER}"}
    ).data.decode()
    for sample in (
        'hub_reactions_total{consumer="open-tasks",outcome="done"} 1.0',
        'hub_deliveries_total{channel="mail",outcome="failed"} 1.0',
        'hub_deliveries_total{channel="mail",outcome="sent"} 1.0',
        'hub_reaction_lag_seconds_count{consumer="notify",until="settled"} 1.0',
        'hub_drain_seconds_count{consumer="notify"} 1.0',
        "hub_broker_up 1.0",
    ):
        assert sample in scraped, sample
    assert not any(secret.lower() in scraped.lower() for secret in (*NAMES, event_id, correlation_id))


def heard(fleet: Fleet, correlation_id: str, event: str) -> list[dict[str, Any]]:
    return [line for line in lines(fleet) if line["event"] == event and tells_of(line, correlation_id)]


def is_settled(owner: Database) -> bool:
    with owner.transaction() as session:
        left = session.scalar(text("SELECT count(*) FROM reactions WHERE state = 'due'"))
        mails = session.execute(text("SELECT count(*), count(settled_at) FROM deliveries")).one()
    return bool(left == 0 and mails[0] == mails[1] == MAILS)


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("550 <budi@example.go.id> user unknown", "550 <(address)> user unknown"),
        (
            "no route to postgresql://hub:pw@db.example/hub",
            "no route to postgresql://(withheld)@db.example/hub",
        ),
        (f"GET /invitations/12.3.{'A' * 32}", "GET /invitations/(token)"),
        (f"Bearer hub_{'k' * 43}", "Bearer (token)"),
        (
            "duplicate key\nDETAIL:  Key (name)=(Budi) already exists.\nand on",
            "duplicate key\n(withheld)\nand on",
        ),
        ("INSERT …\n[parameters: {'name': 'Budi'}]\n(Background", "INSERT …\n(withheld)\n(Background"),
        ("01890000-0000-7000-8000-000000000000", "01890000-0000-7000-8000-000000000000"),
        ("2026-11-24T11:18:42.207711Z", "2026-11-24T11:18:42.207711Z"),
    ],
)
def test_what_may_not_stand_in_a_log_is_withheld(said: str, logged: str) -> None:
    assert withheld(said) == logged
