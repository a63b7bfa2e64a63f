"""Every alert asks for figures that the hub exports, and says what to do.

promtool is not among the tests' tools: names, labels and brackets are held against a real scrape.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from config import metrics
from config.queues import QUEUES
from tests.support.application import application_on
from tests.support.services import ROOT

if TYPE_CHECKING:
    from config.settings import Settings

GROUPS: list[dict[str, Any]] = yaml.safe_load((ROOT / "docs" / "alerts.yml").read_text(encoding="utf-8"))[
    "groups"
]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"]]
TOKEN = "scrape-" + "0123456789" * 3
PROMETHEUS_OWN = {"up"}
SELECTOR = re.compile(r"\b(hub_\w+|up)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)(?:=~|=|!=)"[^"]*"')
DURATION = re.compile(r"\d+[smh]")
WORDS = {
    *("sum", "max", "rate", "increase", "histogram_quantile", "by", "on", "and"),
    *("le", "consumer", "role", "process"),
}


@pytest.fixture
def exported(settings: Settings) -> dict[str, set[str]]:
    """Return every sample that a hub at work exports, with its labels."""
    metrics.open_figures(dataclasses.replace(settings, metrics_token=TOKEN), "web")
    counted = metrics.figures()
    assert counted is not None
    counted.drained(consumer="notify", count=1, seconds=0.1, claimed=0.1, settled=0.1)
    counted.reaction_failed("notify")
    counted.delivery("sent")
    counted.request(method="GET", route="/", status=200, seconds=0.1)
    app = application_on(dataclasses.replace(settings, metrics_token=TOKEN))
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    app.database.dispose()
    metrics.close_figures()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(answer.get_data(as_text=True)):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_every_figure_that_an_alert_asks_for_is_exported(exported: dict[str, set[str]]) -> None:
    for rule in RULES:
        asked = SELECTOR.findall(rule["expr"])
        assert asked, rule["alert"]
        for name, matchers in asked:
            if name in PROMETHEUS_OWN:
                continue
            assert name in exported, f"{rule['alert']} asks for {name}"
            for label in MATCHER.findall(matchers):
                assert label in exported[name], f"{rule['alert']}: {name} has no label {label}"


def test_every_figure_is_in_the_documents(exported: dict[str, set[str]]) -> None:
    told = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    families = {re.sub(r"_(total|bucket|count|sum|created)$", "", name) for name in exported}
    assert {name for name in families if name not in told} == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_is_well_formed_and_says_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"Hub[A-Za-z]+", rule["alert"])
    assert DURATION.fullmatch(rule.get("for", "1m"))
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"]["do"].endswith(".")
    expr = rule["expr"]
    for opening, closing in ("()", "[]", "{}"):
        assert expr.count(opening) == expr.count(closing), expr
    bare = re.sub(r"\{[^}]*\}|\[\d+[smh]\]|\b(hub_\w+|up)\b", "", expr)
    assert set(re.findall(r"[a-z_]+", bare)) <= WORDS, expr
    assert re.search(r"[<>]=?|==", bare), "an alert compares"


def test_names_are_given_once_and_no_process_is_forgotten() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))
    by_name = {rule["alert"]: rule for rule in RULES}
    assert "process=" not in by_name["HubProcessSilent"]["expr"], f"all of relay and {QUEUES} are watched"
