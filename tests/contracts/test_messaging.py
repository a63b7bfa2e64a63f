"""Every event has its answer, every consumer is known both ways, every queue is listened to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from config.queues import QUEUES, ROUTES
from hub import registry
from hub.cli.document import events_page
from hub.messaging.subscriptions import SILENT, SUBSCRIPTIONS, consumers
from tests.support.fleet import environment
from workers.app import app
from workers.drain.lanes import LANES
from workers.upkeep.schedule import SCHEDULE

if TYPE_CHECKING:
    import pytest

    from config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CONSUMERS = ROOT / "workers" / "consumers"


def test_every_event_is_subscribed_or_declared_silent() -> None:
    names = {name for name, _ in registry.event_types}
    assert names == set(SUBSCRIPTIONS) | set(SILENT)
    assert not set(SUBSCRIPTIONS) & set(SILENT)
    assert all(SUBSCRIPTIONS.values()), "an event nobody answers belongs among the silent ones"
    assert all(SILENT.values()), "a silent event says why"


def test_every_consumer_is_known_both_ways() -> None:
    modules = {path.stem.replace("_", "-") for path in CONSUMERS.glob("*.py")} - {"--init--"}
    assert set(consumers()) == set(LANES) == modules


def test_every_event_is_documented() -> None:
    for (name, version), cls in registry.event_types.items():
        assert cls.__doc__, f"{name} v{version} says what happened"


def test_events_page_is_fresh() -> None:
    assert (ROOT / "docs" / "EVENTS.md").read_text(encoding="utf-8") == events_page(), "run: make docs"


def test_tasks_are_the_four_that_never_change(
    shared_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(shared_settings).items():
        monkeypatch.setenv(name, value)
    own = {name for name in app.tasks if not name.startswith("celery.")}
    assert own == set(ROUTES) == {"ring", "deliver", "upkeep", "import"}
    assert set(ROUTES.values()) == set(QUEUES)
    assert {entry["task"] for entry in SCHEDULE.values()} <= own
