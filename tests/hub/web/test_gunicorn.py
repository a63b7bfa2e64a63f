"""The application under its real server: gunicorn with gevent, as ``hub up`` starts it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.cast import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from tests.support.cast import Cast, Member

ROOT = Path(__file__).resolve().parents[3]
JSON = {"Content-Type": "application/json"}
START_SECONDS = 30


class Server:
    """A running gunicorn on a free port."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request on a connection of its own; return status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {"Host": "localhost", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()
        finally:
            connection.close()

    def sign_in(self, who: Member) -> tuple[int, dict[str, str]]:
        """Sign in; return the status and the headers that later requests need."""
        body = json.dumps({"email": who.email, "password": PASSWORD})
        status, headers, answer = self.ask("POST", "/api/v1/sign-ins", body, JSON)
        if status != 201:
            return status, {}
        cookie = headers["Set-Cookie"].partition(";")[0]
        return status, {**JSON, "Cookie": cookie, "X-CSRF-Token": json.loads(answer)["csrf_token"]}


@pytest.fixture(scope="module")
def server(web_settings: Settings, cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield the server, started as the product starts it; its log must name no failure."""
    del cast
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("gunicorn") / "log"
    environment = {
        **os.environ,
        "HUB_MODE": "test",
        "HUB_HOME": str(web_settings.home),
        "HUB_BASE_URL": f"http://localhost:{port}",
        "HUB_WEB_BIND": f"127.0.0.1:{port}",
        "DATABASE_URL": web_settings.database_urls["app"],
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "HUB_SECRET_KEYS": web_settings.secret_keys[0],
        "SMTP_URL": web_settings.smtp_url,
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "hub.wsgi:app"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        running = Server(port)
        _wait(running, process, log)
        yield running
    finally:
        process.terminate()
        process.wait(15)
    assert "request.failed" not in log.read_text(), log.read_text()
    assert "Traceback" not in log.read_text(), log.read_text()


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        try:
            assert server.ask("GET", "/healthz")[0] == 200
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)  # it is starting; only its port tells when it is ready
        else:
            return


def test_two_megabytes_are_answered_not_cut_off(server: Server, cast: Cast) -> None:
    _, known = server.sign_in(cast.guest_head)
    body = json.dumps({"label": "x" * 2_000_000})
    status, headers, answer = server.ask(
        "POST", "/api/v1/tokens", body, {**known, "Idempotency-Key": uuid.uuid4().hex}
    )
    assert (status, headers["Content-Type"]) == (413, "application/problem+json")
    assert json.loads(answer)["code"] == "too-large"


def test_ten_at_once_under_one_key_have_one_effect(server: Server, cast: Cast) -> None:
    _, known = server.sign_in(cast.host_head)
    key = uuid.uuid4().hex

    def send(_number: int) -> int:
        body = json.dumps({"label": key})
        return server.ask("POST", "/api/v1/tokens", body, {**known, "Idempotency-Key": key})[0]

    with ThreadPoolExecutor(10) as pool:
        answers = sorted(pool.map(send, range(10)))
    assert answers == [201] + [409] * 9, "a token's secret is shown once"
    listed = json.loads(server.ask("GET", "/api/v1/tokens", None, known)[2])["items"]
    assert [item["label"] for item in listed].count(key) == 1


def test_slow_passwords_stop_nobody_else(server: Server, cast: Cast) -> None:
    with ThreadPoolExecutor(20) as pool:
        signing = [pool.submit(server.sign_in, member) for member in cast.everybody() for _ in range(2)]
        answered = 0
        while not all(one.done() for one in signing):
            assert server.ask("GET", "/healthz")[0] == 200
            answered += 1
    assert [one.result()[0] for one in signing] == [201] * len(signing)
    assert answered > 1
