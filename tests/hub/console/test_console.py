"""The operator's desk: what needs a hand, a dry run before every replay, and who may do it."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.console.wording import CONSUMERS, EVENTS, PROCESSES
from hub.messaging.heartbeats import SILENT
from hub.messaging.subscriptions import consumers
from hub.registry import event_types
from tests.hub.notifications.stage import Told
from tests.support.client import HubClient
from tests.support.counting import queries_of

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast

REASON = "ValueError: <cannot> digest"


@pytest.fixture
def told(as_app: Database, as_worker: Database, cast: Cast) -> Told:
    return Told(as_app, as_worker, cast, 3)


@pytest.fixture
def operator(app: HubFlask, cast: Cast) -> HubClient:
    return HubClient(app).signed_in(cast.admin)


def park(told: Told, count: int, consumer: str = "partner-record") -> list[uuid.UUID]:
    """Give up so many reactions of one consumer."""
    with told.as_worker.transaction() as session:
        session.execute(
            text(
                "UPDATE reactions SET state = 'parked', attempts = 5, reason = :reason, done_at = NULL"
                " WHERE consumer = :consumer AND event_id = ANY (:events)"
            ),
            {"reason": REASON, "consumer": consumer, "events": told.events[:count]},
        )
    return told.events[:count]


def states(database: Database, consumer: str = "partner-record") -> dict[uuid.UUID, tuple[str, int]]:
    with database.transaction() as session:
        rows = session.execute(
            text("SELECT event_id, state, attempts FROM reactions WHERE consumer = :consumer"),
            {"consumer": consumer},
        )
        return {row.event_id: (row.state, row.attempts) for row in rows}


def audited(database: Database) -> list[tuple[str, str]]:
    with database.transaction() as session:
        rows = session.execute(text("SELECT action, subject FROM audit WHERE actor_label LIKE 'Gilang%'"))
        return [(row.action, row.subject) for row in rows]


def shown(client: HubClient, path: str = "/operations") -> str:
    response = client.get(path)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    ["/operations", "/operations/events", "/operations/replay?consumer=notify", "/api/v1/operations"],
)
def test_only_administrators_operate(app: HubFlask, cast: Cast, path: str) -> None:
    assert HubClient(app).signed_in(cast.overseer).get(path).status_code == 403
    assert HubClient(app).get(path).status_code in (303, 401)


def test_words_for_everything_there_is() -> None:
    assert set(CONSUMERS) == set(consumers())
    assert set(EVENTS) == {name for name, _ in event_types}
    assert set(PROCESSES) == set(SILENT)


def test_desk_says_what_needs_a_hand(operator: HubClient, told: Told) -> None:
    park(told, 2)
    html = shown(operator)
    assert "4 proses tidak memberi tanda" in html
    assert "belum pernah" in html
    assert re.search(r"Per \w+, \d+ \w+ \d{4} pukul", html)
    assert "docker compose up worker-mail" in html
    assert "2 tindak lanjut peristiwa dihentikan" in html
    assert "ValueError: &lt;cannot&gt; digest" in html
    assert f'href="/events/{told.events[0]}"' in html


def test_desk_when_all_is_well(operator: HubClient, told: Told) -> None:
    with told.as_worker.transaction() as session:
        session.execute(text("UPDATE deliveries SET state = 'sent', settled_at = hub_now()"))
        session.execute(text("UPDATE reactions SET state = 'done', done_at = hub_now()"))
        for process in SILENT:
            session.execute(text("INSERT INTO heartbeats (process) VALUES (:p)"), {"p": process})
    html = shown(operator)
    assert "Semua berjalan" in html
    assert "Perlu ditangani" not in html


def test_late_work_is_named(operator: HubClient, told: Told) -> None:
    with told.as_worker.transaction() as session:
        session.execute(
            text("UPDATE deliveries SET due_at = hub_now() - interval '10 minutes' WHERE state = 'due'")
        )
    html = shown(operator)
    assert "jenis pekerjaan terlambat" in html
    assert "10 menit yang lalu" in html


def test_dry_run_then_replay_of_a_consumer(operator: HubClient, told: Told) -> None:
    parked = park(told, 2)
    html = shown(operator, "/operations/replay?consumer=partner-record")
    assert "2 tindak lanjut peristiwa akan dicoba lagi" in html
    assert states(told.as_app)[parked[0]] == ("parked", 5), "a dry run changes nothing"
    response = operator.post_form("/operations/replay", {"consumer": "partner-record"})
    assert (response.status_code, response.headers["Location"]) == (303, "/operations")
    assert [states(told.as_app)[event] for event in parked] == [("due", 0)] * 2
    assert audited(told.as_app) == [("reaction.replayed", f"events/{event}") for event in parked]
    assert "Sedang dicoba lagi: 2" in shown(operator)
    assert "Tidak ada yang dihentikan di sini" in shown(
        operator, "/operations/replay?consumer=partner-record"
    )


def test_replay_of_one(operator: HubClient, told: Told) -> None:
    first, second = park(told, 2)
    key = {"_key": uuid.uuid4().hex, "event_id": str(first), "consumer": "partner-record"}
    for _ in range(2):  # sent twice, done once
        assert operator.post_form("/operations/replay", key).status_code == 303
    assert states(told.as_app)[first] == ("due", 0)
    assert states(told.as_app)[second] == ("parked", 5)
    assert len(audited(told.as_app)) == 1
    operator.post_form("/operations/replay", {"event_id": str(first)})
    assert "Sudah tidak ada yang dihentikan" in shown(operator)


@pytest.mark.parametrize(
    "which",
    [{}, {"consumer": "nobody"}, {"event_id": "x"}, {"event_id": "０" * 36}, {"something": "else"}],
    ids=str,
)
def test_replay_of_nothing_in_particular(operator: HubClient, told: Told, which: dict[str, str]) -> None:
    park(told, 1)
    assert operator.get("/operations/replay", query=dict(which)).status_code == 422
    assert operator.post_form("/operations/replay", which).status_code == 422
    assert operator.post("operations/replay", which).status_code == 422
    assert audited(told.as_app) == []


def test_failed_mail_is_sent_again_once(operator: HubClient, told: Told) -> None:
    with told.as_worker.transaction() as session:
        mail = session.execute(
            text(
                "UPDATE deliveries SET state = 'failed', settled_at = hub_now(), attempts = 6,"
                " reason = '550 no such mailbox'"
                " WHERE id = (SELECT min(id) FROM deliveries) RETURNING id, address"
            )
        ).one()
    html = shown(operator)
    assert "1 surel tidak dapat dikirim" in html
    assert "550 no such mailbox" in html
    response = operator.post_form(f"/operations/mails/{mail.id}/resend", {})
    assert (response.status_code, response.headers["Location"]) == (303, "/operations")
    assert f"Surel ke {mail.address} sedang dikirim lagi" in shown(operator)
    assert audited(told.as_app) == [("delivery.resent", f"deliveries/{mail.id}")]
    operator.post_form(f"/operations/mails/{mail.id}/resend", {})
    assert "sudah sedang dikirim lagi" in shown(operator)
    assert operator.post_form("/operations/mails/999999/resend", {}).status_code == 404
    assert len(audited(told.as_app)) == 1


def test_log_is_read_by_type_and_page(operator: HubClient, told: Told, cast: Cast) -> None:
    html = shown(operator, "/operations/events?limit=2")
    assert re.findall(r'<th scope="row"><a href="/events/([^"]+)"', html) == [
        str(event) for event in reversed(told.events[1:])
    ]
    (rest,) = re.findall(r'href="(/operations/events\?after=[^"]+)" rel="next"', html)
    assert f"{cast.guest.name} mengajukan kunjungan" in shown(operator, rest)
    assert "Belum terjadi" not in html
    only = shown(operator, "/operations/events?type=proposal.submitted")
    assert re.findall(r'<th scope="row"><a href="/events/([^"]+)"', only) == [str(told.events[0])]
    assert "Tidak ada peristiwa jenis ini" in shown(operator, "/operations/events?type=task.closed")
    assert operator.get("/operations/events?type=nonsense").status_code == 422


def test_queries_do_not_grow_with_the_rows(app: HubFlask, operator: HubClient, told: Told) -> None:
    park(told, 1)
    paths = ("/operations", "/operations/events", "/operations/replay?consumer=partner-record")
    few = [queries_of(app, operator, path) for path in paths]
    told.events += [told.happen() for _ in range(20)]
    park(told, 20)
    assert [queries_of(app, operator, path) for path in paths] == few


def test_the_same_by_api(operator: HubClient, told: Told) -> None:
    parked = park(told, 2)
    desk = operator.get("operations").get_json()
    lanes = {lane["name"]: lane for lane in desk["consumers"]}
    assert set(lanes) == set(consumers())
    assert lanes["partner-record"]["given_up"] == 2
    assert desk["mail"]["due"] > 0
    assert desk["mail"]["lag_seconds"] >= 0
    assert {row["process"] for row in desk["processes"] if row["is_missing"]} == set(SILENT)
    assert [row["event_id"] for row in desk["parked"]] == [str(event) for event in parked]
    asked = {"event_id": str(parked[0]), "dry_run": True}
    would = operator.post("operations/replay", asked).get_json()
    assert (would["count"], would["is_dry_run"]) == (1, True)
    assert states(told.as_app)[parked[0]] == ("parked", 5)
    key = uuid.uuid4().hex
    asked = {"event_id": str(parked[0])}
    first = operator.post("operations/replay", asked, key=key)
    again = operator.post("operations/replay", asked, key=key)
    assert first.get_json() == again.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.get_json()["items"] == [
        {"event_id": str(parked[0]), "consumer": "partner-record", "reason": REASON}
    ]
    assert states(told.as_app)[parked[0]] == ("due", 0)
