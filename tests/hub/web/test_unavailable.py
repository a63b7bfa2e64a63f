"""While the database is away, full or overloaded, the answer is 503 and says when to try again."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import exc, text

from config.settings import ROLES
from hub.db.transaction import Database
from tests.hub.web.toy import toy_app
from tests.support.client import HubClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from config.settings import Settings
    from hub.db.patience import PatientConnection
    from hub.web.application import HubFlask


def expect_unavailable(answer: TestResponse) -> None:
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


@pytest.fixture
def orphan(web_settings: Settings) -> Iterator[HubFlask]:
    """Yield an application whose database is not there."""
    nowhere = dict.fromkeys(ROLES, "postgresql://hub@127.0.0.1:9/nowhere")
    app = toy_app(replace(web_settings, database_urls=nowhere))
    yield app
    app.database.dispose()


def test_without_a_database_everything_that_needs_it_is_503(orphan: HubFlask) -> None:
    client = HubClient(orphan)
    for path in ("/", "/healthz", "me", "/answers/good"):
        expect_unavailable(client.get(path))
    expect_unavailable(client.post("things", {"name": "x"}))
    refused = client.sign_in("a@example.id")
    expect_unavailable(refused)
    assert refused.mimetype == "application/problem+json"
    assert client.get("/").mimetype == "text/html"
    assert client.get("/static/hub.css").status_code == 200
    assert client.get("/api/openapi.json").status_code == 200


def test_the_health_check_asks_the_database(visitor: HubClient) -> None:
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.DiskFull("no space"), 503),
        (errors.QueryCanceled("statement timeout"), 503),
        (errors.LockNotAvailable("lock timeout"), 503),
        (errors.DeadlockDetected("deadlock"), 503),
        (errors.TooManyConnections("too many"), 503),
        (errors.AdminShutdown("going down"), 503),
        (errors.IdleInTransactionSessionTimeout("idle"), 503),
        (errors.UniqueViolation("taken"), 409),
        (errors.ExclusionViolation("taken"), 409),
        (errors.NumericValueOutOfRange("too large"), 422),
        (errors.NotNullViolation("our fault"), 500),
        (errors.UndefinedTable("our fault"), 500),
    ],
)
def test_what_the_database_says_becomes_an_answer(
    toy: HubFlask, member: HubClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(**_options: object) -> None:
        raise exc.DBAPIError.instance("SELECT", {}, error, errors.Error)

    monkeypatch.setitem(toy.view_functions, "toy.only_admins", fail)
    monkeypatch.setitem(
        toy.policies, "toy.only_admins", replace(toy.policies["toy.only_admins"], who="anyone")
    )
    answer = member.get("admins")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_a_pool_without_a_free_connection_is_503(
    web_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.db.engine.POOL_SECONDS", 0.1)
    app = toy_app(web_settings)
    app.database = Database.connect(web_settings, "app", pool_size=1, overflow=0)
    with app.database.transaction() as session:
        session.execute(text("SELECT 1"))
        expect_unavailable(HubClient(app).get("/healthz"))
        expect_unavailable(HubClient(app).get("/"))
    assert HubClient(app).get("/").status_code == 200
    app.database.dispose()


def test_a_connection_that_the_server_ended_is_503_and_the_next_works(
    web_settings: Settings,
) -> None:
    app = toy_app(web_settings)
    entered, ended = threading.Event(), threading.Event()
    answers: list[TestResponse] = []
    pids: list[int] = []

    def wait(**_options: object) -> str:
        from hub.web.request import session  # noqa: PLC0415 -- the view's own session

        pids.append(session().execute(text("SELECT pg_backend_pid()")).scalar_one())
        entered.set()
        assert ended.wait(10)
        session().execute(text("SELECT 1"))
        return "never"

    app.view_functions["site.show_landing"] = wait
    running = threading.Thread(target=lambda: answers.append(HubClient(app).get("/")))
    running.start()
    assert entered.wait(10)
    with psycopg.connect(web_settings.database_urls["owner"]) as login:
        assert login.execute("SELECT pg_terminate_backend(%s, 5000)", pids).fetchone() == (True,)
    ended.set()
    running.join(10)
    expect_unavailable(answers[0])
    assert HubClient(app).get("/healthz").status_code == 200
    app.database.dispose()


def test_a_database_that_says_nothing_is_503_when_the_request_time_is_up(
    web_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = toy_app(web_settings)
    assert HubClient(app).get("/").status_code == 200

    def wait(**_options: object) -> str:
        from hub.web.request import session  # noqa: PLC0415 -- the view's own session

        session().execute(text("SELECT pg_sleep(3)"))
        return "never"

    with monkeypatch.context() as patch:
        patch.setattr("hub.web.application.ANSWER_SECONDS", 0.5)
        patch.setitem(app.view_functions, "site.show_landing", wait)
        began = time.monotonic()
        expect_unavailable(HubClient(app).get("/"))
        assert time.monotonic() - began < 2
    assert HubClient(app).get("/").status_code == 200
    app.database.dispose()


@pytest.mark.parametrize(
    ("fresh_seconds", "verdict"),
    [(0, "replaced"), (5, "the same")],
    ids=["one that was idle is replaced", "one that has just answered is not asked"],
)
def test_a_pooled_connection_that_says_nothing(
    fresh_seconds: float, verdict: str, web_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.db.engine.PING_SECONDS", 0.2)
    monkeypatch.setattr("hub.db.engine.FRESH_SECONDS", fresh_seconds)
    database = Database.connect(web_settings, "app", pool_size=1, overflow=0)
    with database.transaction() as session:
        first = session.execute(text("SELECT pg_backend_pid()")).scalar_one()

    with monkeypatch.context() as patch:
        patch.setattr(type(database.engine.dialect), "_dialect_specific_select_one", "SELECT pg_sleep(3)")
        with database.transaction() as session:
            second = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    assert ("the same" if second == first else "replaced") == verdict
    database.dispose()


def test_a_connection_lost_in_the_commit_says_that_it_may_be_done(
    toy: HubFlask, member: HubClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(connection: PatientConnection) -> None:
        connection.close()
        raise errors.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("hub.db.patience.PatientConnection.commit", lose)
    answer = member.post("things", {"name": "x"})
    expect_unavailable(answer)
    assert answer.json is not None
    assert "dua kali" in answer.json["detail"]
    monkeypatch.undo()
    assert toy.database.engine.pool.status()
