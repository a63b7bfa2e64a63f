"""GET /metrics: for whoever shows the token; what rows say and what processes counted, never an id."""

from __future__ import annotations

import dataclasses
import errno
import os
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from config import metrics
from config.settings import ROLES
from hub.console import figures
from hub.console import metrics as route
from tests.support.application import application_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from hub.db.transaction import Database

TOKEN = "scrape-" + "0123456789" * 3
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def counted(settings: Settings) -> Iterator[Settings]:
    """Yield settings with a token, for a process that keeps figures."""
    asked = dataclasses.replace(settings, metrics_token=TOKEN)
    metrics.open_figures(asked, "web")
    yield asked
    metrics.close_figures()


def scrape(settings: Settings, *requests: str) -> str:
    app = application_on(settings)
    client = app.test_client()
    for path in requests:
        client.get(path)
    answer = client.get("/metrics", headers=SHOWN)
    app.database.dispose()
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def value(told: str, sample: str) -> float:
    (found,) = re.findall(rf"^{re.escape(sample)} (\S+)$", told, re.MULTILINE)
    return float(found)


def test_without_a_token_in_the_settings_it_is_not_there(settings: Settings) -> None:
    app = application_on(settings)
    assert app.test_client().get("/metrics", headers=SHOWN).status_code == 404
    metrics.open_figures(settings, "web")
    assert metrics.figures() is None, "what nobody may read is not counted"


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer wrong", f"Basic {TOKEN}", "Bearer é"])
def test_who_does_not_show_the_token_is_refused(settings: Settings, header: str | None) -> None:
    app = application_on(dataclasses.replace(settings, metrics_token=TOKEN))
    headers = {} if header is None else {"Authorization": header}
    answer = app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert b"hub_" not in answer.data


def test_rows_are_asked_at_the_scrape(counted: Settings, as_owner: Database) -> None:
    quiet = scrape(counted)
    assert value(quiet, 'hub_reactions_due{consumer="notify"}') == 0
    assert value(quiet, "hub_broker_up") == 0
    assert value(quiet, 'hub_heartbeat_age_seconds{process="relay"}') == float("inf")
    with as_owner.transaction() as session:
        session.execute(
            text(
                """
                WITH happened AS (
                    INSERT INTO events (type, version, subject, actor_kind, actor_label, correlation_id, data)
                    VALUES ('a.b', 1, 'a/1', 'system', 'test', gen_random_uuid(), '{}') RETURNING id
                )
                INSERT INTO reactions (event_id, consumer, state, due_at, reason)
                SELECT id, consumer, state, hub_now() - interval '1 hour', reason FROM happened,
                (VALUES ('notify', 'due', NULL), ('open-tasks', 'parked', 'why'))
                    AS r(consumer, state, reason)
                """
            )
        )
        session.execute(text("INSERT INTO heartbeats (process) VALUES ('broker'), ('relay')"))
    told = scrape(counted)
    assert value(told, 'hub_reactions_due{consumer="notify"}') == 1
    assert 3600 <= value(told, 'hub_reactions_oldest_due_seconds{consumer="notify"}') < 3700
    assert value(told, 'hub_reactions_parked{consumer="open-tasks"}') == 1
    assert value(told, 'hub_deliveries_due{channel="mail"}') == 0
    assert value(told, "hub_broker_up") == 1
    assert value(told, 'hub_heartbeat_age_seconds{process="relay"}') < 20
    assert value(told, 'hub_database_sessions{role="app"}') >= 1
    assert value(told, "hub_database_sessions_most") >= 20


def test_requests_are_counted_by_route_and_status(counted: Settings) -> None:
    told = scrape(counted, "/healthz", "/", "/no/such/1.2.secret", "/collaborations/7")
    assert value(told, 'hub_requests_total{method="GET",route="/healthz",status="200"}') == 1
    assert value(told, 'hub_requests_total{method="GET",route="none",status="404"}') == 1
    assert value(told, 'hub_request_seconds_count{method="GET",route="/"}') == 1
    assert value(told, 'hub_database_pool_connections{kind="most",role="app"}') >= 5
    assert "secret" not in told
    assert "collaborations/7" not in told


def test_it_answers_while_the_database_is_away(counted: Settings) -> None:
    nowhere = dict.fromkeys(ROLES, "postgresql://hub@127.0.0.1:9/nowhere")
    told = scrape(dataclasses.replace(counted, database_urls=nowhere), "/healthz")
    assert value(told, "hub_database_up") == 0
    assert value(told, 'hub_requests_total{method="GET",route="/healthz",status="503"}') == 1


def test_a_scrape_cannot_write(counted: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "ROWS", text("INSERT INTO heartbeats (process) VALUES ('x') RETURNING 1"))
    app = application_on(counted)
    with app.test_request_context(), pytest.raises(DBAPIError, match="read-only transaction"):
        route._ask()  # noqa: SLF001 -- the refusal itself, before it is told as "away"
    app.database.dispose()


def test_slots_are_reused_and_their_figures_go_on(settings: Settings) -> None:
    folder = settings.home / "figures"
    folder.mkdir()
    first, second = metrics.Slot(folder, "web"), metrics.Slot(folder, "web")
    assert (first(), second(), first()) == ("web-0", "web-1", "web-0")
    gauge = folder / "gauge_livesum_web-1.db"
    metrics.forget_the_dead(folder)
    assert gauge.exists(), "its holder lives"
    second.release()
    metrics.forget_the_dead(folder)
    assert not gauge.exists()
    assert metrics.Slot(folder, "web")() == "web-1"


def test_a_file_that_a_crash_left_unreadable_is_begun_anew(settings: Settings) -> None:
    folder = settings.home / "figures"
    folder.mkdir()
    broken = folder / "counter_web-0.db"
    broken.write_bytes(b"\xff\x00\x00\x00" * 64)
    assert metrics.Slot(folder, "web")() == "web-0"
    assert broken.stat().st_size == metrics.ROOM["counter"]


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_costs_the_figures_and_nothing_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.posix_fallocate", no_room)
    asked = dataclasses.replace(settings, metrics_token=TOKEN)
    metrics.open_figures(asked, "web")
    assert metrics.figures() is None
    assert value(scrape(asked, "/"), "hub_database_up") == 1


def test_a_forked_process_takes_a_slot_of_its_own(settings: Settings) -> None:
    folder = settings.home / "figures"
    folder.mkdir()
    slot = metrics.Slot(folder, "worker")
    assert slot() == "worker-0"
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writing, slot().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100) == b"worker-1"
    assert slot() == "worker-0"
    assert metrics.Slot(folder, "worker")() == "worker-1", "the child's is free again, the parent's is not"
    os.close(reading)
    os.close(writing)
