"""docker-compose.yml runs what `hub up` runs, holds no secret, and each of its commands works as it stands.

No Docker engine is needed: every command of the hub's own image is started as a plain process, with
the variables that the file gives it, and its health check is asked.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import yaml

from config.child import as_parent, wrapped
from config.processes import application
from config.queues import QUEUES
from tests.support.services import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN = {name: service for name, service in SERVICES.items() if service.get("image") == "sinergi-hub"}
PATIENCE = 60
VARIABLE = re.compile(r"\$\{[A-Z_]+(:[-?].*)?\}")


def test_it_runs_every_process_of_hub_up() -> None:
    assert {process.name for process in application()} | {"migrate"} == set(OWN)
    assert {"postgres", "valkey", "mailpit"} == set(SERVICES) - set(OWN)


def test_every_queue_has_a_worker_and_every_worker_a_queue() -> None:
    listened = {
        name: service["command"][service["command"].index("--queues") + 1]
        for name, service in OWN.items()
        if "worker" in service["command"]
    }
    assert listened == {f"worker-{queue}": queue for queue in QUEUES}


def test_workers_scale() -> None:
    for name, service in SERVICES.items():
        assert "container_name" not in service, name
        if name.startswith("worker-"):
            assert "ports" not in service
            assert service["command"][service["command"].index("--pool") + 1] == "prefork"
            assert "--hostname" not in service["command"], "two containers would share a name"


def test_it_holds_no_secret() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN|_KEYS?$|DATABASE_URL", variable):
                assert VARIABLE.fullmatch(value), f"{name}: {variable} stands in the file"
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert not re.search(r"://[^\s${}/@]+:[^\s${}/@]+@", text), "an address with a password"


def test_services_wait_for_what_they_need_and_keep_their_data() -> None:
    assert "healthcheck" in SERVICES["postgres"]
    assert "healthcheck" in SERVICES["valkey"]
    for name, service in OWN.items():
        waits = service["depends_on"]
        if name == "migrate":
            assert waits == {"postgres": {"condition": "service_healthy"}}
            assert service["restart"] == "no"
        else:
            assert waits["migrate"]["condition"] == "service_completed_successfully"
            assert waits["valkey"]["condition"] == "service_healthy"
    for name in ("postgres", "mailpit", "web"):
        volume = SERVICES[name]["volumes"][0].partition(":")[0]
        assert volume in COMPOSE["volumes"]


def test_every_variable_it_needs_stands_in_the_example() -> None:
    example = (ROOT / "config" / "env.example").read_text(encoding="utf-8")
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for variable in set(re.findall(r"\$\{([A-Z_]+)", text)) - {"HUB_PUBLISHED_PORT"}:
        assert re.search(rf"^#?{variable}=", example, re.MULTILINE), variable


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def variables(settings: Settings) -> dict[str, str]:
    """Return what compose would set, for this test's database and broker."""
    port = free_port()
    given = {
        "HUB_MODE": "test",
        "HUB_BASE_URL": f"http://localhost:{port}",
        "HUB_SECRET_KEYS": settings.secret_keys[0],
        "DATABASE_URL": settings.database_urls["app"],
        "REDIS_URL": settings.redis_url,
        "SMTP_URL": settings.smtp_url,
        "HUB_MAIL_FROM": settings.mail_from,
        "HUB_TRUSTED_PROXIES": "0",
        "HUB_LOG_LEVEL": "INFO",
        "HUB_METRICS_TOKEN": "",
        "HUB_SECOND_FACTOR": "required",
        "HUB_OIDC_ISSUER": "",
        "HUB_OIDC_CLIENT_ID": "",
        "HUB_OIDC_CLIENT_SECRET": "",
        "HUB_OIDC_NAME": "",
        "HUB_WEB_BIND": f"127.0.0.1:{port}",
        "HUB_WEB_WORKERS": "1",
    }
    assert set(SERVICES["web"]["environment"]) == set(given)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return as_parent({**given, "PATH": path, "HUB_HOME": str(settings.home)})


@pytest.fixture
def running(variables: dict[str, str], tmp_path: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Yield every lasting service of the hub's image, as a process; all are stopped at the end."""
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, service in OWN.items():
            if name == "migrate":
                continue
            with (tmp_path / f"{name}.log").open("wb") as log:
                started[name] = subprocess.Popen(
                    wrapped(service["command"]),
                    env=variables,
                    cwd=tmp_path,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        yield started
    finally:
        for process in started.values():
            process.send_signal(signal.SIGTERM)
        for process in started.values():
            process.wait(PATIENCE)


def wait_for_signs_of_life(
    connection: psycopg.Connection, running: dict[str, subprocess.Popen[bytes]], logs: Path
) -> None:
    """Return when each process has shown itself in the database."""
    expected = {name for name in running if name not in {"web", "beat"}}
    deadline = time.monotonic() + PATIENCE
    while {row[0] for row in connection.execute("SELECT process FROM heartbeats")} < expected:
        for name, process in running.items():
            assert process.poll() is None, (logs / f"{name}.log").read_text(encoding="utf-8")
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.timeout(150)
def test_every_command_starts_and_answers_its_health_check(
    running: dict[str, subprocess.Popen[bytes]], variables: dict[str, str], tmp_path: Path
) -> None:
    subprocess.run(OWN["migrate"]["command"], env=variables, check=True, capture_output=True)
    with psycopg.connect(variables["DATABASE_URL"], autocommit=True) as connection:
        wait_for_signs_of_life(connection, running, tmp_path)
    checks = {
        name: service["healthcheck"]["test"] for name, service in OWN.items() if "healthcheck" in service
    }
    assert set(checks) == set(OWN) - {"migrate", "beat"}
    for name, (kind, *command) in checks.items():
        assert kind == "CMD"
        asked = subprocess.run(
            command, env=variables, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert asked.returncode == 0, f"{name}: {asked.stdout}{asked.stderr}"
    # Workers are heard of through beat and the broker, so beat works, too.
    assert running["beat"].poll() is None
