"""The application as it is shipped: its policies, its description, what it loads."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hub import factory
from hub.clock import travel
from hub.db.transaction import Database
from hub.errors import Conflict
from hub.factory import create_app
from hub.web.policy import Policy, PolicyGapError, joined

if TYPE_CHECKING:
    from config.settings import Settings


def test_a_route_without_a_policy_stops_the_start(
    web_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = {name: row for name, row in factory.POLICIES.items() if name != "accounts.show_me"}
    monkeypatch.setattr(factory, "POLICIES", fewer)
    with pytest.raises(PolicyGapError, match=r"route without a policy: accounts\.show_me"):
        create_app(web_settings)


def test_a_policy_without_a_route_stops_the_start(
    web_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "POLICIES", {**factory.POLICIES, "accounts.gone": Policy("anyone")})
    with pytest.raises(PolicyGapError, match=r"policy without a route: accounts\.gone"):
        create_app(web_settings)


def test_two_rows_for_one_route_stop_the_start() -> None:
    with pytest.raises(PolicyGapError, match="two policies"):
        joined({"a.b": Policy("anyone")}, {"a.b": Policy("admin")})


def test_a_moved_clock_stops_the_start_in_production(settings: Settings) -> None:
    owner = Database.connect(settings, "owner")
    with owner.transaction() as session:
        travel(session, settings, to=dt.datetime(2024, 11, 28, tzinfo=dt.UTC))
    owner.dispose()
    app = create_app(settings)
    app.database.dispose()
    with pytest.raises(Conflict):
        create_app(replace(settings, mode="production"))


def test_the_application_opens_no_connection_before_its_first_request(web_settings: Settings) -> None:
    app = create_app(web_settings)
    assert "database" not in app.__dict__


def test_the_description_is_openapi_and_documents_its_errors(web_settings: Settings) -> None:
    app = create_app(web_settings)
    answer = app.test_client().get("/api/openapi.json")
    spec = answer.get_json()
    assert answer.status_code == 200
    assert spec["openapi"] == "3.1.0"
    routes = {
        rule.rule.split("<", maxsplit=1)[0]
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }
    assert {path.split("{", maxsplit=1)[0] for path in spec["paths"]} == routes
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            assert operation["summary"], path
            fallback = operation["responses"]["default"]
            assert fallback == {"$ref": "#/components/responses/DEFAULT_ERROR"}
            keys = [item["name"] for item in operation.get("parameters", []) if item["in"] == "header"]
            assert ("Idempotency-Key" in keys) == (method == "post"), path
    for response in spec["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]


def test_the_web_process_loads_no_worker_and_no_broker() -> None:
    code = "import hub.factory, sys, json; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    )
    roots = {name.partition(".")[0] for name in loaded}
    assert "flask" in roots
    assert not roots & {"celery", "kombu", "redis", "valkey", "workers"}


def test_the_commands_and_the_web_layers_fields_load_no_flask() -> None:
    code = (
        "import hub.accounts.commands.people, hub.accounts.commands.sign_ins, hub.accounts.commands.tokens,"
        " hub.accounts.commands.throttle, hub.accounts.identity, hub.accounts.schemas, hub.accounts.admin,"
        " hub.web.fields, hub.web.paging, sys; print('flask' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"


def test_no_broker_is_needed(web_settings: Settings) -> None:
    app = create_app(replace(web_settings, redis_url="redis://127.0.0.1:9/0"))
    assert app.test_client().get("/healthz").status_code == 200
    app.database.dispose()
