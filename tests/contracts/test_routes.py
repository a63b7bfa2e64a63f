"""Every route has a policy, no GET can write, and the API's description is the one in the docs."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub import factory
from hub.cli.document import api_description
from hub.web.policy import Policy, PolicyGapError, scope_of
from hub.web.request import session
from hub.web.scopes import SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from hub.web.application import HubFlask

ROOT = Path(__file__).resolve().parents[2]
BARE = {
    "static",
    "inbox_pages.stream_inbox",
    "metrics.show_metrics",
    "site.show_health",
    "site.show_openapi",
    "accounts.create_sign_in",
    "account_pages.sign_in_by_form",
    "account_pages.sign_in_by_code",
    "passkey_pages.ask_to_sign_in",
    "passkey_pages.sign_in_by_passkey",
    "passkey_pages.ask_for_second",
    "passkey_pages.finish_by_passkey",
    "provider_pages.begin_sign_in",
    "provider_pages.begin_link",
    "provider_pages.come_back",
    "account_pages.choose_language",
}
"""Routes that look after themselves: each is read here before it may stand in this list."""


@pytest.fixture
def app(shared_settings: Settings) -> Iterator[HubFlask]:
    """Yield the application on a database that these tests do not write to."""
    made = factory.create_app(shared_settings)
    yield made
    made.database.dispose()


def test_every_route_has_a_policy_and_every_policy_a_route(app: HubFlask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(factory.POLICIES)


BROWSER_ONLY = {"accounts.create_token", "accounts.end_sign_in"}
"""What no token does over the API: make tokens, and end a sign-in that it is not."""


def test_every_route_of_the_api_takes_exactly_one_scope(app: HubFlask) -> None:
    """A scope of the table, ``read`` for nothing that changes, and each scope of use somewhere."""
    described = app.test_client().get("/api/openapi.json").get_json()["paths"]
    used: set[str] = set()
    for rule in app.url_map.iter_rules():
        policy = factory.POLICIES[rule.endpoint]
        for method in (rule.methods or set()) - {"OPTIONS"}:
            needed = scope_of(policy, rule, method)
            if policy.who in ("anyone", "link"):
                assert needed is None, rule.endpoint
                continue
            if not rule.rule.startswith("/api/") and policy.scope is None:
                assert needed == "browser", rule.endpoint
                continue
            assert (needed == "browser") == (rule.endpoint in BROWSER_ONLY), rule.endpoint
            assert needed == "browser" or needed in SCOPES, rule.endpoint
            is_reading = needed in ("read", "operations:read")
            assert is_reading == (method in ("GET", "HEAD")), rule.endpoint
            used.add(str(needed))
            if method != "HEAD" and rule.rule.startswith("/api/"):
                path = re.sub(r"<(?:[^<>:]+:)?([^<>:]+)>", r"{\1}", rule.rule)
                said = described[path][method.lower()]["security"]
                taken = [] if needed == "browser" else [{"bearer": [needed]}]
                assert said == [{"cookie": []}, *taken], rule.endpoint
    assert used == {*SCOPES, "browser"}


def test_a_change_without_a_scope_stops_the_start(
    shared_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = dict(factory.POLICIES)
    rows["tasks.close_task"] = dataclasses.replace(rows["tasks.close_task"], scope=None)
    monkeypatch.setattr(factory, "POLICIES", rows)
    with pytest.raises(PolicyGapError, match=r"without a scope: tasks.close_task \(POST\)"):
        factory.create_app(shared_settings)


@pytest.mark.parametrize("strike", ["without a row", "without a route"])
def test_gap_between_routes_and_policies_stops_the_start(
    shared_settings: Settings, monkeypatch: pytest.MonkeyPatch, strike: str
) -> None:
    rows = dict(factory.POLICIES)
    if strike == "without a row":
        del rows["visits.show_visit"]
    else:
        rows["visits.forgotten"] = Policy("anyone")
    monkeypatch.setattr(factory, "POLICIES", rows)
    with pytest.raises(PolicyGapError, match=r"visits\.(show_visit|forgotten)"):
        factory.create_app(shared_settings)


def test_bare_routes_are_the_ones_that_were_read() -> None:
    assert {name for name, policy in factory.POLICIES.items() if policy.is_bare} <= BARE


def test_no_get_can_write(app: HubFlask) -> None:
    """Every GET's view is replaced by one that writes: the database must refuse each of them."""
    refused = set()

    def write(**_arguments: object) -> str:
        with pytest.raises(DBAPIError, match="read-only transaction"):
            session().execute(text("INSERT INTO heartbeats (process) VALUES ('a GET that writes')"))
        session().rollback()
        refused.add(endpoint)
        return "refused"

    client = app.test_client()
    reading = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.methods and "GET" in rule.methods and not factory.POLICIES[rule.endpoint].is_bare
    ]
    for rule in reading:
        endpoint = rule.endpoint
        app.view_functions[endpoint] = write
        app.policies = {
            **app.policies,
            endpoint: dataclasses.replace(app.policies[endpoint], who="anyone", find=None, fresh=False),
        }
        values = {name: "1" if "token" not in name else "1.1.x" for name in rule.arguments}
        if "event_id" in values:
            values["event_id"] = "01890000-0000-7000-8000-000000000000"
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(endpoint, values)
        assert client.get(path).status_code == 200, path
    assert refused == {rule.endpoint for rule in reading}
    assert len(refused) > 10


def test_api_description_is_fresh(app: HubFlask) -> None:
    assert (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8") == api_description(), "run: make docs"
    served = app.test_client().get("/api/openapi.json").get_json()
    assert served["openapi"].startswith("3.1")


def test_every_documented_failure_is_a_problem(app: HubFlask) -> None:
    served = app.test_client().get("/api/openapi.json").get_json()
    for path, operations in served["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            for status, response in operation["responses"].items():
                if status.startswith(("4", "5")) or status == "default":
                    name = response.get("$ref", "").rpartition("/")[2]
                    described = served["components"]["responses"][name] if name else response
                    assert set(described["content"]) == {"application/problem+json"}, (path, method, status)
